// Who is blocked, let through or watched, until when, and who says so. What lets through needs a second person.
import { api, client, once, type Schemas } from "@tiao/api";
import { Dialog } from "@tiao/desk/Dialog";
import { useWho } from "@tiao/desk/Desk";
import { List } from "@tiao/desk/paging";
import { usePages } from "@tiao/ui/pages";
import { Refusal } from "@tiao/desk/Refusal";
import { refusedLast, useSpeech } from "@tiao/ui";
import { useQueryClient } from "@tanstack/react-query";
import { Button, Flex, Form, Input, Popconfirm, Segmented, Select, Tag, Typography } from "antd";
import { useState } from "react";

type Kind = Schemas["ListKind"];
const KINDS = ["block", "watch", "allow"] as const;
const ENTITIES = ["customer", "device", "card", "ip", "phone", "address", "merchant"] as const;

export default function Lists() {
  const { t, code, instant } = useSpeech();
  const who = useWho();
  const queries = useQueryClient();
  const [list, setList] = useState<Kind>("block");
  const [isAdding, setAdding] = useState(false);
  const pages = usePages(["lists", list], (after) =>
    client.GET("/v1/risk_lists", { params: { query: { list, limit: 50, after } } }),
  );
  const renew = { onSuccess: () => queries.invalidateQueries() };
  const approve = api.useMutation("post", "/v1/risk_lists/{entry_id}/approval", renew);
  const end = api.useMutation("post", "/v1/risk_lists/{entry_id}/end", renew);
  return (
    <>
      <Flex justify="space-between" align="center" wrap gap="small">
        <Typography.Title level={1}>{t("ops.nav.lists")}</Typography.Title>
        <Flex gap="small">
          <Segmented
            value={list}
            onChange={setList}
            options={KINDS.map((value) => ({ value, label: code("list", value) }))}
          />
          <Button type="primary" onClick={() => setAdding(true)}>
            {t("list.add")}
          </Button>
        </Flex>
      </Flex>
      <Refusal error={refusedLast(approve, end)} />
      <List
        pages={pages}
        columns={[
          { title: t("list.entity"), render: (_, row) => code("entity", row.entity) },
          { title: t("list.value"), render: (_, row) => <span className="id">{row.shown}</span> },
          {
            title: t("list.state"),
            render: (_, row) => (
              <Tag color={row.is_in_force ? "success" : "default"}>
                {t(row.is_in_force ? "list.in_force" : row.ended_at ? "list.ended" : "list.waiting")}
              </Tag>
            ),
          },
          { title: t("list.origin"), render: (_, row) => code("origin", row.origin) },
          { title: t("list.expires"), render: (_, row) => instant(row.expires_at) },
          { title: t("case.reason"), dataIndex: "reason" },
          {
            title: "",
            render: (_, row) => (
              <Flex gap="small">
                {!row.is_in_force && !row.ended_at && (
                  <Button
                    size="small"
                    disabled={row.maker === who.subject}
                    title={row.maker === who.subject ? t("policy.not_your_own") : ""}
                    onClick={() => approve.mutate({ params: { path: { entry_id: row.id }, header: once() } })}
                  >
                    {t("policy.approve")}
                  </Button>
                )}
                {!row.ended_at && (
                  <Popconfirm
                    title={t("list.end_sure")}
                    onConfirm={() => end.mutate({ params: { path: { entry_id: row.id }, header: once() } })}
                  >
                    <Button size="small" danger>
                      {t("list.end")}
                    </Button>
                  </Popconfirm>
                )}
              </Flex>
            ),
          },
        ]}
      />
      {isAdding && <Add list={list} onClose={() => setAdding(false)} />}
    </>
  );
}

interface Entry {
  entity: Schemas["EntityKind"];
  value: string;
  expires_on: string;
  reason: string;
}

function Add({ list, onClose }: { list: Kind; onClose: () => void }) {
  const { t, code } = useSpeech();
  const queries = useQueryClient();
  const [form] = Form.useForm<Entry>();
  const [header] = useState(once);
  const add = api.useMutation("post", "/v1/risk_lists", {
    onSuccess: () => {
      onClose();
      return queries.invalidateQueries();
    },
  });
  const required = [{ required: true, message: t("form.required") }];
  const send = ({ entity, value, expires_on, reason }: Entry) =>
    add.mutate({
      params: { header },
      body: { list, entity, value: value.trim(), expires_at: `${expires_on}T00:00:00Z`, reason },
    });
  return (
    <Dialog
      title={`${t("list.add")} · ${code("list", list)}`}
      onCancel={onClose}
      onOk={form.submit}
      okButtonProps={{ loading: add.isPending }}
    >
      <Form form={form} layout="vertical" onFinish={send}>
        <Form.Item label={t("list.entity")} name="entity" rules={required}>
          <Select options={ENTITIES.map((value) => ({ value, label: code("entity", value) }))} />
        </Form.Item>
        <Form.Item label={t("list.value")} name="value" rules={required}>
          <Input autoComplete="off" />
        </Form.Item>
        <Form.Item label={t("list.expires")} name="expires_on" rules={required}>
          <Input type="date" />
        </Form.Item>
        <Form.Item label={t("case.reason")} name="reason" rules={required}>
          <Input maxLength={200} />
        </Form.Item>
        <Refusal error={add.error} />
      </Form>
    </Dialog>
  );
}
