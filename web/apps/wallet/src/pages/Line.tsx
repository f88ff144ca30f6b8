// The line itself: what is left of it and where, lowered or closed by its owner, frozen at once.
import { useQueryClient } from "@tanstack/react-query";
import { api } from "@tiao/api";
import { readMoney, useSpeech } from "@tiao/ui";
import { type FormEvent, useState } from "react";
import { Link } from "wouter";
import { useKeyed } from "../keyed";
import { Awaited, Facts, Money, Page, Refusal } from "../parts";

export default function Line() {
  const { t, code, day } = useSpeech();
  const queries = useQueryClient();
  const renew = { onSuccess: () => queries.invalidateQueries() };
  const found = api.useQuery("get", "/v1/line", {}, { retry: false });
  const cut = api.useMutation("post", "/v1/lines/{line_id}/limit", renew);
  const freeze = api.useMutation("post", "/v1/lines/{line_id}/freeze", renew);
  const keyed = useKeyed();
  const [text, setText] = useState("");
  const [sure, setSure] = useState<"close" | "freeze" | null>(null);
  const line = found.data;
  if (!line)
    return (
      <Page title={t("line.title")} back="/me">
        <Awaited of={found} />
      </Page>
    );
  const amount = readMoney(text, line.currency);
  const lower = (limit_minor: number) =>
    cut.mutate({
      params: { path: { line_id: line.id }, header: keyed.of(limit_minor) },
      body: { limit_minor, reason: t("line.own_wish") },
    });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (amount !== null) lower(amount);
  };
  return (
    <Page title={t("line.title")} back="/me">
      <section className="card">
        <Facts
          of={[
            [t("line.status"), code("line.status", line.status)],
            [t("line.limit"), <Money key="l" minor={line.limit_minor} currency={line.currency} />],
            [t("line.used"), <Money key="u" minor={line.used_minor} currency={line.currency} />],
            [t("line.held"), <Money key="h" minor={line.held_minor} currency={line.currency} />],
            [t("line.available"), <Money key="a" minor={line.available_minor} currency={line.currency} />],
            ...line.sublimits.map((each, place): [string, React.ReactNode] => [
              code("sublimit", each.kind),
              <span key={place}>
                <Money minor={each.amount_minor} currency={line.currency} />
                {each.ends_on && <small>{t("line.until", { day: day(each.ends_on) })}</small>}
              </span>,
            ]),
          ]}
        />
        {line.limit_target_minor < line.limit_minor && (
          <p>
            {t("line.falls_to")} <Money minor={line.limit_target_minor} currency={line.currency} />
          </p>
        )}
      </section>
      <form className="card" onSubmit={submit}>
        <h2>{t("line.lower")}</h2>
        <p className="soft">{t("line.lower_note")}</p>
        <label>
          {t("line.new_limit")}
          <input inputMode="decimal" required value={text} onChange={(event) => setText(event.currentTarget.value)} />
        </label>
        <Refusal error={cut.error} />
        <button className="other" disabled={cut.isPending || amount === null}>
          {t("line.lower")}
        </button>
      </form>
      <section className="card">
        <h2>{t("line.close")}</h2>
        <p className="soft">{t("line.close_note")}</p>
        <button
          type="button"
          className="other"
          disabled={cut.isPending}
          onClick={() => (sure === "close" ? lower(0) : setSure("close"))}
        >
          {t(sure === "close" ? "line.close_sure" : "line.close")}
        </button>
        <p>
          <Link href="/me/requests?kind=close_line">{t("line.close_account")}</Link>
        </p>
      </section>
      {line.status === "active" && (
        <section className="card">
          <h2>{t("line.freeze")}</h2>
          <p className="soft">{t("wallet.freeze_note")}</p>
          <Refusal error={freeze.error} />
          <button
            type="button"
            className="other"
            disabled={freeze.isPending}
            onClick={() =>
              sure === "freeze"
                ? freeze.mutate({
                    params: { path: { line_id: line.id }, header: keyed.of("freeze") },
                    body: { reason: t("wallet.freeze_reason") },
                  })
                : setSure("freeze")
            }
          >
            {t(sure === "freeze" ? "wallet.freeze_sure" : "line.freeze")}
          </button>
        </section>
      )}
    </Page>
  );
}
