// Refunds that no bank took, those that wait longest first, and the way to another account of the same customer.
import { api, client, once, type Schemas } from "@tiao/api";
import { useMay } from "@tiao/desk/Desk";
import { Dialog } from "@tiao/desk/Dialog";
import { Heading } from "@tiao/desk/Heading";
import { List } from "@tiao/desk/paging";
import { Refusal } from "@tiao/desk/Refusal";
import { useSay } from "@tiao/desk/Say";
import { useSpeech } from "@tiao/ui";
import { usePages } from "@tiao/ui/pages";
import { useQueryClient } from "@tanstack/react-query";
import { Button, Form, Radio } from "antd";
import { useState } from "react";
import { Id, Money } from "../parts/Shown";

const FORM = "pay-elsewhere";

type Waiting = Schemas["FailedRefund"];

async function open() {
  const { data } = await client.GET("/v1/failed_refunds");
  return { data: { data: data?.data ?? [], has_more: false, next: null } };
}

export default function FailedRefunds() {
  const { t, code, instant } = useSpeech();
  const may = useMay("repayments:write");
  const [paying, setPaying] = useState<Waiting | null>(null);
  const pages = usePages<Waiting>(["failed_refunds"], open);
  return (
    <>
      <Heading title="ops.nav.failed_refunds" note="failed_refund.how" />
      <List
        pages={pages}
        rowKey={(row) => row.payout.id}
        locale={{ emptyText: t("failed_refund.none") }}
        columns={[
          { title: t("failed_refund.since"), render: (_, row) => instant(row.waits_since) },
          { title: t("case.customer"), render: (_, row) => <Id of={row.customer} /> },
          {
            title: t("failed_refund.purchase"),
            render: (_, row) => (row.purchase === null ? t("failed_refund.balance") : <Id of={row.purchase} />),
          },
          {
            title: t("purchase.amount"),
            align: "right",
            render: (_, row) => <Money minor={row.payout.amount_minor} currency={row.payout.currency} />,
          },
          { title: t("failed_refund.at"), render: (_, row) => row.failed_at ?? t("failed_refund.gone") },
          {
            title: t("failed_refund.why"),
            render: (_, row) => row.payout.code !== null && code("failed_refund.why", row.payout.code),
          },
          {
            title: "",
            render: (_, row) =>
              row.others.length === 0 ? (
                <span className="note">{t("failed_refund.no_other")}</span>
              ) : (
                may && (
                  <Button size="small" onClick={() => setPaying(row)}>
                    {t("failed_refund.pay")}
                  </Button>
                )
              ),
          },
        ]}
      />
      {paying && <PayElsewhere row={paying} onClose={() => setPaying(null)} />}
    </>
  );
}

function PayElsewhere({ row, onClose }: { row: Waiting; onClose: () => void }) {
  const { t, money } = useSpeech();
  const say = useSay();
  const queries = useQueryClient();
  const [header] = useState(once);
  const pay = api.useMutation("post", "/v1/failed_refunds/{payout_id}/retry", {
    onSuccess: () => {
      onClose();
      say(t("failed_refund.paid"));
      return queries.invalidateQueries();
    },
  });
  const amount = money(row.payout.amount_minor, row.payout.currency);
  return (
    <Dialog
      title={t("failed_refund.pay_amount", { amount })}
      onCancel={onClose}
      okText={t("failed_refund.confirm")}
      // The form's own, though it stands outside of it: Enter at an account presses it.
      okButtonProps={{ loading: pay.isPending, htmlType: "submit", form: FORM }}
    >
      <Form<Schemas["OtherAccount"]>
        id={FORM}
        layout="vertical"
        initialValues={{ funding_source: row.others[0]?.id }}
        onFinish={(body) => pay.mutate({ params: { path: { payout_id: row.payout.id }, header }, body })}
      >
        <Form.Item label={t("failed_refund.to")} name="funding_source">
          <Radio.Group
            vertical
            options={row.others.map((account) => ({ value: account.id, label: account.display }))}
          />
        </Form.Item>
        <Refusal error={pay.error} />
      </Form>
    </Dialog>
  );
}
