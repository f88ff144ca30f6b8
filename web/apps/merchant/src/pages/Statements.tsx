// The shop's months: what was owed, what came and went, what is owed; each can be taken out as a file.
import { api, client } from "@tiao/api";
import { Facts } from "@tiao/desk/Facts";
import { useFilters } from "@tiao/desk/filters";
import { Heading } from "@tiao/desk/Heading";
import { Refusal } from "@tiao/desk/Refusal";
import { Money } from "@tiao/desk/Shown";
import { useSpeech } from "@tiao/ui";
import { usePages } from "@tiao/ui/pages";
import { Button, Empty, Select, Spin, Table, Tag, Typography } from "antd";
import { BESIDE_MONTH, OF_MONTH, shownOf } from "../sums";

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
  const beside = shownOf(BESIDE_MONTH, statement);
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
        rowKey="name"
        dataSource={shownOf(OF_MONTH, statement)}
        pagination={false}
        columns={[
          { title: of, render: (_, { name, isSum }) => (isSum ? <strong>{t(name)}</strong> : t(name)) },
          {
            title: t("purchase.amount"),
            align: "right",
            render: (_, { minor, isSum }) => {
              const amount = <Money minor={minor} currency={currency} />;
              return isSum ? <strong>{amount}</strong> : amount;
            },
          },
        ]}
      />
      {beside.length > 0 && (
        <>
          <Typography.Title level={2}>{t("statement.beside")}</Typography.Title>
          <Facts
            columns={1}
            of={beside.map(({ name, minor }) => [t(name), <Money key={name} minor={minor} currency={currency} />])}
          />
        </>
      )}
    </>
  );
}
