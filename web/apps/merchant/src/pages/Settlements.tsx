import { client } from "@tiao/api";
import { List } from "@tiao/desk/paging";
import { usePages } from "@tiao/ui/pages";
import { useSettledColumns } from "@tiao/desk/settled";
import { useSpeech } from "@tiao/ui";
import { Typography } from "antd";
import { Link } from "wouter";

export default function Settlements() {
  const sums = useSettledColumns();
  const { t, day } = useSpeech();
  const pages = usePages(["settlements"], (after) =>
    client.GET("/v1/settlements", { params: { query: { limit: 50, after } } }),
  );
  return (
    <>
      <Typography.Title level={1}>{t("portal.settlements")}</Typography.Title>
      <List
        pages={pages}
        locale={{ emptyText: t("settlement.none") }}
        columns={[
          {
            title: t("settlement.day"),
            render: (_, row) => <Link href={`/settlements/${row.business_date}`}>{day(row.business_date)}</Link>,
          },
          ...sums,
          { title: t("settlement.pays"), render: (_, row) => day(row.pays_on) },
        ]}
      />
    </>
  );
}
