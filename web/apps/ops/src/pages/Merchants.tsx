import { client } from "@tiao/api";
import { usePages } from "@tiao/ui/pages";
import { List } from "@tiao/desk/paging";
import { useSpeech } from "@tiao/ui";
import { Tag, Typography } from "antd";
import { Link } from "wouter";

export default function Merchants() {
  const { t, code, instant } = useSpeech();
  const pages = usePages(["merchants"], (after) =>
    client.GET("/v1/merchants", { params: { query: { limit: 50, after } } }),
  );
  return (
    <>
      <Typography.Title level={1}>{t("ops.nav.merchants")}</Typography.Title>
      <List
        pages={pages}
        columns={[
          { title: t("merchant.name"), render: (_, row) => <Link href={`/merchants/${row.id}`}>{row.name}</Link> },
          { title: t("merchant.category"), render: (_, row) => code("category", row.category) },
          {
            title: t("merchant.rate"),
            align: "right",
            render: (_, row) => `${(Number(row.discount_rate) * 100).toFixed(2)} %`,
          },
          {
            title: t("merchant.status"),
            render: (_, row) => (
              <Tag color={row.status === "active" ? "success" : "error"}>{code("merchant.status", row.status)}</Tag>
            ),
          },
          { title: t("merchant.joined"), render: (_, row) => instant(row.joined_at) },
        ]}
      />
    </>
  );
}
