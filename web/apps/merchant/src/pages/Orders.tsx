import { client } from "@tiao/api";
import { List } from "@tiao/desk/paging";
import { usePages } from "@tiao/ui/pages";
import { Money } from "@tiao/desk/Shown";
import { useSpeech } from "@tiao/ui";
import { Tag, Typography } from "antd";
import { Link } from "wouter";

export default function Orders() {
  const { t, code, instant } = useSpeech();
  const pages = usePages(["orders"], (after) =>
    client.GET("/v1/purchases", { params: { query: { limit: 50, after } } }),
  );
  return (
    <>
      <Typography.Title level={1}>{t("portal.orders")}</Typography.Title>
      <List
        pages={pages}
        columns={[
          {
            title: t("purchase.at"),
            render: (_, row) => <Link href={`/orders/${row.id}`}>{instant(row.authorised_at)}</Link>,
          },
          { title: t("purchase.reference"), dataIndex: "reference" },
          {
            title: t("purchase.amount"),
            align: "right",
            render: (_, row) => <Money minor={row.amount_minor} currency={row.currency} />,
          },
          { title: t("purchase.plan"), render: (_, row) => code("plan", row.plan) },
          {
            title: t("purchase.outcome"),
            render: (_, row) => (
              <Tag color={row.outcome === "declined" ? "error" : row.outcome === "authorised" ? "success" : "warning"}>
                {code("purchase.outcome", row.outcome)}
              </Tag>
            ),
          },
          {
            title: t("order.captured"),
            align: "right",
            render: (_, row) => <Money minor={row.captured_minor} currency={row.currency} />,
          },
          {
            title: t("purchase.refunded"),
            align: "right",
            render: (_, row) =>
              row.refunded_minor ? <Money minor={row.refunded_minor} currency={row.currency} /> : "",
          },
        ]}
      />
    </>
  );
}
