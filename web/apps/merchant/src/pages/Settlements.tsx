import { client } from "@tiao/api";
import { List } from "@tiao/desk/paging";
import { usePages } from "@tiao/ui/pages";
import { Money } from "@tiao/desk/Shown";
import { useSpeech } from "@tiao/ui";
import { Typography } from "antd";
import { Link } from "wouter";

type Parts = Record<
  "subsidy_minor" | "adjusted_minor" | "reserved_minor" | "released_minor" | "withdrawn_minor",
  number
>;

/** What has no column of its own, so that each row adds up to its net; the day's page tells it apart. */
const other = (row: Parts) =>
  row.adjusted_minor + row.released_minor - row.subsidy_minor - row.reserved_minor - row.withdrawn_minor;

export default function Settlements() {
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
          {
            title: t("settlement.gross"),
            align: "right",
            render: (_, row) => <Money minor={row.gross_minor} currency={row.currency} />,
          },
          {
            title: t("settlement.refunded"),
            align: "right",
            render: (_, row) => <Money minor={row.refunded_minor} currency={row.currency} />,
          },
          {
            title: t("settlement.discount"),
            align: "right",
            render: (_, row) => <Money minor={row.discount_minor} currency={row.currency} />,
          },
          {
            title: t("settlement.other"),
            align: "right",
            render: (_, row) => <Money minor={other(row)} currency={row.currency} />,
          },
          {
            title: t("settlement.carried"),
            align: "right",
            render: (_, row) => <Money minor={row.carried_minor} currency={row.currency} />,
          },
          {
            title: t("settlement.net"),
            align: "right",
            render: (_, row) => (
              <strong>
                <Money minor={row.net_minor} currency={row.currency} />
              </strong>
            ),
          },
          { title: t("settlement.pays"), render: (_, row) => day(row.pays_on) },
        ]}
      />
    </>
  );
}
