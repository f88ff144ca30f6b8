// An experiment's answer: each measure with the interval that holds the truth, as a picture and as a table.
import { api, once, type Schemas } from "@tiao/api";
import { Facts } from "@tiao/desk/Facts";
import { Intervals } from "@tiao/desk/charts";
import { Refusal } from "@tiao/desk/Refusal";
import { useSpeech } from "@tiao/ui";
import { useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Card, Flex, Popconfirm, Table, Typography } from "antd";
import { useParams } from "wouter";
import { percent } from "../percent";

type Compared = Schemas["ComparedShown"];

export default function Experiment() {
  const { t, code, money, language } = useSpeech();
  const { id } = useParams<{ id: string }>();
  const queries = useQueryClient();
  const path = { experiment_id: id };
  const list = api.useQuery("get", "/v1/experiments", {});
  const found = api.useQuery("get", "/v1/experiments/{experiment_id}/results", { params: { path } });
  const end = api.useMutation("post", "/v1/experiments/{experiment_id}/end", {
    onSuccess: () => queries.invalidateQueries(),
  });
  const experiment = list.data?.data.find((each) => each.id === id);
  const result = found.data;
  const shown = (row: Compared, value: number) =>
    row.measure === "conversion" || row.measure === "repeat_rate" ? percent(value, language) : money(Math.round(value));
  return (
    <>
      <Flex justify="space-between" align="center" wrap gap="small">
        <Typography.Title level={1}>{experiment?.name ?? t("portal.experiment")}</Typography.Title>
        {experiment?.ended_at === null && (
          <Popconfirm title={t("tryout.end_sure")} onConfirm={() => end.mutate({ params: { path, header: once() } })}>
            <Button loading={end.isPending}>{t("tryout.end")}</Button>
          </Popconfirm>
        )}
      </Flex>
      <Refusal error={found.error ?? end.error} />
      {result?.is_ratio_wrong && <Alert type="error" showIcon title={t("tryout.ratio_wrong")} />}
      {result && (
        <Card>
          <Facts
            of={[
              [t("tryout.shown"), String(result.shown)],
              [t("tryout.hidden"), String(result.hidden)],
            ]}
          />
        </Card>
      )}
      {result && result.compared.length === 0 && <Alert type="info" showIcon title={t("tryout.too_few")} />}
      {result && result.compared.length > 0 && (
        <Card title={t("tryout.picture")}>
          <Intervals
            title={t("tryout.picture")}
            show={(share) => percent(share, language, true)}
            rows={result.compared.flatMap((row) =>
              row.relative === null || row.relative_low === null || row.relative_high === null
                ? []
                : [
                    {
                      name: code("measure", row.measure),
                      mid: row.relative,
                      low: row.relative_low,
                      high: row.relative_high,
                    },
                  ],
            )}
          />
          <Table
            size="small"
            rowKey="measure"
            dataSource={result.compared}
            pagination={false}
            scroll={{ x: "max-content" }}
            columns={[
              { title: t("tryout.measure"), render: (_, row) => code("measure", row.measure) },
              { title: t("tryout.shown"), align: "right", render: (_, row) => shown(row, row.shown) },
              { title: t("tryout.hidden"), align: "right", render: (_, row) => shown(row, row.hidden) },
              { title: t("tryout.difference"), align: "right", render: (_, row) => shown(row, row.difference) },
              {
                title: t("tryout.interval"),
                align: "right",
                render: (_, row) => `${shown(row, row.low)} … ${shown(row, row.high)}`,
              },
              {
                title: t("tryout.explained"),
                align: "right",
                render: (_, row) => percent(row.variance_explained, language),
              },
            ]}
          />
        </Card>
      )}
    </>
  );
}
