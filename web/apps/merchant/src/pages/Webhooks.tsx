// Where events are sent to. A secret is shown once, when it is made.
import { api, once, type Schemas } from "@tiao/api";
import { Dialog } from "@tiao/desk/Dialog";
import { Refusal } from "@tiao/desk/Refusal";
import { useSpeech } from "@tiao/ui";
import { useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Flex, Form, Input, Select, Table, Tag, Typography } from "antd";
import { useState } from "react";
import { Link } from "wouter";

const TYPES = [
  "purchase.in_review",
  "purchase.authorised",
  "purchase.declined",
  "purchase.captured",
  "purchase.voided",
  "purchase.expired",
  "refund.created",
  "settlement.created",
  "settlement.paid",
  "settlement.returned",
] as const satisfies readonly Schemas["EventKind"][];

export default function Webhooks() {
  const { t, code, instant } = useSpeech();
  const [isAdding, setAdding] = useState(false);
  const [issued, setIssued] = useState<Schemas["EndpointIssued"] | null>(null);
  const list = api.useQuery("get", "/v1/webhook_endpoints", {});
  return (
    <>
      <Flex justify="space-between" align="center" wrap gap="small">
        <Typography.Title level={1}>{t("portal.webhooks")}</Typography.Title>
        <Button type="primary" onClick={() => setAdding(true)}>
          {t("webhook.add")}
        </Button>
      </Flex>
      <Refusal error={list.error} />
      {issued && (
        <Alert
          type="success"
          showIcon
          closable
          onClose={() => setIssued(null)}
          title={t("webhook.secret_once")}
          description={
            <Typography.Text copyable code>
              {issued.secret}
            </Typography.Text>
          }
        />
      )}
      <Table
        size="small"
        rowKey="id"
        loading={list.isPending}
        dataSource={list.data?.data ?? []}
        pagination={false}
        scroll={{ x: "max-content" }}
        columns={[
          { title: t("webhook.url"), render: (_, row) => <Link href={`/webhooks/${row.id}`}>{row.url}</Link> },
          {
            title: t("webhook.status"),
            render: (_, row) => (
              <Tag color={row.status === "enabled" ? "success" : "error"}>
                {row.disabled_reason
                  ? code("webhook.disabled", row.disabled_reason)
                  : code("webhook.status", row.status)}
              </Tag>
            ),
          },
          { title: t("webhook.pending"), align: "right", dataIndex: "pending" },
          {
            title: t("webhook.types"),
            render: (_, row) =>
              row.types.length ? row.types.map((type) => code("event", type)).join(", ") : t("webhook.all"),
          },
          { title: t("session.made"), render: (_, row) => instant(row.created_at) },
        ]}
      />
      {isAdding && (
        <Add
          onClose={() => setAdding(false)}
          onIssued={(made) => {
            setIssued(made);
            setAdding(false);
          }}
        />
      )}
    </>
  );
}

function Add({ onClose, onIssued }: { onClose: () => void; onIssued: (made: Schemas["EndpointIssued"]) => void }) {
  const { t, code } = useSpeech();
  const queries = useQueryClient();
  const [form] = Form.useForm<Schemas["EndpointGiven"]>();
  const [header] = useState(once);
  const add = api.useMutation("post", "/v1/webhook_endpoints", {
    onSuccess: (made) => {
      onIssued(made);
      return queries.invalidateQueries();
    },
  });
  return (
    <Dialog title={t("webhook.add")} onCancel={onClose} onOk={form.submit} okButtonProps={{ loading: add.isPending }}>
      <Form
        form={form}
        layout="vertical"
        initialValues={{ types: [], description: "" }}
        onFinish={(body) =>
          add.mutate({ params: { header }, body: { ...body, description: body.description || body.url } })
        }
      >
        <Form.Item label={t("webhook.url")} name="url" rules={[{ required: true, message: t("form.required") }]}>
          <Input type="url" placeholder="https://" />
        </Form.Item>
        <Form.Item label={t("webhook.description")} name="description">
          <Input maxLength={200} />
        </Form.Item>
        <Form.Item label={t("webhook.types")} name="types" extra={t("webhook.types_none")}>
          <Select mode="multiple" options={TYPES.map((value) => ({ value, label: code("event", value) }))} />
        </Form.Item>
        <Refusal error={add.error} />
      </Form>
    </Dialog>
  );
}
