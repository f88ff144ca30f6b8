// Write a rule set anew from one that is there: each condition is checked while it is typed, with its cost and its place.
import { api, client, once, Refused, type Schemas } from "@tiao/api";
import { Refusal } from "@tiao/desk/Refusal";
import { useSay } from "@tiao/desk/Say";
import { useSpeech } from "@tiao/ui";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Card, Flex, Input, Progress, Select, Spin, Tag, Typography } from "antd";
import { useDeferredValue, useEffect, useState } from "react";
import { Link, useLocation, useParams } from "wouter";
import {
  changesOf,
  cutAt,
  type Draft,
  freshCode,
  readShare,
  type Rule,
  ruleOf,
  showShare,
  type Written,
} from "../rules/drafting";

const OUTCOMES = ["approve", "step_up", "review", "decline"] as const;
const LEVELS = ["transaction", "customer", "device", "merchant", "network"] as const;
const SETTLES_MS = 250;

export default function RuleEdit() {
  const { version } = useParams<{ version: string }>();
  const set = api.useQuery(
    "get",
    "/v1/risk/rules/{version}",
    { params: { path: { version } } },
    { staleTime: Number.POSITIVE_INFINITY },
  );
  if (!set.data) return set.error ? <Refusal error={set.error} /> : <Spin />;
  return <Editor key={version} from={set.data.rule_set} version={version} />;
}

function Editor({ from, version }: { from: Written; version: string }) {
  const { t } = useSpeech();
  const [, go] = useLocation();
  const say = useSay();
  const queries = useQueryClient();
  const [rules, setRules] = useState<Draft[]>(() => from.rules.map((rule, id) => ({ ...rule, id })));
  const [name, setName] = useState(from.name);
  const [reason, setReason] = useState("");
  const [open, setOpen] = useState<number | null>(0);
  const [header, setHeader] = useState(once);
  const checked = useChecked(rules.map((rule) => rule.when));
  const changes = changesOf(from.rules, rules);
  const faults = checked?.conditions.filter((each) => each.fault).length ?? 0;
  const save = api.useMutation("post", "/v1/risk/rules", {
    onSuccess: (step) => {
      say(t("rules.saved"));
      go(`/rules/${step.version}`);
      return queries.invalidateQueries();
    },
    // Another try is another request: what was refused was not kept.
    onError: () => setHeader(once()),
  });
  const change = (id: number, next: Partial<Rule>) =>
    setRules((now) => now.map((rule) => (rule.id === id ? { ...rule, ...next } : rule)));
  const add = () => {
    const id = Math.max(-1, ...rules.map((rule) => rule.id)) + 1;
    const fresh: Draft = {
      id,
      code: freshCode(rules),
      title: t("rules.new_title"),
      when: "",
      then: "review",
      level: "transaction",
      cap_ppm: 50_000,
    };
    setRules([...rules, fresh]);
    setOpen(id);
  };
  const send = () =>
    save.mutate({
      params: { header },
      body: {
        reason: reason.trim(),
        rule_set: { name, fallback: from.fallback, rules: rules.map(ruleOf) },
      },
    });
  return (
    <>
      <Flex justify="space-between" align="center" wrap gap="small">
        <Typography.Title level={1}>{t("rules.editing", { name: from.name })}</Typography.Title>
        <Link href={`/rules/${version}`}>{t("rules.leave")}</Link>
      </Flex>
      <Typography.Paragraph className="note">{t("rules.edit_how")}</Typography.Paragraph>
      <div className="rule-desk">
        <div className="stack">
          <label>
            {t("rules.name")}
            <Input value={name} maxLength={100} onChange={(event) => setName(event.target.value)} />
          </label>
          {rules.map((rule, place) => (
            <One
              key={rule.id}
              rule={rule}
              checked={checked?.conditions[place]}
              isOpen={open === rule.id}
              onOpen={() => setOpen(open === rule.id ? null : rule.id)}
              onChange={(next) => change(rule.id, next)}
              onRemove={() => setRules(rules.filter((each) => each.id !== rule.id))}
            />
          ))}
          <Button onClick={add}>{t("rules.add")}</Button>
        </div>
        <aside className="stack rule-side">
          <Card size="small" title={t("rules.cost")}>
            <Progress
              percent={checked ? Math.round((checked.cost / checked.set_cost_max) * 100) : 0}
              format={() => (checked ? `${checked.cost} / ${checked.set_cost_max}` : "…")}
              aria-label={t("rules.cost")}
            />
          </Card>
          <Card size="small" title={t("rules.changes", { count: changes.length })}>
            <Changes of={changes} />
          </Card>
          <Card size="small" title={t("rules.save")}>
            <div className="stack">
              <Input
                aria-label={t("case.reason")}
                placeholder={t("rules.why")}
                maxLength={200}
                value={reason}
                onChange={(event) => setReason(event.target.value)}
              />
              {faults > 0 && <Alert type="warning" showIcon title={t("rules.faults", { count: faults })} />}
              <Saving error={save.error} />
              <Button
                type="primary"
                block
                loading={save.isPending}
                disabled={!reason.trim() || changes.length === 0 || faults > 0}
                onClick={send}
              >
                {t("rules.save_draft")}
              </Button>
              <Typography.Text type="secondary">{t("rules.save_note")}</Typography.Text>
            </div>
          </Card>
          <Terms />
        </aside>
      </div>
    </>
  );
}

/** What the server says of the conditions, a moment after the last key. */
function useChecked(conditions: string[]): Schemas["ConditionsChecked"] | undefined {
  const written = JSON.stringify(conditions);
  const [settled, setSettled] = useState(written);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(written), SETTLES_MS);
    return () => clearTimeout(timer);
  }, [written]);
  const found = useQuery({
    queryKey: ["conditions", settled],
    queryFn: async () => {
      const { data } = await client.POST("/v1/risk/conditions", {
        body: { conditions: JSON.parse(settled) as string[] },
      });
      return data;
    },
    enabled: conditions.length > 0,
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return found.data;
}

function One(props: {
  rule: Draft;
  checked: Schemas["ConditionChecked"] | undefined;
  isOpen: boolean;
  onOpen: () => void;
  onChange: (next: Partial<Rule>) => void;
  onRemove: () => void;
}) {
  const { t, code } = useSpeech();
  const { rule, checked, onChange } = props;
  const [cap, setCap] = useState(showShare(rule.cap_ppm));
  const share = readShare(cap);
  return (
    <Card
      size="small"
      title={
        <button type="button" className="plain" aria-expanded={props.isOpen} onClick={props.onOpen}>
          {rule.title} <span className="id">{rule.code}</span>
        </button>
      }
      extra={
        <Flex gap="small" align="center">
          <Tag>{code("risk.outcome", rule.then)}</Tag>
          {checked &&
            (checked.fault ? (
              <Tag color="error">{t("rules.wrong")}</Tag>
            ) : (
              <Tag>{t("rules.costs", { cost: checked.cost })}</Tag>
            ))}
          <Button size="small" danger onClick={props.onRemove}>
            {t("rules.remove")}
          </Button>
        </Flex>
      }
    >
      {props.isOpen ? (
        <div className="stack">
          <Input.TextArea
            aria-label={t("rules.when")}
            className="code"
            rows={3}
            maxLength={2000}
            value={rule.when}
            spellCheck={false}
            status={checked?.fault ? "error" : ""}
            onChange={(event) => onChange({ when: event.target.value })}
          />
          <Fault text={rule.when} fault={checked?.fault ?? null} />
          <div className="filters">
            <label>
              {t("rules.title")}
              <Input value={rule.title} maxLength={200} onChange={(event) => onChange({ title: event.target.value })} />
            </label>
            <label>
              {t("rules.code")}
              <Input
                value={rule.code}
                maxLength={64}
                status={/^[a-z][a-z0-9_]{0,63}$/.test(rule.code) ? "" : "error"}
                onChange={(event) => onChange({ code: event.target.value })}
              />
            </label>
            <label>
              {t("rules.then")}
              <Select
                value={rule.then}
                onChange={(then) => onChange(then === "approve" ? { then, cap_ppm: null } : { then })}
                options={OUTCOMES.map((value) => ({ value, label: code("risk.outcome", value) }))}
              />
            </label>
            <label>
              {t("rules.level")}
              <Select
                value={rule.level}
                onChange={(level) => onChange({ level })}
                options={LEVELS.map((value) => ({ value, label: code("rules.level", value) }))}
              />
            </label>
            <label>
              {t("rules.cap_percent")}
              <Input
                value={rule.then === "approve" ? "" : cap}
                disabled={rule.then === "approve"}
                status={share === undefined ? "error" : ""}
                onChange={(event) => {
                  setCap(event.target.value);
                  const given = readShare(event.target.value);
                  if (given !== undefined) onChange({ cap_ppm: given });
                }}
              />
            </label>
          </div>
        </div>
      ) : (
        <code className="code">{rule.when}</code>
      )}
    </Card>
  );
}

/** Show the condition once more with the sign marked at which it went wrong, and why. */
function Fault({ text, fault }: { text: string; fault: Schemas["ConditionFault"] | null }) {
  const { t } = useSpeech();
  const shown = useDeferredValue(text);
  if (!fault) return null;
  const [before, sign, after] = cutAt(shown, fault.position);
  return (
    <div role="status">
      <div className="code" aria-hidden="true">
        {before}
        <mark>{sign}</mark>
        {after}
      </div>
      <span className="late">{t("rules.at", { position: fault.position + 1, reason: fault.reason })}</span>
    </div>
  );
}

function Saving({ error }: { error: unknown }) {
  const { t } = useSpeech();
  if (error instanceof Refused && error.code === "rule_text_refused")
    return <Alert type="error" showIcon title={t("rules.refused")} description={error.message} />;
  return <Refusal error={error} />;
}

function Changes({ of }: { of: ReturnType<typeof changesOf> }) {
  const { t, code } = useSpeech();
  if (of.length === 0) return <>{t("rules.no_changes")}</>;
  return (
    <ul className="changes">
      {of.map((change) => (
        <li key={change.code}>
          <Tag color={{ added: "success", removed: "error", changed: "warning" }[change.what]}>
            {code("rules.change", change.what)}
          </Tag>{" "}
          <span className="id">{change.code}</span>
          {change.what === "changed" &&
            change.fields.map((field) => (
              <div key={field.name}>
                {code("rules.field", field.name)}: <del>{field.before || "–"}</del> → <ins>{field.after || "–"}</ins>
              </div>
            ))}
        </li>
      ))}
    </ul>
  );
}

/** All that a rule may read. */
function Terms() {
  const { t, code } = useSpeech();
  const [wanted, setWanted] = useState("");
  const terms = api.useQuery("get", "/v1/risk/terms", {}, { staleTime: 600_000 });
  const found = (terms.data?.terms ?? []).filter((term) => term.name.includes(wanted.trim()));
  return (
    <Card size="small" title={t("rules.terms")}>
      <div className="stack">
        <Input
          aria-label={t("rules.terms_find")}
          placeholder={t("rules.terms_find")}
          allowClear
          value={wanted}
          onChange={(event) => setWanted(event.target.value)}
        />
        {/* A region that scrolls must be reachable by keyboard. */}
        <ul className="terms" tabIndex={0} aria-label={t("rules.terms")}>
          {found.map((term) => (
            <li key={term.name} title={term.missing}>
              <span className="id">{term.name}</span> <small>{code("rules.kind", term.kind)}</small>
            </li>
          ))}
        </ul>
      </div>
    </Card>
  );
}
