// The fraud models beside the rules: champion and challenger, and how each does on what it scored.
import { api, Refused, type Schemas } from "@tiao/api";
import { Bars, Lines } from "@tiao/desk/charts";
import { Facts } from "@tiao/desk/Facts";
import { useFilters } from "@tiao/desk/filters";
import { Refusal } from "@tiao/desk/Refusal";
import { type Speech, useSpeech } from "@tiao/ui";
import { Alert, Card, Select, Table, Tag } from "antd";
import { FraudSteps } from "./FraudSteps";
import { Alerts, DaysOf, featureTable, History, LEVEL_COLOUR, Panel, percent, Roles, Stability } from "./monitors";

const PPM = 1_000_000;
const FEATURES_NAMED = 5;

export function Fraud() {
  const { t } = useSpeech();
  const [filters, setFilter] = useFilters("version");
  const models = api.useQuery("get", "/v1/risk/models", {});
  const found = models.data;
  const version = filters.version ?? found?.deciding ?? found?.in_shadow ?? found?.versions.at(-1) ?? null;
  return (
    <div className="stack">
      <Refusal error={models.error} />
      {found?.is_missing && <Alert type="error" showIcon title={t("model.is_missing")} />}
      {found && (
        <Roles
          deciding={found.deciding}
          shadow={found.in_shadow}
          backTo={found.can_go_back ? (found.back_to ?? t("model.rules_alone")) : null}
          actions={<FraudSteps models={found} version={version} />}
        />
      )}
      {found && version === null && <Alert type="info" showIcon title={t("model.no_fraud")} />}
      {found && found.versions.length > 1 && (
        <Select
          aria-label={t("model.versions")}
          value={version}
          onChange={(value) => setFilter("version", value)}
          popupMatchSelectWidth={false}
          options={found.versions.map((value) => ({ value, label: value }))}
        />
      )}
      {version !== null && <Model version={version} />}
      {version !== null && <Watch version={version} />}
      {found && <History steps={found.steps.map((step) => ({ ...step, maker: step.brought_by }))} />}
    </div>
  );
}

function Model({ version }: { version: string }) {
  const { t, code } = useSpeech();
  const found = api.useQuery("get", "/v1/risk/models/{version}", { params: { path: { version } } });
  const model = found.data;
  if (!model) return <Refusal error={found.error} />;
  return (
    <Card title={<span className="id">{version}</span>} extra={<Tag>{code("model.state", model.state)}</Tag>}>
      <Facts
        of={[
          [t("model.trained_until"), model.train_until],
          [t("model.trees"), model.trees],
          [
            t("model.bands"),
            Object.entries(model.thresholds)
              .map(([outcome, from]) => `${code("risk.outcome", outcome)} ≥ ${percent(from as number)}`)
              .join("；"),
          ],
          ...(model.budget
            ? ([
                [t("model.challenged_most"), percent(model.budget.challenged_max_ppm / PPM)],
                [
                  t(model.budget.is_of_promotion ? "model.challenged_in_shadow" : "model.challenged_at_training"),
                  t("model.challenged_by_cost", {
                    challenged: percent(model.budget.challenged_ppm / PPM),
                    cost: percent(model.budget.by_cost_ppm / PPM),
                    genuine: model.budget.genuine,
                  }),
                ],
              ] as [string, string][])
            : []),
        ]}
      />
    </Card>
  );
}

function Watch({ version }: { version: string }) {
  const { t, code } = useSpeech();
  const [filters] = useFilters("days");
  const found = api.useQuery(
    "get",
    "/v1/risk/models/{version}/drift",
    { params: { path: { version }, query: { days: Number(filters.days ?? 30) } } },
    { retry: false },
  );
  const { data: drift, error } = found;
  if (error instanceof Refused && error.code === "model_scored_nothing") {
    return <Alert type="info" showIcon title={t("model.nothing_scored")} action={<DaysOf fallback={30} />} />;
  }
  if (!drift) return <Refusal error={error} />;
  return (
    <Card
      title={t("model.watch", { rows: drift.decided })}
      extra={
        <>
          <DaysOf fallback={30} /> <Tag color={LEVEL_COLOUR[drift.level]}>{code("level", drift.level)}</Tag>
        </>
      }
    >
      <div className="stack">
        <Alerts of={alertsOf(drift, t, code)} />
        <Facts
          of={[
            [t("model.alert_rate"), percent(drift.alert_rate_ppm / PPM)],
            [t("model.reviewed"), drift.reviewed_ppm === null ? "–" : percent(drift.reviewed_ppm / PPM)],
            [
              t("model.challenged"),
              drift.challenged_max_ppm === null
                ? percent(drift.challenged_ppm / PPM)
                : `${percent(drift.challenged_ppm / PPM)} · ${t("model.challenged_max")} ${percent(drift.challenged_max_ppm / PPM)}`,
            ],
            [t("model.known"), `${drift.known} · ${t("model.frauds")} ${drift.frauds}`],
            [t("model.average_precision"), drift.average_precision?.toFixed(3) ?? "–"],
          ]}
        />
        <div className="two">
          <Panel title={t("model.by_day")}>
            <Lines
              title={t("model.by_day")}
              names={drift.days.map((each) => each.day.slice(5))}
              series={[
                {
                  name: t("model.alert_rate"),
                  values: drift.days.map((each) => (each.decided ? each.stopped / each.decided : 0)),
                },
              ]}
              show={percent}
            />
          </Panel>
          <Scores of={drift.score} />
          <Stability features={drift.features} />
          <Outcomes of={drift.outcomes} />
        </div>
        <details>
          <summary>{t("model.feature_table")}</summary>
          {featureTable(
            t,
            code,
            drift.features.map((each) => ({ ...each, missing: null })),
          )}
        </details>
      </div>
    </Card>
  );
}

/** Alerts in words; of many features that moved the furthest stand for the others, which the table has. */
function alertsOf(drift: Schemas["RiskDrift"], t: Speech["t"], code: Speech["code"]) {
  const features = drift.features.filter((each) => drift.alerts.includes(each.name));
  const rest = drift.alerts.filter((name) => !features.some((each) => each.name === name));
  const shown = [...rest, ...features.slice(0, FEATURES_NAMED).map((each) => each.name)];
  const alerts = shown.map((name) => alertOf(name, drift, t, code));
  const more = features.length - FEATURES_NAMED;
  return more > 0 ? [...alerts, { level: drift.level, text: t("model.alert.more", { count: more }) }] : alerts;
}

/** What is no longer calm, in words: which figure, how far it went, and past which bound. */
function alertOf(
  name: string,
  drift: Schemas["RiskDrift"],
  t: Speech["t"],
  code: Speech["code"],
): { level: Schemas["DriftLevel"]; text: string } {
  const moved = name === "score" ? drift.score : drift.features.find((each) => each.name === name);
  if (moved) {
    const what = name === "score" ? t("model.alert.score") : `${t("model.alert.feature")} ${name}`;
    return { level: moved.level, text: `${what}: PSI ${moved.psi.toFixed(2)}` };
  }
  const outcome = drift.outcomes.find((each) => name === `precision of ${each.outcome}`);
  if (outcome) {
    const share = outcome.precision_ppm === null ? "–" : percent(outcome.precision_ppm / PPM);
    return {
      level: "question",
      text: t("model.alert.precision", { outcome: code("risk.outcome", outcome.outcome), share, known: outcome.known }),
    };
  }
  const [now, most] = [drift.challenged_ppm, drift.challenged_max_ppm ?? PPM];
  return {
    level: "question",
    text: t("model.alert.challenged", { share: percent(now / PPM), most: percent(most / PPM) }),
  };
}

function Scores({ of }: { of: Schemas["Drifted"] }) {
  const { t } = useSpeech();
  const names = of.now_ppm.map((_, place) => {
    const edge = of.edges[place];
    return edge === undefined
      ? place === of.edges.length
        ? `> ${of.edges.at(-1)?.toPrecision(2)}`
        : "–"
      : `≤ ${edge.toPrecision(2)}`;
  });
  return (
    <Panel title={t("model.scores")}>
      <Bars
        title={t("model.scores")}
        names={names}
        series={[
          { name: t("model.training"), values: of.before_ppm.map((each) => each / PPM) },
          { name: t("model.now"), values: of.now_ppm.map((each) => each / PPM) },
        ]}
        show={percent}
      />
    </Panel>
  );
}

function Outcomes({ of }: { of: Schemas["Alerted"][] }) {
  const { t, code } = useSpeech();
  return (
    <Panel title={t("model.outcomes")}>
      <Table<Schemas["Alerted"]>
        size="small"
        rowKey="outcome"
        pagination={false}
        dataSource={of}
        columns={[
          { title: t("model.outcome"), render: (_, row) => code("risk.outcome", row.outcome) },
          { title: t("model.purchases"), align: "right", dataIndex: "purchases" },
          { title: t("model.known"), align: "right", dataIndex: "known" },
          { title: t("model.frauds"), align: "right", dataIndex: "frauds" },
          {
            title: t("model.precision"),
            align: "right",
            render: (_, row) => (row.precision_ppm === null ? "–" : percent(row.precision_ppm / PPM)),
          },
        ]}
      />
    </Panel>
  );
}
