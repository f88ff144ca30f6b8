import { client } from "@tiao/api";
import { List } from "@tiao/desk/paging";
import { usePages } from "@tiao/ui/pages";
import { Money } from "@tiao/desk/Shown";
import { useSpeech } from "@tiao/ui";
import { Tag, Typography } from "antd";
import { Link } from "wouter";

/** Pages that customers were sent to, and what became of each. */
export default function Sessions() {
  const { t, code, instant } = useSpeech();
  const pages = usePages(["sessions"], (after) =>
    client.GET("/v1/checkout_sessions", { params: { query: { limit: 50, after } } }),
  );
  return (
    <>
      <Typography.Title level={1}>{t("portal.sessions")}</Typography.Title>
      <List
        pages={pages}
        locale={{ emptyText: t("checkout.none") }}
        columns={[
          { title: t("session.made"), render: (_, row) => instant(row.created_at) },
          { title: t("purchase.reference"), dataIndex: "reference" },
          { title: t("session.goods"), dataIndex: "description" },
          {
            title: t("purchase.amount"),
            align: "right",
            render: (_, row) => <Money minor={row.amount_minor} currency={row.currency} />,
          },
          { title: t("session.status"), render: (_, row) => <Tag>{code("session.status", row.status)}</Tag> },
          { title: t("session.expires"), render: (_, row) => instant(row.expires_at) },
          {
            title: t("portal.order"),
            render: (_, row) => row.purchase && <Link href={`/orders/${row.purchase}`}>{t("session.open")}</Link>,
          },
        ]}
      />
    </>
  );
}
