// What showing pay-later did to a shop's orders: differences with their intervals, as picture and table.
import { api, client, type Schemas } from "@tiao/api";
import { Intervals } from "@tiao/desk/charts";
import { useFilters } from "@tiao/desk/filters";
import { Refusal } from "@tiao/desk/Refusal";
import { useSpeech } from "@tiao/ui";
import { usePages } from "@tiao/ui/pages";
import { Alert, Card, Empty, Select, Table, Tag } from "antd";
import { Heading } from "@tiao/desk/Heading";

type Merchant = Schemas["MerchantPage"]["data"][number];

export default function Experiments() {
  const { t, instant } = useSpeech();
  const [filters, setFilter] = useFilters("merchant");
  const merchants = usePages<Merchant>(["merchants for experiments"], (after) =>
    client.GET("/v1/merchants", { params: { query: { limit: 100, after } } }),
  );
  const chosen = filters.merchant ?? merchants.rows[0]?.id ?? "";
  const list = api.useQuery(
    "get",
    "/v1/experiments",
    { params: { query: { merchant: chosen } } },
    { enabled: chosen !== "" },
  );
  return (
    <>
      <Heading title="ops.nav.experiments" note="experiment.how">
        <Select
          aria-label={t("purchase.merchant")}
          showSearch={{ optionFilterProp: "label" }}
          className="wide"
          value={chosen}
          onChange={(value) => setFilter("merchant", value)}
          options={merchants.rows.map((row) => ({ value: row.id, label: row.name }))}
        />
      </Heading>
      <Refusal error={list.error} />
      {list.data?.data.length === 0 && <Empty description={t("experiment.none")} />}
      {list.data?.data.map((each) => (
        <Card
          key={each.id}
          size="small"
          title={each.name}
          extra={
            <Tag color={each.ended_at ? "default" : "success"}>
              {t(each.ended_at ? "experiment.ended" : "experiment.running")}
            </Tag>
          }
        >
          <p>{t("experiment.since", { since: instant(each.made_at), share: each.shown_ppm / 10_000 })}</p>
          <Results id={each.id} />
        </Card>
      ))}
    </>
  );
}

function Results({ id }: { id: string }) {
  const { t, code } = useSpeech();
  const result = api.useQuery("get", "/v1/experiments/{experiment_id}/results", {
    params: { path: { experiment_id: id } },
  });
  const found = result.data;
  if (!found) return <Refusal error={result.error} />;
  const percent = (value: number) => `${(value * 100).toFixed(1)} %`;
  const drawn = found.compared.flatMap((each) =>
    each.relative === null || each.relative_low === null || each.relative_high === null
      ? []
      : [
          {
            name: code("experiment.measure", each.measure),
            low: each.relative_low,
            mid: each.relative,
            high: each.relative_high,
          },
        ],
  );
  return (
    <div className="stack">
      <p>{t("experiment.seen", { shown: found.shown.toLocaleString(), hidden: found.hidden.toLocaleString() })}</p>
      {found.is_ratio_wrong && <Alert type="error" showIcon title={t("experiment.ratio_wrong")} />}
      {drawn.length > 0 && <Intervals title={t("experiment.picture")} rows={drawn} show={percent} />}
      <Table
        size="small"
        rowKey="measure"
        pagination={false}
        scroll={{ x: "max-content" }}
        dataSource={found.compared}
        columns={[
          { title: t("chart.what"), render: (_, row) => code("experiment.measure", row.measure) },
          { title: t("experiment.shown"), align: "right", render: (_, row) => row.shown.toFixed(4) },
          { title: t("experiment.hidden"), align: "right", render: (_, row) => row.hidden.toFixed(4) },
          { title: t("experiment.difference"), align: "right", render: (_, row) => row.difference.toFixed(4) },
          { title: "p", align: "right", render: (_, row) => row.p_value.toFixed(4) },
        ]}
      />
    </div>
  );
}
