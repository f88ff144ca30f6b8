// What the shop is owed and when it comes; what it asks for now.
import { api, client, once } from "@tiao/api";
import { Facts } from "@tiao/desk/Facts";
import { List } from "@tiao/desk/paging";
import { Refusal } from "@tiao/desk/Refusal";
import { Money as Amount } from "@tiao/desk/Shown";
import { useMay } from "@tiao/desk/Desk";
import { useSay } from "@tiao/desk/Say";
import { usePages } from "@tiao/ui/pages";
import { useSpeech } from "@tiao/ui";
import { useQueryClient } from "@tanstack/react-query";
import { Button, Card, Flex, Popconfirm, Table, Typography } from "antd";

export default function Money() {
  const { t, code, day, instant, money } = useSpeech();
  const say = useSay();
  const queries = useQueryClient();
  const mayWithdraw = useMay("withdrawals:write");
  const balance = api.useQuery("get", "/v1/balance", {});
  const receivables = api.useQuery("get", "/v1/receivables", {});
  const withdrawals = usePages(["withdrawals"], (after) =>
    client.GET("/v1/withdrawals", { params: { query: { limit: 50, after } } }),
  );
  const withdraw = api.useMutation("post", "/v1/withdrawals", {
    onSuccess: (made) => {
      say(t("money.asked", { amount: money(made.amount_minor, made.currency) }));
      return queries.invalidateQueries();
    },
  });
  const now = balance.data;
  return (
    <>
      <Flex justify="space-between" align="center" wrap gap="small">
        <Typography.Title level={1}>{t("portal.money")}</Typography.Title>
        {mayWithdraw && now && now.available_minor > 0 && (
          <Popconfirm
            title={t("money.withdraw_sure", { amount: money(now.available_minor, now.currency) })}
            onConfirm={() => withdraw.mutate({ params: { header: once() }, body: { amount_minor: null } })}
          >
            <Button type="primary" loading={withdraw.isPending}>
              {t("money.withdraw", { amount: money(now.available_minor, now.currency) })}
            </Button>
          </Popconfirm>
        )}
      </Flex>
      <Refusal error={balance.error ?? receivables.error ?? withdraw.error} />
      {now && (
        <Card>
          <Facts
            of={[
              [t("money.balance"), <Amount key="b" minor={now.balance_minor} currency={now.currency} />],
              [t("money.available"), <Amount key="a" minor={now.available_minor} currency={now.currency} />],
              [t("money.in_transit"), <Amount key="t" minor={now.in_transit_minor} currency={now.currency} />],
              [t("money.reserve"), <Amount key="r" minor={now.reserve_minor} currency={now.currency} />],
              [t("money.held"), <Amount key="h" minor={now.held_minor} currency={now.currency} />],
            ]}
          />
        </Card>
      )}
      <Card title={t("money.receivables")}>
        <Table
          size="small"
          rowKey={(row) => `${row.kind} ${row.business_date ?? ""}`}
          loading={receivables.isPending}
          locale={{ emptyText: t("receivable.none") }}
          dataSource={receivables.data?.data ?? []}
          pagination={false}
          scroll={{ x: "max-content" }}
          columns={[
            { title: t("money.kind"), render: (_, row) => code("receivable.kind", row.kind) },
            { title: t("money.of_day"), render: (_, row) => row.business_date && day(row.business_date) },
            { title: t("money.expected"), render: (_, row) => row.expected_on && day(row.expected_on) },
            {
              title: t("purchase.amount"),
              align: "right",
              render: (_, row) => <Amount minor={row.amount_minor} currency={receivables.data?.currency ?? "CNY"} />,
            },
          ]}
          summary={() =>
            receivables.data && (
              <Table.Summary.Row>
                <Table.Summary.Cell index={0} colSpan={3}>
                  <strong>{t("money.total")}</strong>
                </Table.Summary.Cell>
                <Table.Summary.Cell index={1} align="right">
                  <strong>
                    <Amount minor={receivables.data.total_minor} currency={receivables.data.currency} />
                  </strong>
                </Table.Summary.Cell>
              </Table.Summary.Row>
            )
          }
        />
      </Card>
      <Card title={t("money.withdrawals")}>
        <List
          pages={withdrawals}
          locale={{ emptyText: t("withdrawal.none") }}
          columns={[
            { title: t("purchase.at"), render: (_, row) => instant(row.asked_at) },
            { title: t("money.booked"), render: (_, row) => day(row.booked_on) },
            {
              title: t("purchase.amount"),
              align: "right",
              render: (_, row) => <Amount minor={row.amount_minor} currency={row.currency} />,
            },
          ]}
        />
      </Card>
    </>
  );
}
