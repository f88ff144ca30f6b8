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
          aria-label={t("contest.which")}
          value={open ? "open" : "all"}
          onChange={(which) => ask(which === "all" ? { all: "1" } : {})}
          options={[
            { value: "open", label: t("contest.open") },
            { value: "all", label: t("contest.all") },
          ]}
        />
      </Flex>
      <List
        pages={pages}
        locale={{ emptyText: t("contest.none") }}
        columns={[
          {
            title: t("contest.opened"),
            render: (_, row) => <Link href={`/disputes/${row.id}`}>{instant(row.opened_at)}</Link>,
          },
          { title: t("contest.reason"), render: (_, row) => code("contest.reason", row.reason) },
          {
            title: t("purchase.amount"),
            align: "right",
            render: (_, row) => <Money minor={row.amount_minor} currency={row.currency} />,
          },
          { title: t("contest.state"), render: (_, row) => <Tag>{code("contest.state", row.state)}</Tag> },
          {
            title: t("contest.due"),
            render: (_, row) =>
              row.closed_at === null && instant(row.state === "opened" ? row.evidence_due_at : row.decide_due_at),
          },
          {
            title: t("contest.awarded"),
            align: "right",
            render: (_, row) =>
              row.awarded_minor !== null && <Money minor={row.awarded_minor} currency={row.currency} />,
          },
        ]}
      />
    </>
  );
}
