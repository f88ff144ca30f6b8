// Every refund of the shop: found by its number or its days, each with the order it is of.
import { client } from "@tiao/api";
import { useFilters } from "@tiao/desk/filters";
import { Heading } from "@tiao/desk/Heading";
import { List } from "@tiao/desk/paging";
import { Money } from "@tiao/desk/Shown";
import { useSpeech } from "@tiao/ui";
import { usePages } from "@tiao/ui/pages";
import { Input } from "antd";
import { Link } from "wouter";
import { refundedAs } from "../refunded";

export default function Refunds() {
  const { t, code, day, instant } = useSpeech();
  const [filters, setFilter] = useFilters("from_on", "until_on", "reference");
  const pages = usePages(["all refunds", filters], (after) =>
    client.GET("/v1/refunds", { params: { query: { ...filters, limit: 50, after } } }),
  );
  return (
    <>
      <Heading title="portal.refunds" />
      <div className="filters">
        {(["from", "until"] as const).map((name) => (
          <label key={name}>
            {t(`refund.${name}`)}
            <Input
              type="date"
              className="day"
              value={filters[`${name}_on`] ?? ""}
              onChange={(event) => setFilter(`${name}_on`, event.target.value)}
            />
          </label>
        ))}
        <label>
          {t("refund.find")}
          <Input.Search
            allowClear
            defaultValue={filters.reference ?? ""}
            maxLength={64}
            onSearch={(text) => setFilter("reference", text.trim())}
          />
        </label>
      </div>
      <List
        pages={pages}
        locale={{ emptyText: t("refund.none") }}
        columns={[
          { title: t("refund.recorded"), render: (_, row) => instant(row.recorded_at) },
          { title: t("order.refund_reference"), render: (_, row) => refundedAs({ t, code }, row.reference) },
          {
            title: t("portal.order"),
            render: (_, row) => <Link href={`/orders/${row.purchase}`}>{t("session.open")}</Link>,
          },
          { title: t("refund.effective"), render: (_, row) => day(row.effective_on) },
          {
            title: t("purchase.amount"),
            align: "right",
            render: (_, row) => <Money minor={row.amount_minor} currency={row.currency} />,
          },
          {
            title: t("refund.subsidy"),
            align: "right",
            render: (_, row) =>
              row.subsidy_cancelled_minor ? <Money minor={row.subsidy_cancelled_minor} currency={row.currency} /> : "",
          },
        ]}
      />
    </>
  );
}
