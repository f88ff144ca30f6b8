import { api, client } from "@tiao/api";
import { Facts } from "@tiao/desk/Facts";
import { List } from "@tiao/desk/paging";
import { usePages } from "@tiao/ui/pages";
import { Refusal } from "@tiao/desk/Refusal";
import { Money, Short } from "@tiao/desk/Shown";
import { useSpeech } from "@tiao/ui";
import { Button, Card, Flex, Tag, Typography } from "antd";
import type { ReactNode } from "react";
import { useParams } from "wouter";
import { OF_DAY, shownOf } from "../sums";

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
      <Flex justify="space-between" align="center" wrap gap="small">
        <Typography.Title level={1}>{`${t("portal.settlement")} ${day(on)}`}</Typography.Title>
        <Button href={`/v1/settlements/${on}/file`} download={`settlement-${on}.csv`}>
          {t("settlement.file")}
        </Button>
      </Flex>
      <Refusal error={found.error} />
      {whole && (
        <Card>
          <Facts
            of={[
              ...shownOf(OF_DAY, whole.settlement).map(({ name, minor, isSum }): [string, ReactNode] => {
                const amount = <Money minor={minor} currency={whole.settlement.currency} />;
                return [t(name), isSum ? <strong key={name}>{amount}</strong> : amount];
              }),
              ...whole.payouts.map((payout): [string, ReactNode] => [
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
        locale={{ emptyText: t("settlement.no_lines") }}
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
