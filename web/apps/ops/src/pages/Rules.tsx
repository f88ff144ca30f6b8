// The rule sets of risk control: which decides, which is tried in shadow, and everything that happened to them.
import { api, once, type Schemas } from "@tiao/api";
import { Ask } from "@tiao/desk/Ask";
import { useWho } from "@tiao/desk/Desk";
import { Refusal } from "@tiao/desk/Refusal";
import { useSay } from "@tiao/desk/Say";
import { useSpeech } from "@tiao/ui";
import { useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Card, Flex, Table, Tag, Typography } from "antd";
import { useState } from "react";
import { Link, useLocation } from "wouter";

type Found = Schemas["RulesShown"];
type Deed = "activation" | "withdrawal" | "rollback";

export default function Rules() {
  const { t, code, instant } = useSpeech();
  const rules = api.useQuery("get", "/v1/risk/rules", {});
  const found = rules.data;
  return (
    <>
      <Flex justify="space-between" align="center" wrap gap="small">
        <Typography.Title level={1}>{t("ops.nav.rules")}</Typography.Title>
        {found && <Deeds found={found} />}
      </Flex>
      <Typography.Paragraph className="note">{t("rules.how")}</Typography.Paragraph>
      <Refusal error={rules.error} />
      {found && (
        <>
          {found.softened.length > 0 && (
            <Alert type="warning" showIcon title={t("rules.softened", { rules: found.softened.join(", ") })} />
          )}
          <div className="two">
            <Standing version={found.live} state="live" />
            {found.in_shadow ? (
              <Standing version={found.in_shadow} state="shadow" />
            ) : (
              <Card size="small" title={code("rules.state", "shadow")}>
                {t("rules.no_shadow")}
              </Card>
            )}
          </div>
          <Typography.Title level={2}>{t("rules.history")}</Typography.Title>
          <Table
            size="small"
            rowKey={(row) => row.at + row.version + row.step}
            pagination={false}
            scroll={{ x: "max-content" }}
            locale={{ emptyText: t("rules.no_history") }}
            dataSource={[...found.steps].reverse()}
            columns={[
              { title: t("decision.at"), render: (_, row) => instant(row.at) },
              { title: t("rules.step"), render: (_, row) => <Tag>{code("rules.step", row.step)}</Tag> },
              {
                title: t("rules.version"),
                render: (_, row) => (
                  <Link href={`/rules/${row.version}`} className="id">
                    {row.version}
                  </Link>
                ),
              },
              { title: t("rules.written_by"), render: (_, row) => <Person id={row.written_by} /> },
              { title: t("rules.done_by"), render: (_, row) => <Person id={row.by} /> },
              { title: t("case.reason"), dataIndex: "reason" },
              {
                title: t("rules.evidence"),
                render: (_, row) =>
                  row.evidence ? <Evidence of={row.evidence as unknown as Schemas["Backtest"]} /> : "",
              },
            ]}
          />
        </>
      )}
    </>
  );
}

function Person({ id }: { id: string }) {
  const { t } = useSpeech();
  const { subject } = useWho();
  return (
    <span className="id" title={id}>
      {id === subject ? t("queue.mine") : `${id.slice(0, 12)}…`}
    </span>
  );
}

function Evidence({ of }: { of: Schemas["Backtest"] }) {
  const { t } = useSpeech();
  return <>{t("rules.tested_on", { count: of.decisions, stopped: of.customers_newly_stopped })}</>;
}

function Standing({ version, state }: { version: string; state: "live" | "shadow" }) {
  const { t, code } = useSpeech();
  const set = api.useQuery("get", "/v1/risk/rules/{version}", { params: { path: { version } } });
  return (
    <Card
      size="small"
      title={
        <>
          <Tag color={state === "live" ? "success" : "processing"}>{code("rules.state", state)}</Tag>{" "}
          {set.data?.rule_set.name}
        </>
      }
      extra={<Link href={`/rules/${version}`}>{t("rules.open")}</Link>}
    >
      <Refusal error={set.error} />
      <p>
        <span className="id">{version}</span>
      </p>
      <p>{set.data ? t("rules.count", { count: set.data.rule_set.rules.length }) : "…"}</p>
    </Card>
  );
}

/** What can be done as things stand. Activation needs somebody who did not write it; the server sees to it. */
function Deeds({ found }: { found: Found }) {
  const { t } = useSpeech();
  const who = useWho();
  const say = useSay();
  const queries = useQueryClient();
  const [, go] = useLocation();
  const [deed, setDeed] = useState<Deed | null>(null);
  const done = {
    onSuccess: () => {
      say(t("line.done"));
      setDeed(null);
      return queries.invalidateQueries();
    },
  };
  const activate = api.useMutation("post", "/v1/risk/rules/{version}/activation", done);
  const withdraw = api.useMutation("post", "/v1/risk/rules/withdrawal", done);
  const putBack = api.useMutation("post", "/v1/risk/rules/rollback", done);
  const proposal = [...found.steps].reverse().find((step) => step.version === found.in_shadow);
  const isOwn = proposal?.written_by === who.subject;
  const change = { activation: activate, withdrawal: withdraw, rollback: putBack };
  const send = (reason: string) => {
    const header = once();
    if (deed === "activation" && found.in_shadow)
      activate.mutate({ params: { path: { version: found.in_shadow }, header }, body: { reason } });
    else if (deed === "withdrawal") withdraw.mutate({ params: { header }, body: { reason } });
    else if (deed === "rollback") putBack.mutate({ params: { header }, body: { reason } });
  };
  return (
    <Flex gap="small" wrap align="center">
      <Button onClick={() => go(`/rules/${found.live}/edit`)}>{t("rules.edit_live")}</Button>
      {found.in_shadow && (
        <>
          <Button type="primary" disabled={isOwn} onClick={() => setDeed("activation")}>
            {t("rules.activate")}
          </Button>
          <Button onClick={() => setDeed("withdrawal")}>{t("rules.withdraw")}</Button>
          {isOwn && <Typography.Text type="secondary">{t("policy.not_your_own")}</Typography.Text>}
        </>
      )}
      {found.back_to && (
        <Button danger onClick={() => setDeed("rollback")}>
          {t("rules.roll_back")}
        </Button>
      )}
      {deed && (
        <Ask
          title={t(`rules.sure.${deed}`)}
          isDanger={deed === "rollback"}
          isPending={change[deed].isPending}
          error={change[deed].error}
          onCancel={() => setDeed(null)}
          onAnswer={send}
        />
      )}
    </Flex>
  );
}
