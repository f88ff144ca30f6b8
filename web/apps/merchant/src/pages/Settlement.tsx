import { api, client } from "@tiao/api";
import { Facts } from "@tiao/desk/Facts";
import { List } from "@tiao/desk/paging";
import { usePages } from "@tiao/ui/pages";
import { Refusal } from "@tiao/desk/Refusal";
import { Money, Short } from "@tiao/desk/Shown";
import { useSpeech } from "@tiao/ui";
import { Card, Tag, Typography } from "antd";
import { useParams } from "wouter";

/** One settlement: how its net amount came about, down to each posting, and how far its payment has come. */
export default function Settlement() {
  const { t, day, instant, code } = useSpeech();
  const { day: on } = useParams<{ day: string }>();
  const path = { business_date: on };
  const found = api.useQuery("get", "/v1/settlements/{business_date}", { params: { path } });
  const lines = usePages(["settlement lines", on], (after) =>
    client.GET("/v1/settlements/{business_date}/lines", { params: { path, query: { limit: 100, after } } }),
  );
  const whole = found.data;
  return (
    <>
      <Typography.Title level={1}>{`${t("portal.settlement")} ${day(on)}`}</Typography.Title>
      <Refusal error={found.error} />
      {whole && (
        <Card>
          <Facts
            of={[
              [
                t("settlement.gross"),
                <Money key="g" minor={whole.settlement.gross_minor} currency={whole.settlement.currency} />,
              ],
              [
                t("settlement.refunded"),
                <Money key="r" minor={whole.settlement.refunded_minor} currency={whole.settlement.currency} />,
              ],
              [
                t("settlement.discount"),
                <Money key="d" minor={whole.settlement.discount_minor} currency={whole.settlement.currency} />,
              ],
              [
                t("settlement.subsidy"),
                <Money key="s" minor={whole.settlement.subsidy_minor} currency={whole.settlement.currency} />,
              ],
              [
                t("settlement.carried"),
                <Money key="c" minor={whole.settlement.carried_minor} currency={whole.settlement.currency} />,
              ],
              [
                t("settlement.net"),
                <strong key="n">
                  <Money minor={whole.settlement.net_minor} currency={whole.settlement.currency} />
                </strong>,
              ],
              ...whole.payouts.map((payout): [string, React.ReactNode] => [
                t("settlement.payout"),
                <span key={payout.id}>
                  <Money minor={payout.amount_minor} currency={payout.currency} />{" "}
                  <Tag>{code("debit.state", payout.state)}</Tag> {day(payout.due_on)}
                </span>,
              ]),
            ]}
          />
        </Card>
      )}
      <List
        pages={lines}
        rowKey="posting"
        columns={[
          { title: t("purchase.at"), render: (_, row) => instant(row.recorded_at) },
          { title: t("settlement.line"), render: (_, row) => code("posting.kind", row.kind) },
          { title: t("settlement.source"), render: (_, row) => <Short of={row.source} /> },
          { title: t("purchase.amount"), align: "right", render: (_, row) => <Money minor={row.amount_minor} /> },
        ]}
      />
    </>
  );
}
