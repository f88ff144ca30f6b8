// One order: what became of it, and what can still be done: deliver and capture, let go, refund in parts.
import { api, client, once, type Schemas } from "@tiao/api";
import { Dialog } from "@tiao/desk/Dialog";
import { Facts } from "@tiao/desk/Facts";
import { List } from "@tiao/desk/paging";
import { usePages } from "@tiao/ui/pages";
import { Refusal } from "@tiao/desk/Refusal";
import { Money } from "@tiao/desk/Shown";
import { useMay } from "@tiao/desk/Desk";
import { readMoney, useSpeech } from "@tiao/ui";
import { useQueryClient } from "@tanstack/react-query";
import { Button, Card, Flex, Form, Input, Popconfirm, Tag, Typography } from "antd";
import { useState } from "react";
import { useParams } from "wouter";
import { refundedAs } from "../refunded";

type Purchase = Schemas["PurchaseShown"];
type Doing = "capture" | "refund";

export default function Order() {
  const { t, code, instant } = useSpeech();
  const { id } = useParams<{ id: string }>();
  const queries = useQueryClient();
  const mayCapture = useMay("purchases:write");
  const mayRefund = useMay("refunds:write");
  const [doing, setDoing] = useState<Doing | null>(null);
  const found = api.useQuery("get", "/v1/purchases/{purchase_id}", { params: { path: { purchase_id: id } } });
  const letGo = api.useMutation("post", "/v1/purchases/{purchase_id}/void", {
    onSuccess: () => queries.invalidateQueries(),
  });
  const order = found.data;
  const returnable = order ? order.captured_minor - order.refunded_minor : 0;
  return (
    <>
      <Typography.Title level={1}>{order?.reference ?? t("portal.order")}</Typography.Title>
      <Refusal error={found.error ?? letGo.error} />
      {order && (
        <Card
          title={<span className="id">{id}</span>}
          extra={
            <Flex gap="small" wrap>
              {mayCapture && order.held_minor > 0 && order.outcome === "authorised" && (
                <>
                  <Popconfirm
                    title={t("order.void_sure")}
                    onConfirm={() => letGo.mutate({ params: { path: { purchase_id: id }, header: once() } })}
                  >
                    <Button danger>{t("order.void")}</Button>
                  </Popconfirm>
                  <Button type="primary" onClick={() => setDoing("capture")}>
                    {t("order.capture")}
                  </Button>
                </>
              )}
              {mayRefund && returnable > 0 && <Button onClick={() => setDoing("refund")}>{t("order.refund")}</Button>}
            </Flex>
          }
        >
          <Facts
            of={[
              [t("purchase.outcome"), <Tag key="o">{code("purchase.outcome", order.outcome)}</Tag>],
              [t("purchase.at"), instant(order.authorised_at)],
              [t("purchase.amount"), <Money key="a" minor={order.amount_minor} currency={order.currency} />],
              [t("purchase.plan"), code("plan", order.plan)],
              [t("order.held"), <Money key="h" minor={order.held_minor} currency={order.currency} />],
              [t("order.captured"), <Money key="c" minor={order.captured_minor} currency={order.currency} />],
              [t("purchase.refunded"), <Money key="r" minor={order.refunded_minor} currency={order.currency} />],
              [t("order.fee_payer"), code("fee_payer", order.fee_payer)],
            ]}
          />
        </Card>
      )}
      <Refunds purchase={id} />
      {order && doing && (
        <Amount
          order={order}
          doing={doing}
          most={doing === "refund" ? returnable : order.held_minor}
          onClose={() => setDoing(null)}
        />
      )}
    </>
  );
}

function Refunds({ purchase }: { purchase: string }) {
  const { t, code, day } = useSpeech();
  const pages = usePages(["refunds", purchase], (after) =>
    client.GET("/v1/purchases/{purchase_id}/refunds", {
      params: { path: { purchase_id: purchase }, query: { limit: 50, after } },
    }),
  );
  if (pages.rows.length === 0) return null;
  return (
    <Card title={t("order.refunds")}>
      <List
        pages={pages}
        columns={[
          { title: t("order.refund_day"), render: (_, row) => day(row.effective_on) },
          { title: t("order.refund_reference"), render: (_, row) => refundedAs({ t, code }, row.reference) },
          {
            title: t("purchase.amount"),
            align: "right",
            render: (_, row) => <Money minor={row.amount_minor} currency={row.currency} />,
          },
        ]}
      />
    </Card>
  );
}

function Amount({ order, doing, most, onClose }: { order: Purchase; doing: Doing; most: number; onClose: () => void }) {
  const { t, money } = useSpeech();
  const queries = useQueryClient();
  const [form] = Form.useForm<{ amount: string; reference: string }>();
  const [header] = useState(once);
  const done = {
    onSuccess: () => {
      onClose();
      return queries.invalidateQueries();
    },
  };
  const capture = api.useMutation("post", "/v1/purchases/{purchase_id}/captures", done);
  const refund = api.useMutation("post", "/v1/purchases/{purchase_id}/refunds", done);
  const change = doing === "refund" ? refund : capture;
  const path = { purchase_id: order.id };
  const send = ({ amount, reference }: { amount: string; reference: string }) => {
    const amount_minor = readMoney(amount, order.currency);
    if (amount_minor === null) return;
    if (doing === "refund") refund.mutate({ params: { path, header }, body: { amount_minor, reference } });
    else capture.mutate({ params: { path, header }, body: { amount_minor, is_final: false } });
  };
  return (
    <Dialog
      title={t(`order.${doing}`)}
      onCancel={onClose}
      onOk={form.submit}
      okButtonProps={{ loading: change.isPending }}
    >
      <Form form={form} layout="vertical" onFinish={send}>
        <Form.Item
          label={t("order.amount_up_to", { most: money(most, order.currency) })}
          name="amount"
          rules={[
            {
              validator: (_, text: string | undefined) => {
                const minor = readMoney(text ?? "", order.currency);
                return minor !== null && minor > 0 && minor <= most
                  ? Promise.resolve()
                  : Promise.reject(new Error(t("order.amount_wrong")));
              },
            },
          ]}
        >
          <Input inputMode="decimal" autoFocus autoComplete="off" />
        </Form.Item>
        {doing === "refund" && (
          <Form.Item
            label={t("order.refund_reference")}
            name="reference"
            rules={[{ required: true, message: t("form.required") }]}
          >
            <Input maxLength={64} />
          </Form.Item>
        )}
        <Refusal error={change.error} />
      </Form>
    </Dialog>
  );
}
