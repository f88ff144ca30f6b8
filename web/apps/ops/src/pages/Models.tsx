// The models at work: which decides, which is in shadow, how both came there, and whether the world still looks as it did.
import { api, once, type Schemas } from "@tiao/api";
import { Ask } from "@tiao/desk/Ask";
import { Facts } from "@tiao/desk/Facts";
import { Refusal } from "@tiao/desk/Refusal";
import { useSpeech } from "@tiao/ui";
import { useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Card, Flex, Table, Tag, Timeline, Typography } from "antd";
import { useState } from "react";

const COLOUR: Record<Schemas["Drift"]["level"], string> = { calm: "success", question: "warning", stop: "error" };

export default function Models() {
  const { t, code, instant } = useSpeech();
  const models = api.useQuery("get", "/v1/models", {});
  const found = models.data;
  return (
    <>
      <Flex justify="space-between" align="center" wrap gap="small">
        <Typography.Title level={1}>{t("ops.nav.models")}</Typography.Title>
        {found && <Steps models={found} />}
      </Flex>
      <Refusal error={models.error} />
      {found && (
        <Card>
          <Facts
            columns={1}
            of={[
              [
                t("model.deciding"),
                <span key="d" className="id">
                  {found.deciding}
                </span>,
              ],
              [
                t("model.shadow"),
                found.in_shadow === null ? (
                  t("model.none")
                ) : (
                  <span key="s" className="id">
                    {found.in_shadow}
                  </span>
                ),
              ],
              [
                t("model.back_to"),
                found.back_to === null ? null : (
                  <span key="b" className="id">
                    {found.back_to}
                  </span>
                ),
              ],
            ]}
          />
        </Card>
      )}
      <Watch />
      {found && found.steps.length > 0 && (
        <Card title={t("model.history")}>
          <Timeline
            items={found.steps.map((step) => ({
              content: `${instant(step.at)} · ${code("model.step", step.step)} · ${step.model_version} · ${step.by}: ${step.reason}`,
            }))}
          />
        </Card>
      )}
    </>
  );
}

function Watch() {
  const { t, code } = useSpeech();
  const { data: drift, error } = api.useQuery("get", "/v1/models/drift", {});
  if (!drift) return <Refusal error={error} />;
  return (
    <Card
      title={t("model.watch", { rows: drift.rows })}
      extra={<Tag color={COLOUR[drift.level]}>{code("level", drift.level)}</Tag>}
    >
      <div className="stack">
        {drift.alerts.map((alert) => (
          <Alert
            key={alert.what + alert.name}
            type={alert.level === "stop" ? "error" : "warning"}
            showIcon
            title={`${code("drift", alert.what)} ${alert.name}: ${alert.value.toFixed(3)}`}
          />
        ))}
        <Table
          size="small"
          rowKey="name"
          pagination={false}
          dataSource={[drift.score, ...drift.features]}
          columns={[
            { title: t("model.value"), render: (_, row) => code("feature", row.name) },
            { title: "PSI", align: "right", render: (_, row) => row.index.toFixed(4) },
            {
              title: t("model.level"),
              render: (_, row) => <Tag color={COLOUR[row.level]}>{code("level", row.level)}</Tag>,
            },
            {
              title: t("model.missing"),
              align: "right",
              render: (_, row) => (row.missing_now === null ? "" : `${(row.missing_now * 100).toFixed(1)} %`),
            },
          ]}
        />
        <Table
          size="small"
          rowKey="grade"
          pagination={false}
          dataSource={drift.calibration}
          columns={[
            { title: t("decision.grade"), dataIndex: "grade" },
            { title: t("model.rows"), align: "right", dataIndex: "rows" },
            { title: t("model.expected"), align: "right", render: (_, row) => `${(row.expected * 100).toFixed(2)} %` },
            { title: t("model.seen"), align: "right", render: (_, row) => `${(row.seen * 100).toFixed(2)} %` },
            {
              title: t("model.level"),
              render: (_, row) => <Tag color={COLOUR[row.level]}>{code("level", row.level)}</Tag>,
            },
          ]}
        />
      </div>
    </Card>
  );
}

/** The steps that can be taken now. Promotion needs somebody other than who proposed; the server sees to it. */
function Steps({ models }: { models: Schemas["ModelsShown"] }) {
  const { t } = useSpeech();
  const queries = useQueryClient();
  const [step, setStep] = useState<"promotion" | "withdrawal" | "demotion" | null>(null);
  const done = {
    onSuccess: () => {
      setStep(null);
      return queries.invalidateQueries();
    },
  };
  const changes = {
    promotion: api.useMutation("post", "/v1/models/promotion", done),
    withdrawal: api.useMutation("post", "/v1/models/withdrawal", done),
    demotion: api.useMutation("post", "/v1/models/demotion", done),
  };
  const change = step ? changes[step] : null;
  return (
    <Flex gap="small">
      {models.in_shadow !== null && (
        <Button type="primary" onClick={() => setStep("promotion")}>
          {t("model.promote")}
        </Button>
      )}
      {models.in_shadow !== null && <Button onClick={() => setStep("withdrawal")}>{t("model.withdraw")}</Button>}
      {models.back_to !== null && (
        <Button danger onClick={() => setStep("demotion")}>
          {t("model.put_back")}
        </Button>
      )}
      {step && change && (
        <Ask
          title={t(`model.sure.${step}`)}
          isDanger={step === "demotion"}
          isPending={change.isPending}
          error={change.error}
          onCancel={() => setStep(null)}
          onAnswer={(reason) => change.mutate({ body: { reason }, params: { header: once() } })}
        />
      )}
    </Flex>
  );
}
