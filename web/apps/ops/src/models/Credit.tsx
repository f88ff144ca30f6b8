// The credit models: champion and challenger, the steps between them, and the monitors of the one that decides.
import { api, Refused, type Schemas } from "@tiao/api";
import { Bars, Lines } from "@tiao/desk/charts";
import { Refusal } from "@tiao/desk/Refusal";
import { useFilters } from "@tiao/desk/filters";
import { useSpeech } from "@tiao/ui";
import { Alert, Card, Table, Tag } from "antd";
import { CreditSteps } from "./CreditSteps";
import { Alerts, DaysOf, featureTable, History, LEVEL_COLOUR, Panel, percent, Roles, Stability } from "./monitors";

const PPM = 1_000_000;

export function Credit() {
  const models = api.useQuery("get", "/v1/models", {});
  const found = models.data;
  return (
    <div className="stack">
      <Refusal error={models.error} />
      {found && (
        <Roles
          deciding={found.deciding}
          shadow={found.in_shadow}
          backTo={found.back_to}
          actions={<CreditSteps models={found} />}
        />
      )}
      {found?.in_shadow && <Shadow />}
      <Watch />
      {found && <History steps={found.steps.map((step) => ({ ...step, maker: step.proposed_by }))} />}
    </div>
  );
}

/** What the model in shadow makes of the applications that another decides, and what its promotion still lacks. */
function Shadow() {
  const { t, money } = useSpeech();
  const { data: found, error } = api.useQuery("get", "/v1/models/shadow", {}, { retry: false });
  if (!found) return <Refusal error={error} />;
  const of = found.compared;
  const share = (part: number) => (of.scored ? percent(part / of.scored) : "–");
  const sides = [
    { key: "shadow", name: t("model.shadow"), ...of.shadow },
    { key: "decided", name: t("model.deciding"), ...of.decided },
  ];
  return (
    <Card title={t("model.beside", { rows: of.scored })}>
      <div className="stack">
        {found.blocked_by === null ? (
          <Alert type="success" showIcon title={t("model.may_be_promoted")} />
        ) : (
          <Alert type="warning" showIcon title={`${t("model.not_yet")} ${found.why}`} />
        )}
        <Table
          size="small"
          pagination={false}
          dataSource={sides}
          columns={[
            { title: "", dataIndex: "name" },
            { title: t("model.approval"), align: "right", render: (_, row) => share(row.approved) },
            { title: t("model.limits"), align: "right", render: (_, row) => money(row.limits_minor) },
            { title: "AUC", align: "right", render: (_, row) => row.auc?.toFixed(3) ?? "–" },
          ]}
        />
        <p className="note">
          {t("model.otherwise", { more: of.only_shadow, fewer: of.only_decided, ripe: of.ripe, bad: of.bad })}
        </p>
        <Table<Schemas["ShadowGroup"]>
          size="small"
          rowKey="group"
          pagination={false}
          dataSource={of.groups}
          columns={[
            { title: t("model.age"), dataIndex: "group" },
            { title: t("model.rows"), align: "right", dataIndex: "scored" },
            { title: t("model.shadow"), align: "right", render: (_, row) => percent(row.approved_ppm / PPM) },
            { title: t("model.deciding"), align: "right", render: (_, row) => percent(row.decided_ppm / PPM) },
            {
              title: "AIR",
              align: "right",
              render: (_, row) => (row.air_ppm === null ? "–" : (row.air_ppm / PPM).toFixed(2)),
            },
          ]}
        />
      </div>
    </Card>
  );
}

function Watch() {
  const { t, code } = useSpeech();
  const [filters] = useFilters("days");
  const days = Number(filters.days ?? 90);
  const { data: drift, error } = api.useQuery(
    "get",
    "/v1/models/drift",
    { params: { query: { days } } },
    { retry: false },
  );
  if (error instanceof Refused && error.code === "nothing_scored") {
    return <Alert type="info" showIcon title={t("model.nothing_scored")} action={<DaysOf fallback={90} />} />;
  }
  if (!drift) return <Refusal error={error} />;
  const alerts = drift.alerts.map((each) => ({
    ...each,
    text: `${code("model.alert", each.what)} ${each.what === "approval" ? percent(each.value) : `${each.name}: ${each.value.toFixed(3)}`}`,
  }));
  return (
    <Card
      title={t("model.watch", { rows: drift.rows })}
      extra={
        <>
          <DaysOf fallback={90} /> <Tag color={LEVEL_COLOUR[drift.level]}>{code("level", drift.level)}</Tag>
        </>
      }
    >
      <div className="stack">
        <Alerts of={alerts} />
        <div className="two">
          <Scores of={drift.score} />
          <Stability features={drift.features.map((each) => ({ name: each.name, psi: each.index }))} />
          <Approval of={drift.approval} />
          <Calibration of={drift.calibration} />
        </div>
        <Vintages of={drift.vintages} />
        <details>
          <summary>{t("model.feature_table")}</summary>
          {featureTable(
            t,
            code,
            [drift.score, ...drift.features].map((each) => ({
              name: each.name,
              psi: each.index,
              level: each.level,
              missing: each.missing_now,
            })),
          )}
        </details>
      </div>
    </Card>
  );
}

/** What the document calls a tuple comes as a list. */
type Moved = Omit<Schemas["Moved"], "bins"> & { bins: (string | number)[][] };
type Vintage = Omit<Schemas["Vintage"], "auc_95">;

function Scores({ of }: { of: Moved }) {
  const { t } = useSpeech();
  const bins = of.bins as [string, number, number][];
  return (
    <Panel title={t("model.scores")}>
      <Bars
        title={t("model.scores")}
        names={bins.map(([name]) => name)}
        series={[
          { name: t("model.training"), values: bins.map(([, before]) => before) },
          { name: t("model.now"), values: bins.map(([, , now]) => now) },
        ]}
        show={percent}
      />
    </Panel>
  );
}

function Approval({ of }: { of: Schemas["Approval"] }) {
  const { t } = useSpeech();
  return (
    <Panel title={t("model.approval")}>
      <Bars
        title={t("model.approval")}
        names={[t("model.training"), t("model.now")]}
        series={[{ name: t("model.approval"), values: [of.before, of.now] }]}
        most={1}
        show={percent}
      />
    </Panel>
  );
}

function Calibration({ of }: { of: Schemas["GradeCalibration"][] }) {
  const { t } = useSpeech();
  const ripe = of.filter((each) => each.rows > 0);
  if (ripe.length === 0) {
    return (
      <Panel title={t("model.calibration")}>
        <p className="note">{t("model.not_ripe")}</p>
      </Panel>
    );
  }
  return (
    <Panel title={t("model.calibration")}>
      <Lines
        title={t("model.calibration")}
        names={ripe.map((each) => `${each.grade} (${each.rows})`)}
        series={[
          { name: t("model.expected"), values: ripe.map((each) => each.expected) },
          { name: t("model.seen"), values: ripe.map((each) => each.seen) },
        ]}
        show={percent}
      />
    </Panel>
  );
}

function Vintages({ of }: { of: Vintage[] }) {
  const { t } = useSpeech();
  if (of.length === 0) return null;
  const ripe = of.filter((each) => each.bad_rate !== null);
  return (
    <>
      {ripe.length > 1 && (
        <Panel title={t("model.vintages")}>
          <Lines
            title={t("model.vintages")}
            names={ripe.map((each) => each.month)}
            series={[{ name: t("model.bad_rate"), values: ripe.map((each) => each.bad_rate ?? 0) }]}
            show={percent}
          />
        </Panel>
      )}
      <Table<Vintage>
        size="small"
        rowKey="month"
        pagination={false}
        dataSource={of}
        columns={[
          { title: t("model.month"), dataIndex: "month" },
          { title: t("model.rows"), align: "right", dataIndex: "rows" },
          { title: t("model.unripe"), align: "right", dataIndex: "unripe" },
          {
            title: t("model.bad_rate"),
            align: "right",
            render: (_, row) => (row.bad_rate === null ? "–" : percent(row.bad_rate)),
          },
          { title: "AUC", align: "right", render: (_, row) => row.auc?.toFixed(3) ?? "–" },
          { title: "KS", align: "right", render: (_, row) => row.ks?.toFixed(3) ?? "–" },
        ]}
      />
    </>
  );
}
