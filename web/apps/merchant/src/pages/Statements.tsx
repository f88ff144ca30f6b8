// The shop's months: what was owed, what came and went, what is owed; each can be taken out as a file.
import { api, client } from "@tiao/api";
import { useFilters } from "@tiao/desk/filters";
import { Heading } from "@tiao/desk/Heading";
import { Refusal } from "@tiao/desk/Refusal";
import { Money } from "@tiao/desk/Shown";
import { type Key, useSpeech } from "@tiao/ui";
import { usePages } from "@tiao/ui/pages";
import { Button, Empty, Select, Spin, Table, Tag } from "antd";

/** What a statement is made of, in the order in which it adds up; what is always there, even when it is nothing. */
const LINES = [
  ["opening_minor", "opening"],
  ["gross_minor", "gross"],
  ["discount_minor", "discount"],
  ["subsidy_minor", "subsidy"],
  ["refunded_minor", "refunded"],
  ["disputed_minor", "disputed"],
  ["adjusted_minor", "adjusted"],
  ["shared_minor", "shared"],
  ["income_minor", "income"],
  ["reserved_minor", "reserved"],
  ["net_minor", "net"],
  ["paid_minor", "paid"],
  ["returned_minor", "returned"],
  ["closing_minor", "closing"],
] as const;
const ALWAYS = new Set(["opening", "gross", "discount", "refunded", "net", "paid", "closing"]);
const SUMS = new Set(["net", "closing"]);

export default function Statements() {
  const { t } = useSpeech();
  const [filters, setFilter] = useFilters("month");
  const months = usePages(["months"], (after) =>
    client.GET("/v1/statements", { params: { query: { limit: 24, after } } }),
  );
  const month = filters.month ?? months.rows.find((each) => each.is_final)?.month ?? months.rows[0]?.month;
  return (
    <>
      <Heading title="portal.statements">
        {month !== undefined && (
          <>
            <Select
              aria-label={t("statement.month")}
              value={month}
              popupMatchSelectWidth={false}
              onChange={(value) => setFilter("month", value)}
              options={months.rows.map((each) => ({ value: each.month, label: each.month }))}
            />
            <Button href={`/v1/statements/${month}/file`} download={`${month}.csv`}>
              {t("statement.file")}
            </Button>
          </>
        )}
      </Heading>
      <Refusal error={months.error} />
      {months.isPending && <Spin />}
      {months.data && month === undefined && <Empty description={t("statement.none")} />}
      {month !== undefined && <Month of={month} />}
    </>
  );
}

function Month({ of }: { of: string }) {
  const { t } = useSpeech();
  const found = api.useQuery("get", "/v1/statements/{month}", { params: { path: { month: of } } });
  const shown = found.data;
  if (!shown) return found.error ? <Refusal error={found.error} /> : <Spin />;
  const { statement, currency } = shown;
  const rows = LINES.filter(([field, name]) => ALWAYS.has(name) || statement[field] !== 0);
  return (
    <>
      <div>
        <Tag color={shown.is_final ? "success" : "processing"}>
          {t(shown.is_final ? "statement.final" : "statement.so_far")}
        </Tag>{" "}
        {t("statement.count", { sales: statement.sales, refunds: statement.refunds })}
      </div>
      <Table
        className="narrow"
        size="small"
        rowKey={([field]) => field}
        dataSource={rows}
        pagination={false}
        columns={[
          {
            title: of,
            render: (_, [, name]) => {
              const text = t(`statement.line.${name}` as Key);
              return SUMS.has(name) ? <strong>{text}</strong> : text;
            },
          },
          {
            title: t("purchase.amount"),
            align: "right",
            render: (_, [field, name]) => {
              const amount = <Money minor={statement[field]} currency={currency} />;
              return SUMS.has(name) ? <strong>{amount}</strong> : amount;
            },
          },
        ]}
      />
    </>
  );
}
