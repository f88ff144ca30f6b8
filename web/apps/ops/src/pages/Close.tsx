// How far the close of a day has come: it moves by itself, whoever or whatever runs it.
import { api, type Schemas } from "@tiao/api";
import { Refusal } from "@tiao/desk/Refusal";
import { useSpeech } from "@tiao/ui";
import { useQueryClient } from "@tanstack/react-query";
import { Button, Flex, Input, Progress, Table, Tag } from "antd";
import { useState } from "react";
import { Heading } from "@tiao/desk/Heading";
import { useSecondsLeft } from "../parts/pace";

type Step = Schemas["CloseStepOfPlan"];
/** How often it is looked at while a close may move, and while nothing waits. */
const MOVING_MS = 1_000;
const RESTING_MS = 10_000;

export default function Close() {
  const { t, day } = useSpeech();
  const [chosen, setChosen] = useState<string | null>(null);
  const renews = (query: { state: { data?: Schemas["CloseShown"] | undefined } }) => {
    const seen = query.state.data;
    return seen && !seen.is_closed && seen.is_over ? MOVING_MS : RESTING_MS;
  };
  const current = api.useQuery("get", "/v1/close", {}, { enabled: chosen === null, refetchInterval: renews });
  const other = api.useQuery(
    "get",
    "/v1/close/{business_date}",
    { params: { path: { business_date: chosen ?? "" } } },
    { enabled: chosen !== null, refetchInterval: renews },
  );
  const found = chosen === null ? current : other;
  const close = found.data;
  return (
    <>
      <Heading title="ops.nav.close" note="close.how" />
      <Flex gap="small" align="center" wrap>
        <Input
          type="date"
          aria-label={t("close.day")}
          value={chosen ?? close?.business_date ?? ""}
          onChange={(event) => setChosen(event.target.value || null)}
          className="day"
        />
        {close && <State of={close} />}
        {close && !close.is_closed && close.is_over && <Go on={close.business_date} hasBegun={share(close.plan) > 0} />}
        {chosen !== null && (
          <Button type="link" onClick={() => setChosen(null)}>
            {t("close.current")}
          </Button>
        )}
        {close && <span>{t("close.through", { day: day(close.closed_through) })}</span>}
      </Flex>
      <Refusal error={found.error} />
      {close && close.is_over && <Plan key={close.business_date} of={close} />}
    </>
  );
}

function State({ of }: { of: Schemas["CloseShown"] }) {
  const { t } = useSpeech();
  if (of.is_closed) return <Tag color="success">{t("close.closed")}</Tag>;
  if (!of.is_over) return <Tag>{t("close.not_over")}</Tag>;
  return <Tag color="warning">{t(share(of.plan) > 0 ? "close.under_way" : "close.open")}</Tag>;
}

function Go({ on, hasBegun }: { on: string; hasBegun: boolean }) {
  const { t } = useSpeech();
  const queries = useQueryClient();
  const go = api.useMutation("post", "/v1/close/{business_date}", { onSuccess: () => queries.invalidateQueries() });
  return (
    <>
      <Button
        type="primary"
        loading={go.isPending}
        onClick={() => go.mutate({ params: { path: { business_date: on } } })}
      >
        {t(hasBegun ? "close.go" : "close.begin")}
      </Button>
      <Refusal error={go.error} />
    </>
  );
}

function Plan({ of }: { of: Schemas["CloseShown"] }) {
  const { t, code, instant, language } = useSpeech();
  const done = of.is_closed ? 1 : share(of.plan);
  const left = useSecondsLeft(done);
  const finished = new Map(of.steps.map((step) => [step.step, step.finished_at]));
  const percent = Math.floor(done * 100);
  return (
    <>
      <Progress
        percent={percent}
        status={of.is_closed ? "success" : done > 0 ? "active" : "normal"}
        aria-label={t("close.share", { percent })}
      />
      <p role="status" className="note">
        {t("close.share", { percent })}
        {left !== null &&
          ` · ${t("close.left", {
            time:
              left >= 90 ? t("close.minutes", { count: Math.round(left / 60) }) : t("close.seconds", { count: left }),
          })}`}
      </p>
      <Table<Step>
        size="small"
        rowKey="step"
        dataSource={of.plan}
        pagination={false}
        scroll={{ x: "max-content" }}
        columns={[
          { title: t("close.step"), render: (_, row) => code("close.step", row.step) },
          { title: t("close.state"), render: (_, row) => <StepState of={row} /> },
          { title: t("close.rows"), align: "right", render: (_, row) => row.rows_changed.toLocaleString(language) },
          {
            title: t("close.rows_before"),
            align: "right",
            render: (_, row) => row.rows_before.toLocaleString(language),
          },
          {
            title: t("close.finished"),
            render: (_, row) => (row.buckets_done < row.buckets ? "" : instant(finished.get(row.step) ?? "")),
          },
        ]}
      />
    </>
  );
}

function StepState({ of }: { of: Step }) {
  const { t } = useSpeech();
  if (of.buckets_done >= of.buckets) return <Tag color="success">{t("close.done")}</Tag>;
  if (of.buckets_done === 0) return <Tag>{t("close.waits")}</Tag>;
  return (
    <Tag color="processing">
      {t("close.under_way")} {of.buckets_done} / {of.buckets}
    </Tag>
  );
}

/** How much is done, each step counted by what it changed the day before: most of them change little. */
function share(plan: Step[]): number {
  const weight = (step: Step) => step.rows_before + 1;
  const whole = plan.reduce((sum, step) => sum + weight(step), 0);
  return plan.reduce((sum, step) => sum + (weight(step) * step.buckets_done) / step.buckets, 0) / (whole || 1);
}
