// What monitors of credit and of fraud models share: who decides, what alarms, how stable features are, what happened.
import type { Schemas } from "@tiao/api";
import { Bars } from "@tiao/desk/charts";
import { Facts } from "@tiao/desk/Facts";
import { useFilters } from "@tiao/desk/filters";
import { type Speech, useSpeech } from "@tiao/ui";
import { Alert, Card, Select, Table, Tag, Timeline } from "antd";
import type { ReactNode } from "react";

type Level = Schemas["DriftLevel"];

/** From here on somebody should look; from there on the model was made for other people. The server alarms by the same. */
export const QUESTION = 0.1;
export const STOP = 0.25;
const FEATURES_SHOWN = 12;
const WINDOWS = [30, 90, 180, 365];
export const LEVEL_COLOUR: Record<Level, string> = { calm: "success", question: "warning", stop: "error" };

export const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

export function Roles(props: {
  deciding: string | null;
  shadow: string | null;
  backTo: string | null;
  actions: ReactNode;
}) {
  const { t } = useSpeech();
  const version = (of: string | null) => <span className="id">{of ?? t("model.none")}</span>;
  return (
    <Card>
      <div className="stack">
        {props.actions}
        <Facts
          columns={1}
          of={[
            [t("model.deciding"), props.deciding === null ? t("model.rules_alone") : version(props.deciding)],
            [t("model.shadow"), version(props.shadow)],
            [t("model.back_to"), props.backTo === null ? null : version(props.backTo)],
          ]}
        />
      </div>
    </Card>
  );
}

/** A picture with its name above. */
export function Panel({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Card size="small" title={title}>
      {children}
    </Card>
  );
}

export function DaysOf({ fallback }: { fallback: number }) {
  const { t } = useSpeech();
  const [filters, setFilter] = useFilters("days");
  return (
    <Select
      size="small"
      aria-label={t("model.window")}
      popupMatchSelectWidth={false}
      value={Number(filters.days ?? fallback)}
      onChange={(value) => setFilter("days", value === fallback ? null : String(value))}
      options={WINDOWS.map((days) => ({ value: days, label: t("model.days", { days }) }))}
    />
  );
}

export function Alerts({ of }: { of: { level: Level; text: string }[] }) {
  const { t } = useSpeech();
  if (of.length === 0) return <Alert type="success" showIcon title={t("model.all_calm")} />;
  return of.map((each) => (
    <Alert key={each.text} type={each.level === "stop" ? "error" : "warning"} showIcon title={each.text} />
  ));
}

export function Stability({ features }: { features: { name: string; psi: number }[] }) {
  const { t } = useSpeech();
  const shown = [...features].sort((one, other) => other.psi - one.psi).slice(0, FEATURES_SHOWN);
  const title = t("model.features", { count: shown.length });
  return (
    <Panel title={title}>
      <Bars
        title={title}
        names={shown.map((each) => each.name)}
        series={[{ name: "PSI", values: shown.map((each) => each.psi) }]}
        bounds={[QUESTION, STOP]}
        show={(value) => value.toFixed(3)}
      />
    </Panel>
  );
}

interface FeatureRow {
  name: string;
  psi: number;
  level: Level;
  missing: number | null;
}

export function featureTable(t: Speech["t"], code: Speech["code"], rows: FeatureRow[]) {
  return (
    <Table<FeatureRow>
      size="small"
      rowKey="name"
      pagination={false}
      dataSource={rows}
      scroll={{ x: "max-content" }}
      columns={[
        { title: t("model.value"), render: (_, row) => <span className="id">{row.name}</span> },
        { title: "PSI", align: "right", render: (_, row) => row.psi.toFixed(4) },
        {
          title: t("model.level"),
          render: (_, row) => <Tag color={LEVEL_COLOUR[row.level]}>{code("level", row.level)}</Tag>,
        },
        {
          title: t("model.missing"),
          align: "right",
          render: (_, row) => (row.missing === null ? "" : percent(row.missing)),
        },
      ]}
    />
  );
}

interface Step {
  at: string;
  step: string;
  model_version: string;
  by: string;
  maker: string;
  reason: string;
  evidence: Record<string, unknown> | null;
}

export function History({ steps }: { steps: Step[] }) {
  const { t, code, instant } = useSpeech();
  if (steps.length === 0) return null;
  return (
    <Card title={t("model.history")}>
      <Timeline
        items={steps.map((step) => ({
          content: (
            <>
              {`${instant(step.at)} · ${code("model.step", step.step)} · ${step.model_version} · ${step.by}: ${step.reason}`}
              {step.evidence && (
                <details>
                  <summary>{t("model.evidence")}</summary>
                  <pre className="code">{JSON.stringify(step.evidence, null, 2)}</pre>
                </details>
              )}
            </>
          ),
        }))}
      />
    </Card>
  );
}
