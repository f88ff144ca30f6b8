// What customers claim, those that wait for the shop's answer first.
import { client } from "@tiao/api";
import { List } from "@tiao/desk/paging";
import { Money } from "@tiao/desk/Shown";
import { usePages } from "@tiao/ui/pages";
import { useSpeech } from "@tiao/ui";
import { Flex, Segmented, Tag, Typography } from "antd";
import { Link, useSearchParams } from "wouter";

export default function Disputes() {
  const { t, code, instant } = useSpeech();
  const [asked, ask] = useSearchParams();
  const open = asked.get("all") === null;
  const pages = usePages(["disputes", open], (after) =>
    client.GET("/v1/disputes", { params: { query: { open, limit: 50, after } } }),
  );
  return (
    <>
      <Flex justify="space-between" align="center" wrap gap="small">
        <Typography.Title level={1}>{t("portal.disputes")}</Typography.Title>
        <Segmented
          aria-label={t("dispute.which")}
          value={open ? "open" : "all"}
          onChange={(which) => ask(which === "all" ? { all: "1" } : {})}
          options={[
            { value: "open", label: t("dispute.open") },
            { value: "all", label: t("dispute.all") },
          ]}
        />
      </Flex>
      <List
        pages={pages}
        locale={{ emptyText: t("dispute.none") }}
        columns={[
          {
            title: t("dispute.opened"),
            render: (_, row) => <Link href={`/disputes/${row.id}`}>{instant(row.opened_at)}</Link>,
          },
          { title: t("dispute.reason"), render: (_, row) => code("dispute.reason", row.reason) },
          {
            title: t("purchase.amount"),
            align: "right",
            render: (_, row) => <Money minor={row.amount_minor} currency={row.currency} />,
          },
          { title: t("dispute.state"), render: (_, row) => <Tag>{code("dispute.state", row.state)}</Tag> },
          {
            title: t("dispute.due"),
            render: (_, row) =>
              row.closed_at === null && instant(row.state === "opened" ? row.evidence_due_at : row.decide_due_at),
          },
          {
            title: t("dispute.awarded"),
            align: "right",
            render: (_, row) =>
              row.awarded_minor !== null && <Money minor={row.awarded_minor} currency={row.currency} />,
          },
        ]}
      />
    </>
  );
}
