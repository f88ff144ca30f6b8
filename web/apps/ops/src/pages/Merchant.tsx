import { api, client } from "@tiao/api";
import { useMay } from "@tiao/desk/Desk";
import { Facts } from "@tiao/desk/Facts";
import { Refusal } from "@tiao/desk/Refusal";
import { usePages } from "@tiao/ui/pages";
import { List } from "@tiao/desk/paging";
import { useSettledColumns } from "@tiao/desk/settled";
import { refusedLast, useSpeech } from "@tiao/ui";
import { useQueryClient } from "@tanstack/react-query";
import { Button, Card, Popconfirm, Tabs, Tag, Typography } from "antd";
import { useParams } from "wouter";
import { Id, Money } from "../parts/Shown";

export default function Merchant() {
  const { t, code } = useSpeech();
  const { id } = useParams<{ id: string }>();
  const queries = useQueryClient();
  const may = useMay("merchants:write");
  const found = api.useQuery("get", "/v1/merchants/{merchant_id}", { params: { path: { merchant_id: id } } });
  const maySettled = useMay("settlements:read");
  const mayBought = useMay("purchases:read");
  const balance = api.useQuery("get", "/v1/balance", { params: { query: { merchant: id } } }, { enabled: maySettled });
  const renew = { onSuccess: () => queries.invalidateQueries() };
  const suspend = api.useMutation("post", "/v1/merchants/{merchant_id}/suspension", renew);
  const reinstate = api.useMutation("delete", "/v1/merchants/{merchant_id}/suspension", renew);
  const merchant = found.data;
  const isActive = merchant?.status === "active";
  return (
    <>
      <Typography.Title level={1}>{merchant?.name ?? t("merchant.title")}</Typography.Title>
      <Refusal error={found.error ?? refusedLast(suspend, reinstate)} />
      {merchant && (
        <Card
          title={<span className="id">{id}</span>}
          extra={
            may && (
              <Popconfirm
                title={t(isActive ? "merchant.suspend_sure" : "merchant.reinstate_sure")}
                onConfirm={() =>
                  (isActive ? suspend : reinstate).mutate({ params: { path: { merchant_id: id } } } as never)
                }
              >
                <Button danger={isActive}>{t(isActive ? "merchant.suspend" : "merchant.reinstate")}</Button>
              </Popconfirm>
            )
          }
        >
          <Facts
            of={[
              [
                t("merchant.status"),
                <Tag key="s" color={isActive ? "success" : "error"}>
                  {code("merchant.status", merchant.status)}
                </Tag>,
              ],
              [t("merchant.category"), code("category", merchant.category)],
              [t("merchant.rate"), `${(Number(merchant.discount_rate) * 100).toFixed(2)} %`],
              [t("merchant.account"), `…${merchant.payout_account_tail}`],
              [
                t("merchant.balance"),
                balance.data ? (
                  <Money key="b" minor={balance.data.balance_minor} currency={balance.data.currency} />
                ) : null,
              ],
            ]}
          />
        </Card>
      )}
      <Tabs
        items={[
          ...(maySettled
            ? [{ key: "settlements", label: t("merchant.settlements"), children: <Settlements merchant={id} /> }]
            : []),
          ...(mayBought
            ? [{ key: "purchases", label: t("customer.purchases"), children: <Purchases merchant={id} /> }]
            : []),
        ]}
      />
    </>
  );
}

function Settlements({ merchant }: { merchant: string }) {
  const sums = useSettledColumns();
  const { t, day } = useSpeech();
  const pages = usePages(["settlements", merchant], (after) =>
    client.GET("/v1/settlements", { params: { query: { merchant, limit: 50, after } } }),
  );
  return (
    <List
      pages={pages}
      columns={[
        { title: t("settlement.day"), render: (_, row) => day(row.business_date) },
        ...sums,
        { title: t("settlement.pays"), render: (_, row) => day(row.pays_on) },
        { title: t("ledger.postings"), render: (_, row) => <Id of={row.id} /> },
      ]}
    />
  );
}

function Purchases({ merchant }: { merchant: string }) {
  const { t, instant, code } = useSpeech();
  const pages = usePages(["purchases of", merchant], (after) =>
    client.GET("/v1/purchases", { params: { query: { merchant, limit: 50, after } } }),
  );
  return (
    <List
      pages={pages}
      columns={[
        { title: t("purchase.at"), render: (_, row) => instant(row.authorised_at) },
        { title: t("purchase.reference"), dataIndex: "reference" },
        {
          title: t("purchase.amount"),
          align: "right",
          render: (_, row) => <Money minor={row.amount_minor} currency={row.currency} />,
        },
        { title: t("purchase.outcome"), render: (_, row) => <Tag>{code("purchase.outcome", row.outcome)}</Tag> },
        { title: t("case.customer"), render: (_, row) => <Id of={row.customer} /> },
      ]}
    />
  );
}
