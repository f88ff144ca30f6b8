import type { Schemas } from "@tiao/api";
import { Bars } from "@tiao/desk/charts";
import { useSpeech } from "@tiao/ui";
import { Alert, Table } from "antd";
import { showValue } from "../pages/PolicyRules";

/** What an override would change: the rules, and earlier purchases priced under both. */
export function Trial({ of }: { of: Schemas["OverrideTried"] }) {
  const { t, code, money } = useSpeech();
  const { tried } = of;
  const lost = tried.offered_before - tried.offered_after;
  return (
    <div className="stack" role="status">
      {of.changes.length === 0 ? (
        <Alert type="warning" showIcon title={t("trial.nothing")} />
      ) : (
        <Table
          size="small"
          rowKey="id"
          pagination={false}
          dataSource={of.changes}
          columns={[
            { title: t("policy.rule"), dataIndex: "id" },
            { title: t("trial.before"), render: (_, row) => showValue(row.before) },
            { title: t("trial.after"), render: (_, row) => showValue(row.after) },
          ]}
        />
      )}
      <p>
        {t("trial.would", {
          count: tried.purchases.toLocaleString(),
          days: of.days,
          lost: lost.toLocaleString(),
          before: money(tried.fee_before_minor),
          after: money(tried.fee_after_minor),
        })}
      </p>
      {of.lines_above > 0 && (
        <p>{t("trial.above", { lines: of.lines_above.toLocaleString(), amount: money(of.above_minor) })}</p>
      )}
      {tried.purchases > 0 && (
        <Bars
          title={t("trial.picture")}
          names={[t("trial.offered"), ...Object.keys(tried.lost_by_plan).map((plan) => code("plan", plan))]}
          series={[
            { name: t("trial.before"), values: [tried.offered_before, ...Object.values(tried.lost_by_plan)] },
            {
              name: t("trial.after"),
              values: [tried.offered_after, ...Object.values(tried.lost_by_plan).map(() => 0)],
            },
          ]}
          show={(value) => value.toLocaleString()}
        />
      )}
    </div>
  );
}
