// Every order, found by its number or by what became of it.
import { client, type Schemas } from "@tiao/api";
import { useFilters } from "@tiao/desk/filters";
import { Heading } from "@tiao/desk/Heading";
import { List } from "@tiao/desk/paging";
import { usePages } from "@tiao/ui/pages";
import { Money } from "@tiao/desk/Shown";
import { useSpeech } from "@tiao/ui";
import { Input, Select, Tag } from "antd";
import { Link } from "wouter";

type Outcome = Schemas["PurchaseOutcome"];
const COLOUR: Record<Outcome, string> = {
  authorised: "success",
  in_review: "warning",
  step_up: "warning",
  declined: "error",
};

export default function Orders() {
  const { t, code, instant } = useSpeech();
  const [filters, setFilter] = useFilters("reference", "outcome");
  const { reference, outcome } = filters;
  const query = {
    limit: 50,
    ...(reference ? { reference } : {}),
    ...(outcome && outcome in COLOUR ? { outcome: outcome as Outcome } : {}),
  };
  const pages = usePages(["orders", filters], (after) =>
    client.GET("/v1/purchases", { params: { query: { ...query, after } } }),
  );
  return (
    <>
      <Heading title="portal.orders">
        <Select
          aria-label={t("purchase.outcome")}
          value={outcome ?? ""}
          popupMatchSelectWidth={false}
          onChange={(value) => setFilter("outcome", value)}
          options={[
            { value: "", label: t("order.any") },
            ...Object.keys(COLOUR).map((value) => ({ value, label: code("purchase.outcome", value) })),
          ]}
        />
        <Input.Search
          allowClear
          aria-label={t("order.find")}
          placeholder={t("order.find")}
          defaultValue={reference ?? ""}
          maxLength={64}
          className="find-order"
          onSearch={(text) => setFilter("reference", text.trim())}
        />
      </Heading>
      <List
        pages={pages}
        locale={{ emptyText: t("order.none") }}
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
            render: (_, row) => <Tag color={COLOUR[row.outcome]}>{code("purchase.outcome", row.outcome)}</Tag>,
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
