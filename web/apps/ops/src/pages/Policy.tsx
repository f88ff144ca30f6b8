// Departures from the policy pack: proposed by one person, approved by another, dated, with a day to look again.
import { api, once, type Schemas } from "@tiao/api";
import { Dialog } from "@tiao/desk/Dialog";
import { Ask } from "@tiao/desk/Ask";
import { useWho } from "@tiao/desk/Desk";
import { useFilters } from "@tiao/desk/filters";
import { Refusal } from "@tiao/desk/Refusal";
import { refusedLast, useSpeech } from "@tiao/ui";
import { useQueryClient } from "@tanstack/react-query";
import { Button, Flex, Form, Input, Select, Table, Tabs, Tag } from "antd";
import { useState } from "react";
import { Heading } from "@tiao/desk/Heading";
import { Trial } from "../parts/Trial";
import PolicyRules from "./PolicyRules";

type Override = Schemas["OverrideShown"];

export default function Policy() {
  const { t } = useSpeech();
  const [filters, setFilter] = useFilters("tab");
  return (
    <>
      <Heading title="ops.nav.policy" note="policy.how" />
      <Tabs
        activeKey={filters.tab ?? "rules"}
        onChange={(tab) => setFilter("tab", tab)}
        items={[
          { key: "rules", label: t("policy.rules"), children: <PolicyRules /> },
          { key: "overrides", label: t("policy.overrides"), children: <Overrides /> },
        ]}
      />
    </>
  );
}

function Overrides() {
  const { t, code, day } = useSpeech();
  const who = useWho();
  const list = api.useQuery("get", "/v1/policy_overrides", {});
  const [isProposing, setProposing] = useState(false);
  const [asked, setAsked] = useState<{ row: Override; what: "approval" | "withdrawal" } | null>(null);
  return (
    <>
      <Flex justify="flex-end">
        <Button type="primary" onClick={() => setProposing(true)}>
          {t("policy.propose")}
        </Button>
      </Flex>
      <Refusal error={list.error} />
      <Table
        size="small"
        rowKey="id"
        loading={list.isPending}
        dataSource={list.data?.data ?? []}
        pagination={false}
        scroll={{ x: "max-content" }}
        columns={[
          { title: t("policy.rule"), dataIndex: "rule" },
          { title: t("policy.value"), render: (_, row) => String(row.value) },
          { title: t("policy.state"), render: (_, row) => <Tag>{code("policy.state", row.state)}</Tag> },
          { title: t("policy.from"), render: (_, row) => day(row.from_on) },
          { title: t("policy.expires"), render: (_, row) => day(row.expires_on) },
          { title: t("policy.review"), render: (_, row) => day(row.review_on) },
          { title: t("case.reason"), dataIndex: "reason" },
          {
            title: "",
            render: (_, row) => (
              <Flex gap="small">
                {row.state === "proposed" && (
                  <Button
                    size="small"
                    disabled={row.proposed_by === who.subject}
                    title={row.proposed_by === who.subject ? t("policy.not_your_own") : ""}
                    onClick={() => setAsked({ row, what: "approval" })}
                  >
                    {t("policy.approve")}
                  </Button>
                )}
                {(row.state === "proposed" || row.state === "in_force") && (
                  <Button size="small" danger onClick={() => setAsked({ row, what: "withdrawal" })}>
                    {t("policy.withdraw")}
                  </Button>
                )}
              </Flex>
            ),
          },
        ]}
      />
      {isProposing && <Propose onClose={() => setProposing(false)} />}
      {asked && <Decide {...asked} onClose={() => setAsked(null)} />}
    </>
  );
}

function Decide({ row, what, onClose }: { row: Override; what: "approval" | "withdrawal"; onClose: () => void }) {
  const { t } = useSpeech();
  const queries = useQueryClient();
  const [header] = useState(once);
  const done = {
    onSuccess: () => {
      onClose();
      return queries.invalidateQueries();
    },
  };
  const changes = {
    approval: api.useMutation("post", "/v1/policy_overrides/{override_id}/approval", done),
    withdrawal: api.useMutation("post", "/v1/policy_overrides/{override_id}/withdrawal", done),
  };
  const change = changes[what];
  return (
    <Ask
      title={`${t(what === "approval" ? "policy.approve" : "policy.withdraw")}: ${row.rule}`}
      isDanger={what === "withdrawal"}
      isPending={change.isPending}
      error={change.error}
      onCancel={onClose}
      onAnswer={(reason) => change.mutate({ params: { path: { override_id: row.id }, header }, body: { reason } })}
    />
  );
}

interface Proposal {
  rule: string;
  kind: Schemas["OverrideKind"];
  value: string;
  reason: string;
  from_on: string;
  review_on: string;
  expires_on: string;
}

function Propose({ onClose }: { onClose: () => void }) {
  const { t, code } = useSpeech();
  const queries = useQueryClient();
  const [form] = Form.useForm<Proposal>();
  const [header] = useState(once);
  const propose = api.useMutation("post", "/v1/policy_overrides", {
    onSuccess: () => {
      onClose();
      return queries.invalidateQueries();
    },
  });
  const bodyOf = (given: Proposal) => ({ ...given, value: readValue(given.value), applies_to: null });
  const trial = api.useMutation("post", "/v1/policy_overrides/trial");
  const send = (given: Proposal) => propose.mutate({ params: { header }, body: bodyOf(given) });
  const tryFirst = async () => trial.mutate({ body: bodyOf(await form.validateFields()) });
  const required = [{ required: true, message: t("form.required") }];
  return (
    <Dialog
      title={t("policy.propose")}
      onCancel={onClose}
      onOk={form.submit}
      width={720}
      okText={t("policy.send")}
      okButtonProps={{ loading: propose.isPending }}
    >
      <Form form={form} layout="vertical" onFinish={send}>
        <Form.Item label={t("policy.rule")} name="rule" rules={required}>
          <Input placeholder="deferral.max_days" />
        </Form.Item>
        <Form.Item label={t("policy.kind")} name="kind" rules={required}>
          <Select
            options={(["switch", "choice", "tighter"] as const).map((value) => ({
              value,
              label: code("policy.kind", value),
            }))}
          />
        </Form.Item>
        <Form.Item label={t("policy.value")} name="value" rules={required}>
          <Input />
        </Form.Item>
        {(["from_on", "review_on", "expires_on"] as const).map((name) => (
          <Form.Item key={name} label={t(`policy.${name}`)} name={name} rules={required}>
            <Input type="date" />
          </Form.Item>
        ))}
        <Form.Item label={t("case.reason")} name="reason" rules={required}>
          <Input maxLength={200} />
        </Form.Item>
        <Flex gap="small" align="center">
          <Button onClick={() => void tryFirst()} loading={trial.isPending}>
            {t("policy.try")}
          </Button>
          <small>{t("policy.try_note")}</small>
        </Flex>
        <Refusal error={refusedLast(propose, trial)} />
        {trial.data && <Trial of={trial.data} />}
      </Form>
    </Dialog>
  );
}

function readValue(text: string): string | number | boolean {
  if (text === "true" || text === "false") return text === "true";
  return /^-?\d{1,15}$/.test(text) ? Number.parseInt(text, 10) : text;
}
