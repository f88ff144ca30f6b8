// What is overdue, the longest first: who may be spoken to now, what was said, and what was promised.
import { api, client, once, Refused, type Schemas } from "@tiao/api";
import { useFilters } from "@tiao/desk/filters";
import { Refusal } from "@tiao/desk/Refusal";
import { useSay } from "@tiao/desk/Say";
import { readMoney, useSpeech } from "@tiao/ui";
import { usePages } from "@tiao/ui/pages";
import { useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Card, Empty, Flex, Input, Select, Tag } from "antd";
import { useState } from "react";
import { Export } from "../parts/Export";
import { Id, Money } from "../parts/Shown";
import { Worklist } from "../parts/Worklist";

type Late = Schemas["LateLineShown"];
const STAGES: Record<string, { days_from: number; days_to?: number }> = {
  all: { days_from: 1 },
  m1: { days_from: 1, days_to: 30 },
  m2: { days_from: 31, days_to: 60 },
  m3: { days_from: 61, days_to: 90 },
  m4: { days_from: 91 },
};
const CHANNELS = ["call", "text", "letter", "visit"] as const;
const OUTCOMES = ["reached", "promised", "no_answer", "wrong_person", "refused", "complaint"] as const;
const SCRIPTS = ["first_reminder", "second_reminder", "hardship_offer", "last_notice"] as const;

export default function Collections() {
  const { t, code, instant, money } = useSpeech();
  const [filters, setFilter] = useFilters("stage", "line");
  const stage = filters.stage && STAGES[filters.stage] ? filters.stage : "all";
  const read = (after: string | undefined) =>
    client.GET("/v1/collections", { params: { query: { ...STAGES[stage], limit: 50, after } as never } });
  const pages = usePages<Late>(["collections", stage], read);
  const first = pages.data?.pages[0] as unknown as Schemas["LateLinePage"] | undefined;
  const chosen = pages.rows.find((row) => row.line === filters.line) ?? null;
  const rows = pages.rows.map((row) => ({ ...row, id: row.line }));
  return (
    <>
      <Worklist
        title="ops.nav.collections"
        rows={rows}
        isPending={pages.isPending}
        more={pages.hasNextPage ? () => void pages.fetchNextPage() : null}
        chosen={rows.find((row) => row.line === chosen?.line) ?? null}
        onChoose={(row) => setFilter("line", row.line)}
        onNext={() => {
          const next = rows.find((row) => row.may_be_contacted && row.line !== chosen?.line);
          if (next) setFilter("line", next.line);
        }}
        nextName="collect.next"
        isTaking={false}
        isAsking={false}
        deeds={{}}
        counts={
          <>
            <Select
              aria-label={t("collect.stage")}
              value={stage}
              onChange={(value) => setFilter("stage", value === "all" ? null : value)}
              options={Object.keys(STAGES).map((value) => ({ value, label: code("collect.stages", value) }))}
            />
            <Export
              list="collections"
              filters={`stage=${stage}`}
              head={["line", "customer", "name", "phone", "days_past_due", "overdue_minor", "currency"]}
              read={read}
              row={(row) => [
                row.line,
                row.customer,
                row.name,
                row.phone,
                row.days_past_due,
                row.overdue_minor,
                row.currency,
              ]}
            />
          </>
        }
        above={
          <>
            {first && <Guards of={first.guards} />}
            <Refusal error={pages.error} />
          </>
        }
        row={(row) => (
          <>
            <Flex justify="space-between" gap="small">
              <strong>{t("collect.days", { days: row.days_past_due })}</strong>
              <Money minor={row.overdue_minor} currency={row.currency} />
            </Flex>
            <Flex justify="space-between" gap="small">
              <small>{row.name}</small>
              <small className={row.may_be_contacted ? "" : "late"}>
                {row.blocked_by.length > 0
                  ? row.blocked_by.map((each) => code("collect.blocker", each)).join("、")
                  : row.promise_on
                    ? t("collect.promised", { on: row.promise_on, amount: money(row.promise_minor ?? 0, row.currency) })
                    : row.last_contact_at
                      ? instant(row.last_contact_at)
                      : t("collect.never")}
              </small>
            </Flex>
          </>
        )}
      >
        {chosen && <Detail key={chosen.line} row={chosen} attemptsMax={first?.guards.attempts_max ?? null} />}
      </Worklist>
    </>
  );
}

function Guards({ of }: { of: Schemas["GuardsShown"] }) {
  const { t } = useSpeech();
  return (
    <Alert
      type={of.is_quiet ? "error" : "info"}
      showIcon
      title={t(of.is_quiet ? "collect.quiet_now" : "collect.may_now", {
        from: of.quiet_from ?? "–",
        to: of.quiet_to ?? "–",
        most: of.attempts_max ?? "–",
      })}
    />
  );
}

function Detail({ row, attemptsMax }: { row: Late; attemptsMax: number | null }) {
  const { t, code, day, instant } = useSpeech();
  const contacts = api.useQuery("get", "/v1/lines/{line_id}/contacts", { params: { path: { line_id: row.line } } });
  return (
    <>
      <Card
        title={
          <>
            {row.name} {row.phone}
          </>
        }
        extra={<Id of={row.customer} />}
      >
        <div className="stack">
          <p>
            {t("collect.owes", { days: row.days_past_due, since: day(row.oldest_due_on) })}{" "}
            <Money minor={row.overdue_minor} currency={row.currency} />
          </p>
          {attemptsMax !== null && <p>{t("collect.attempts", { made: row.attempts_today, most: attemptsMax })}</p>}
          {row.blocked_by.map((each) => (
            <Alert key={each} type="error" showIcon title={code("collect.blocked", each)} />
          ))}
          {row.may_be_contacted ? <Contact row={row} /> : <Alert type="warning" title={t("collect.not_now")} />}
        </div>
      </Card>
      <Card title={t("collect.said_before")}>
        <Refusal error={contacts.error} />
        {contacts.data?.data.length === 0 && <Empty description={t("collect.never")} />}
        <ul className="changes">
          {contacts.data?.data.map((contact) => (
            <li key={contact.id}>
              {instant(contact.at)} · {code("collect.channel", contact.channel)} ·{" "}
              {code("collect.outcome", contact.outcome)} · {code("collect.script", contact.script)}: {contact.note}
              {contact.promise_minor !== null && contact.promise_on && contact.promise_state && (
                <div>
                  <Tag color={{ open: "processing", kept: "success", broken: "error" }[contact.promise_state]}>
                    {code("collect.promise", contact.promise_state)}
                  </Tag>
                  <Money minor={contact.promise_minor} currency={row.currency} /> · {day(contact.promise_on)}
                </div>
              )}
            </li>
          ))}
        </ul>
      </Card>
    </>
  );
}

function Contact({ row }: { row: Late }) {
  const { t, code } = useSpeech();
  const say = useSay();
  const queries = useQueryClient();
  const [channel, setChannel] = useState<Schemas["ContactGiven"]["channel"]>("call");
  const [outcome, setOutcome] = useState<Schemas["ContactGiven"]["outcome"]>("reached");
  const [script, setScript] = useState<(typeof SCRIPTS)[number]>("first_reminder");
  const [note, setNote] = useState("");
  const [amount, setAmount] = useState("");
  const [on, setOn] = useState("");
  const promise = outcome === "promised" ? readMoney(amount, row.currency) : null;
  const record = api.useMutation("post", "/v1/lines/{line_id}/contacts", {
    onSuccess: () => {
      say(t("collect.noted"));
      setNote("");
      return queries.invalidateQueries();
    },
  });
  const isReady = note.trim() !== "" && (outcome !== "promised" || (promise !== null && on !== ""));
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (isReady && !record.isPending)
          record.mutate({
            params: { path: { line_id: row.line }, header: once() },
            body: {
              channel,
              outcome,
              script,
              note: note.trim(),
              promise_minor: promise,
              promise_on: outcome === "promised" ? on : null,
            },
          });
      }}
    >
      <p className="said">{t(`collect.words.${script}`)}</p>
      <div className="filters">
        <label>
          {t("collect.script_label")}
          <Select
            value={script}
            onChange={setScript}
            options={SCRIPTS.map((value) => ({ value, label: code("collect.script", value) }))}
          />
        </label>
        <label>
          {t("collect.channel_label")}
          <Select
            value={channel}
            onChange={setChannel}
            options={CHANNELS.map((value) => ({ value, label: code("collect.channel", value) }))}
          />
        </label>
        <label>
          {t("collect.outcome_label")}
          <Select
            value={outcome}
            onChange={setOutcome}
            options={OUTCOMES.map((value) => ({ value, label: code("collect.outcome", value) }))}
          />
        </label>
        {outcome === "promised" && (
          <>
            <label>
              {t("collect.promise_amount")}
              <Input value={amount} inputMode="decimal" onChange={(event) => setAmount(event.target.value)} />
            </label>
            <label>
              {t("collect.promise_on")}
              <Input type="date" value={on} onChange={(event) => setOn(event.target.value)} />
            </label>
          </>
        )}
      </div>
      <Input
        aria-label={t("collect.note")}
        placeholder={t("collect.note")}
        maxLength={200}
        value={note}
        onChange={(event) => setNote(event.target.value)}
      />
      {record.error instanceof Refused && <Refusal error={record.error} />}
      <Button type="primary" htmlType="submit" loading={record.isPending} disabled={!isReady}>
        {t("collect.record")}
      </Button>
    </form>
  );
}
