// Every decision in plain words, and the way to have a person look at it again.
import { useQueryClient } from "@tanstack/react-query";
import { api, client, type Schemas } from "@tiao/api";
import { useSpeech } from "@tiao/ui";
import { type FormEvent, useState } from "react";
import { useKeyed } from "../keyed";
import { Awaited, Money, Page, Refusal } from "../parts";
import { More, usePages } from "../paging";

export default function Decisions() {
  const { t } = useSpeech();
  const pages = usePages(["decisions"], (after) =>
    client.GET("/v1/decisions", { params: { query: { limit: 20, after } } }),
  );
  const objections = api.useQuery("get", "/v1/objections", { params: { query: { limit: 100 } } });
  return (
    <Page title={t("wallet.why")} back="/me">
      <Awaited of={pages} />
      {pages.isSuccess && pages.rows.length === 0 && <p className="none">{t("wallet.no_decisions")}</p>}
      {pages.rows.map((row) => (
        <Decision key={row.id} row={row} objection={objections.data?.data.find((each) => each.decision === row.id)} />
      ))}
      <More pages={pages} />
    </Page>
  );
}

function Decision({
  row,
  objection,
}: {
  row: Schemas["DecisionShown"];
  objection: Schemas["ObjectionShown"] | undefined;
}) {
  const { t, code, instant } = useSpeech();
  return (
    <section className="card">
      <p>
        <strong>{code("decision.outcome", row.outcome)}</strong> <small>{instant(row.decided_at)}</small>
      </p>
      <p>
        <Money minor={row.limit_before_minor} currency={row.currency} /> →{" "}
        <Money minor={row.limit_after_minor} currency={row.currency} />
      </p>
      <p>{row.text}</p>
      <ul>
        {row.reasons.map((reason) => (
          <li key={reason.code}>{reason.text}</li>
        ))}
      </ul>
      {objection ? (
        <p role="status">
          {t("wallet.contested", { state: code("case.state", objection.state), due: instant(objection.due_at) })}{" "}
          {objection.answer?.words}
        </p>
      ) : (
        row.is_contestable && <Contest decision={row.id} />
      )}
    </section>
  );
}

function Contest({ decision }: { decision: string }) {
  const { t } = useSpeech();
  const queries = useQueryClient();
  const [reason, setReason] = useState<string | null>(null);
  const keyed = useKeyed();
  const contest = api.useMutation("post", "/v1/decisions/{decision_id}/objections", {
    onSuccess: () => queries.invalidateQueries(),
  });
  if (reason === null)
    return (
      <button type="button" className="plain" onClick={() => setReason("")}>
        {t("wallet.contest")}
      </button>
    );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const body = { reason: reason.trim() };
    contest.mutate({ params: { path: { decision_id: decision }, header: keyed.of(body) }, body });
  };
  return (
    <form onSubmit={submit}>
      <label>
        {t("wallet.contest_why")}
        <textarea required maxLength={200} value={reason} onChange={(event) => setReason(event.currentTarget.value)} />
      </label>
      <Refusal error={contest.error} />
      <button className="main" disabled={contest.isPending || !reason.trim()}>
        {t("queue.send")}
      </button>
    </form>
  );
}
