// What one asks people to do: complaints, data rights, help in hardship; and a copy at once of all that the wallet shows.
import { useQueryClient } from "@tanstack/react-query";
import { api, client } from "@tiao/api";
import { useSpeech } from "@tiao/ui";
import { type FormEvent, useState } from "react";
import { useSearch } from "wouter";
import { useAttempt } from "../attempt";
import { useKeyed } from "../keyed";
import { Awaited, Page, Refusal } from "../parts";
import { useWho } from "../who";

const KINDS = ["complaint", "data_copy", "data_correction", "data_deletion", "hardship", "close_line"] as const;
type Kind = (typeof KINDS)[number];

export default function Requests() {
  const { t, code, instant } = useSpeech();
  const queries = useQueryClient();
  const wished = new URLSearchParams(useSearch());
  const found = api.useQuery("get", "/v1/petitions", {});
  const [kind, setKind] = useState<Kind | "">(KINDS.find((each) => each === wished.get("kind")) ?? "");
  const [words, setWords] = useState("");
  const keyed = useKeyed();
  const ask = api.useMutation("post", "/v1/petitions", {
    onSuccess: () => {
      setWords("");
      keyed.done();
      return queries.invalidateQueries();
    },
  });
  const withdraw = api.useMutation("post", "/v1/petitions/{petition_id}/withdrawal", {
    onSuccess: () => queries.invalidateQueries(),
  });
  const loan = wished.get("loan");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!kind) return;
    const body = { kind, words: words.trim(), loan: kind === "hardship" ? loan : null };
    ask.mutate({ params: { header: keyed.of(body) }, body });
  };
  return (
    <Page title={t("petition.title")} back="/me">
      <form className="card" onSubmit={submit}>
        <label>
          {t("petition.kind")}
          <select required value={kind} onChange={(event) => setKind(event.currentTarget.value as Kind | "")}>
            <option value="">{t("wallet.please_choose")}</option>
            {KINDS.map((each) => (
              <option key={each} value={each}>
                {code("petition.kind", each)}
              </option>
            ))}
          </select>
        </label>
        {kind && <p className="soft">{t(`petition.note.${kind}`)}</p>}
        <label>
          {t("petition.words")}
          <textarea required maxLength={2000} value={words} onChange={(event) => setWords(event.currentTarget.value)} />
        </label>
        <Refusal error={ask.error} />
        <button className="main" disabled={ask.isPending || !kind || !words.trim()}>
          {t("queue.send")}
        </button>
      </form>
      <Copy />
      <Awaited of={found} />
      <Refusal error={withdraw.error} />
      {found.data?.data.map((each) => (
        <section key={each.id} className="card">
          <p>
            <strong>{code("petition.kind", each.kind)}</strong> · {code("petition.state", each.state)}
          </p>
          <p className="soft">
            {instant(each.made_at)} · {t("petition.due", { at: instant(each.due_at) })}
          </p>
          <p>{each.words}</p>
          {each.answer && (
            <p role="status">
              {t("petition.answer")} {each.answer}
            </p>
          )}
          {each.state === "open" && (
            <button
              type="button"
              className="plain"
              disabled={withdraw.isPending}
              onClick={() => withdraw.mutate({ params: { path: { petition_id: each.id } } })}
            >
              {t("petition.withdraw")}
            </button>
          )}
        </section>
      ))}
    </Page>
  );
}

interface Listed {
  data?: { data: unknown[]; has_more?: boolean; next?: string | null };
}

async function all(read: (after: string | undefined) => Promise<Listed>): Promise<unknown[]> {
  const found: unknown[] = [];
  for (let after: string | undefined; ;) {
    const { data } = await read(after);
    found.push(...(data?.data ?? []));
    if (!data?.has_more || !data.next) return found;
    after = data.next;
  }
}

/** All that the wallet shows, as one file, made here and sent nowhere. */
function Copy() {
  const { t } = useSpeech();
  const { subject } = useWho();
  const { isBusy, error, attempt } = useAttempt();
  const make = () =>
    attempt(async () => {
      const limit = 100;
      const paged = (after: string | undefined) => ({ params: { query: { limit, after } } });
      const copy = {
        made_at: new Date().toISOString(),
        customer: (await client.GET("/v1/customers/{customer_id}", { params: { path: { customer_id: subject } } }))
          .data,
        line: (await client.GET("/v1/line", {}).catch(() => ({ data: null }))).data,
        consents: (await client.GET("/v1/consents", {})).data?.data,
        decisions: await all((after) => client.GET("/v1/decisions", paged(after))),
        objections: await all((after) => client.GET("/v1/objections", paged(after))),
        purchases: await all((after) => client.GET("/v1/purchases", paged(after))),
        loans: await all((after) => client.GET("/v1/loans", paged(after)).catch(() => ({}))),
        bills: await all((after) => client.GET("/v1/bills", paged(after)).catch(() => ({}))),
        repayments: await all((after) => client.GET("/v1/repayments", paged(after)).catch(() => ({}))),
        messages: await all((after) => client.GET("/v1/messages", paged(after))),
        cards: (await client.GET("/v1/cards", {})).data?.data,
        passkeys: (await client.GET("/v1/passkeys", {})).data?.data,
        requests: (await client.GET("/v1/petitions", {})).data?.data,
      } satisfies Record<string, unknown>;
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([JSON.stringify(copy, null, 2)], { type: "application/json" }));
      link.download = `tiao-${new Date().toISOString().slice(0, 10)}.json`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1_000);
    });
  return (
    <section className="card">
      <p>{t("copy.note")}</p>
      <Refusal error={error} />
      <button type="button" className="other" disabled={isBusy} onClick={() => void make()}>
        {t("copy.make")}
      </button>
    </section>
  );
}
