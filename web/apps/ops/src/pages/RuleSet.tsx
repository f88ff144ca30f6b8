// One rule set: its rules, what it would have done to the purchases of some days, and putting it into shadow.
import { api, once, type Schemas } from "@tiao/api";
import { Ask } from "@tiao/desk/Ask";
import { Bars } from "@tiao/desk/charts";
import { Facts } from "@tiao/desk/Facts";
import { useFilters } from "@tiao/desk/filters";
import { Refusal } from "@tiao/desk/Refusal";
import { useSay } from "@tiao/desk/Say";
import { useSpeech } from "@tiao/ui";
import { useQueryClient } from "@tanstack/react-query";
import { Button, Card, Empty, Flex, Select, Spin, Table, Tag, Typography } from "antd";
import { useState } from "react";
import { Link, useLocation, useParams } from "wouter";
import { Money } from "../parts/Shown";
import { showShare } from "../rules/drafting";

const OUTCOMES = ["approve", "step_up", "review", "decline"] as const;
const DAYS = ["7", "30", "90"];

export default function RuleSet() {
  const { t, code } = useSpeech();
  const { version } = useParams<{ version: string }>();
  const [, go] = useLocation();
  const set = api.useQuery("get", "/v1/risk/rules/{version}", { params: { path: { version } } });
  const found = set.data;
  return (
    <>
      <Flex justify="space-between" align="center" wrap gap="small">
        <Typography.Title level={1}>
          {found?.rule_set.name ?? t("ops.nav.rules")}{" "}
          {found && (
            <Tag color={found.state === "live" ? "success" : "default"}>{code("rules.state", found.state)}</Tag>
          )}
        </Typography.Title>
        <Flex gap="small" wrap>
          <Link href="/rules">{t("rules.all")}</Link>
          <Button onClick={() => go(`/rules/${version}/edit`)}>{t("rules.edit_copy")}</Button>
          {found && (found.state === "draft" || found.state === "retired") && <Try version={version} />}
        </Flex>
      </Flex>
      <span className="id">{version}</span>
      <Refusal error={set.error} />
      {found && (
        <>
          <Table
            size="small"
            rowKey="code"
            pagination={false}
            scroll={{ x: "max-content" }}
            dataSource={found.rule_set.rules}
            columns={[
              { title: t("rules.rule"), render: (_, row) => <Rule rule={row} /> },
              {
                title: t("rules.when"),
                render: (_, row) => <code className="code condition">{row.when}</code>,
              },
              { title: t("rules.then"), render: (_, row) => <Outcome of={row.then} /> },
              { title: t("rules.level"), render: (_, row) => code("rules.level", row.level) },
              {
                title: t("rules.cap"),
                align: "right",
                render: (_, row) => (row.cap_ppm === null ? "–" : `${showShare(row.cap_ppm)} %`),
              },
            ]}
          />
          <Card size="small" title={t("rules.fallback")}>
            <Facts
              of={[
                [t("rules.fallback_up_to"), <Money key="m" minor={found.rule_set.fallback.approve_max_minor} />],
                [t("rules.fallback_above"), <Outcome key="o" of={found.rule_set.fallback.above} />],
                [t("rules.fallback_budget"), `${found.rule_set.fallback.budget_ms} ms`],
              ]}
            />
          </Card>
          <Backtest version={version} />
        </>
      )}
    </>
  );
}

function Rule({ rule }: { rule: Schemas["RuleShown"] }) {
  return (
    <>
      <div>{rule.title}</div>
      <span className="id">{rule.code}</span>
    </>
  );
}

function Outcome({ of }: { of: Schemas["RiskOutcome"] }) {
  const { code } = useSpeech();
  const colour = { approve: "success", step_up: "processing", review: "warning", decline: "error" }[of];
  return <Tag color={colour}>{code("risk.outcome", of)}</Tag>;
}

export function Backtest({ version }: { version: string }) {
  const { t, code, money } = useSpeech();
  const [filters, setFilter] = useFilters("days");
  const days = filters.days ?? "30";
  const test = api.useQuery("get", "/v1/risk/rules/{version}/backtest", {
    params: { path: { version }, query: { days: Number(days) } },
  });
  const found = test.data;
  return (
    <Card
      size="small"
      title={t("rules.backtest")}
      extra={
        <Select
          aria-label={t("rules.days")}
          value={days}
          onChange={(value) => setFilter("days", value)}
          options={DAYS.map((value) => ({ value, label: t("rules.last_days", { days: value }) }))}
        />
      }
    >
      <Refusal error={test.error} />
      {test.isPending && <Spin />}
      {found?.decisions === 0 && <Empty description={t("rules.nothing_to_test")} />}
      {found && found.decisions > 0 && (
        <div className="stack">
          <p>
            {t("rules.would", {
              count: found.decisions.toLocaleString(),
              customers: found.customers_newly_stopped.toLocaleString(),
              amount: money(found.amount_newly_stopped_minor),
            })}
          </p>
          <Bars
            title={t("rules.backtest_picture")}
            names={OUTCOMES.map((each) => code("risk.outcome", each))}
            series={[
              { name: t("rules.then_decided"), values: OUTCOMES.map((each) => found.before[each] ?? 0) },
              { name: t("rules.would_decide"), values: OUTCOMES.map((each) => found.after[each] ?? 0) },
            ]}
            show={(value) => value.toLocaleString()}
          />
          <Tested rules={found.rules} />
        </div>
      )}
    </Card>
  );
}

function Tested({ rules }: { rules: Schemas["RuleTested"][] }) {
  const { t } = useSpeech();
  const percent = (ppm: number) => `${(ppm / 10_000).toFixed(2)} %`;
  return (
    <Table
      size="small"
      rowKey="code"
      pagination={false}
      scroll={{ x: "max-content" }}
      dataSource={rules}
      columns={[
        { title: t("rules.rule"), render: (_, row) => <span className="id">{row.code}</span> },
        { title: t("rules.hits"), align: "right", sorter: (a, b) => a.hits - b.hits, render: (_, row) => row.hits },
        {
          title: t("rules.share"),
          align: "right",
          render: (_, row) => <span className={row.is_above_cap ? "late" : ""}>{percent(row.share_ppm)}</span>,
        },
        { title: t("purchase.amount"), align: "right", render: (_, row) => <Money minor={row.amount_minor} /> },
        {
          title: t("rules.precision"),
          align: "right",
          render: (_, row) =>
            row.precision_ppm === null
              ? t("rules.unknown")
              : `${percent(row.precision_ppm)} (${row.frauds}/${row.known})`,
        },
        { title: t("rules.newly_stopped"), align: "right", render: (_, row) => row.newly_stopped },
        {
          title: t("rules.newly_stopped_amount"),
          align: "right",
          render: (_, row) => <Money minor={row.newly_stopped_minor} />,
        },
        {
          title: t("rules.overlap"),
          render: (_, row) =>
            Object.entries(row.overlap)
              .map(([other, hits]) => `${other} ${hits}`)
              .join(", "),
        },
      ]}
    />
  );
}

function Try({ version }: { version: string }) {
  const { t } = useSpeech();
  const say = useSay();
  const queries = useQueryClient();
  const [isAsking, setAsking] = useState(false);
  const [header] = useState(once);
  const shadow = api.useMutation("post", "/v1/risk/rules/{version}/shadow", {
    onSuccess: () => {
      say(t("rules.in_shadow_now"));
      setAsking(false);
      return queries.invalidateQueries();
    },
  });
  return (
    <>
      <Button type="primary" onClick={() => setAsking(true)}>
        {t("rules.try")}
      </Button>
      {isAsking && (
        <Ask
          title={t("rules.sure.shadow")}
          isPending={shadow.isPending}
          error={shadow.error}
          onCancel={() => setAsking(false)}
          onAnswer={(reason) => shadow.mutate({ params: { path: { version }, header }, body: { reason } })}
        />
      )}
    </>
  );
}
