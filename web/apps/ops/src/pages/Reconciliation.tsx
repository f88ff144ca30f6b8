// Each channel's days held against the books, and the differences that people end, two for each.
import { api, client, once, type Schemas } from "@tiao/api";
import { Dialog } from "@tiao/desk/Dialog";
import { useMay, useWho } from "@tiao/desk/Desk";
import { List } from "@tiao/desk/paging";
import { usePages } from "@tiao/ui/pages";
import { Refusal } from "@tiao/desk/Refusal";
import { refusedLast, useSpeech } from "@tiao/ui";
import { useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Flex, Form, Input, Select, Table, Tabs, Tag, Typography } from "antd";
import { useState } from "react";
import { Money } from "../parts/Shown";

type Difference = Schemas["DifferencePage"]["data"][number];
const ENDINGS = ["suspend", "correct", "write_off", "take_in", "accept"] as const;

export default function Reconciliation() {
  const { t } = useSpeech();
  return (
    <>
      <Typography.Title level={1}>{t("ops.nav.reconciliation")}</Typography.Title>
      <Alarms />
      <Tabs
        items={[
          { key: "differences", label: t("recon.differences"), children: <Differences /> },
          { key: "days", label: t("recon.days"), children: <Days /> },
        ]}
      />
    </>
  );
}

function Alarms() {
  const { t, money } = useSpeech();
  const { data } = api.useQuery("get", "/v1/payment_alarms", {});
  if (!data || data.unknown_late + data.files_late + data.differences_late === 0) return null;
  return (
    <Alert
      type="error"
      showIcon
      title={t("recon.alarms", {
        unknown: data.unknown_late,
        files: data.files_late,
        differences: data.differences_late,
        suspended: money(data.suspended_minor),
      })}
    />
  );
}

function Days() {
  const { t, code, day } = useSpeech();
  const { data, error, isPending } = api.useQuery("get", "/v1/channel_days", { params: { query: { limit: 60 } } });
  return (
    <>
      <Refusal error={error} />
      <Table
        size="small"
        loading={isPending}
        rowKey={(row) => row.channel + row.business_date}
        pagination={false}
        dataSource={data?.data ?? []}
        scroll={{ x: "max-content" }}
        columns={[
          { title: t("recon.day"), render: (_, row) => day(row.business_date) },
          { title: t("recon.channel"), dataIndex: "channel" },
          { title: t("recon.state"), render: (_, row) => <Tag>{code("recon.day_state", row.state)}</Tag> },
          { title: t("recon.rows"), align: "right", render: (_, row) => row.rows.toLocaleString() },
          { title: t("recon.matched"), align: "right", render: (_, row) => row.matched.toLocaleString() },
          {
            title: t("recon.different"),
            align: "right",
            render: (_, row) => <span className={row.different > 0 ? "late" : ""}>{row.different}</span>,
          },
          { title: t("recon.debited"), align: "right", render: (_, row) => <Money minor={row.debited_minor} /> },
          { title: t("recon.paid_out"), align: "right", render: (_, row) => <Money minor={row.paid_out_minor} /> },
          { title: t("recon.fee"), align: "right", render: (_, row) => <Money minor={row.channel_fee_minor} /> },
        ]}
      />
    </>
  );
}

function Differences() {
  const { t, code, day } = useSpeech();
  const who = useWho();
  const may = useMay("payments:write");
  const queries = useQueryClient();
  const [proposing, setProposing] = useState<Difference | null>(null);
  const pages = usePages(["differences"], (after) =>
    client.GET("/v1/channel_differences", { params: { query: { limit: 50, after } } }),
  );
  const renew = { onSuccess: () => queries.invalidateQueries() };
  const approve = api.useMutation("post", "/v1/channel_differences/{difference_id}/approval", renew);
  const withdraw = api.useMutation("post", "/v1/channel_differences/{difference_id}/withdrawal", renew);
  const about = (row: Difference) => ({ params: { path: { difference_id: row.id }, header: once() } });
  return (
    <>
      <Refusal error={refusedLast(approve, withdraw)} />
      <List
        pages={pages}
        columns={[
          { title: t("recon.day"), render: (_, row) => day(row.business_date) },
          { title: t("recon.channel"), dataIndex: "channel" },
          { title: t("recon.kind"), render: (_, row) => <Tag color="warning">{code("recon.kind", row.kind)}</Tag> },
          {
            title: t("recon.ours"),
            align: "right",
            render: (_, row) => row.ours_minor !== null && <Money minor={row.ours_minor} />,
          },
          {
            title: t("recon.theirs"),
            align: "right",
            render: (_, row) => row.theirs_minor !== null && <Money minor={row.theirs_minor} />,
          },
          { title: t("contradiction.days"), align: "right", dataIndex: "days_open" },
          { title: t("recon.state"), render: (_, row) => <Tag>{code("recon.state", row.state)}</Tag> },
          {
            title: t("recon.request"),
            render: (_, row) => <span className="id">{row.request_no ?? row.channel_no ?? ""}</span>,
          },
          {
            title: "",
            render: (_, row) =>
              may &&
              row.state !== "closed" && (
                <Flex gap="small">
                  {row.proposed === null ? (
                    <Button size="small" onClick={() => setProposing(row)}>
                      {t("recon.propose")}
                    </Button>
                  ) : (
                    <>
                      <Button
                        size="small"
                        disabled={row.maker === who.subject}
                        title={row.maker === who.subject ? t("policy.not_your_own") : (row.note ?? "")}
                        onClick={() => approve.mutate(about(row))}
                      >
                        {t("recon.approve", { ending: code("recon.ending", row.proposed) })}
                      </Button>
                      <Button size="small" danger onClick={() => withdraw.mutate(about(row))}>
                        {t("policy.withdraw")}
                      </Button>
                    </>
                  )}
                </Flex>
              ),
          },
        ]}
      />
      {proposing && <Propose row={proposing} onClose={() => setProposing(null)} />}
    </>
  );
}

function Propose({ row, onClose }: { row: Difference; onClose: () => void }) {
  const { t, code } = useSpeech();
  const queries = useQueryClient();
  const [form] = Form.useForm<Schemas["EndingProposed"]>();
  const [header] = useState(once);
  const propose = api.useMutation("post", "/v1/channel_differences/{difference_id}/proposal", {
    onSuccess: () => {
      onClose();
      return queries.invalidateQueries();
    },
  });
  const required = [{ required: true, message: t("form.required") }];
  return (
    <Dialog
      title={`${t("recon.propose")} · ${code("recon.kind", row.kind)}`}
      onCancel={onClose}
      onOk={form.submit}
      okButtonProps={{ loading: propose.isPending }}
    >
      <Form
        form={form}
        layout="vertical"
        onFinish={(body) => propose.mutate({ params: { path: { difference_id: row.id }, header }, body })}
      >
        <Form.Item label={t("recon.ending")} name="ending" rules={required}>
          <Select options={ENDINGS.map((value) => ({ value, label: code("recon.ending", value) }))} />
        </Form.Item>
        <Form.Item label={t("case.reason")} name="note" rules={required}>
          <Input maxLength={200} />
        </Form.Item>
        <Refusal error={propose.error} />
      </Form>
    </Dialog>
  );
}
