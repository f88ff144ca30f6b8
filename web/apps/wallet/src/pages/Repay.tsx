// Paying now: everything, what is billed, or another amount, from an account that is bound. What is unknown is said to be unknown.
import { useQueryClient } from "@tanstack/react-query";
import { api, client, Refused, type Schemas } from "@tiao/api";
import { readMoney, useSpeech } from "@tiao/ui";
import { type FormEvent, useState } from "react";
import { Link, useLocation, useSearch } from "wouter";
import { useAttempt } from "../attempt";
import { useKeyed } from "../keyed";
import { Choice, Facts, isPassing, Money, Page, Refusal, Rows } from "../parts";
import { keep, unanswered, type Unanswered } from "../unanswered";
import { useWho } from "../who";

type Way = "billed" | "all" | "loan" | "other";

export default function Repay() {
  const { t } = useSpeech();
  const { currency } = useWho();
  const loan = new URLSearchParams(useSearch()).get("loan");
  const [way, setWay] = useState<Way>(loan ? "loan" : "billed");
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState<string | null>(null);
  const bills = api.useQuery("get", "/v1/bills", { params: { query: { limit: 24 } } });
  const payoff = api.useQuery("get", "/v1/line/payoff", {});
  const ofLoan = api.useQuery(
    "get",
    "/v1/loans/{loan_id}/payoff",
    { params: { path: { loan_id: loan ?? "" } } },
    { enabled: loan !== null },
  );
  const sources = api.useQuery("get", "/v1/funding_sources", {});
  const active = sources.data?.data.filter((source) => source.status === "active") ?? [];
  const source = chosen ?? active[0]?.id;
  const billed = bills.data?.data.reduce((sum, bill) => sum + bill.open_minor, 0) ?? 0;
  const all = payoff.data?.total_minor ?? 0;
  const one = ofLoan.data?.total_minor ?? 0;
  const amount = { billed, all, loan: one, other: readMoney(text, currency) }[way];
  const sending = useSending();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!amount || !source) return;
    sending.send(way === "all" || way === "loan" ? way : "pay", loan, { amount_minor: amount, funding_source: source });
  };
  if (sending.lost) return <Lost sending={sending} lost={sending.lost} />;
  if (bills.isSuccess && billed === 0 && payoff.error instanceof Refused && payoff.error.code === "nothing_owed")
    return (
      <Page title={t("wallet.repay")} back="/">
        <p className="none">{t("repay.nothing")}</p>
        <Link href="/repayments" className="other">
          {t("repay.history")}
        </Link>
      </Page>
    );
  return (
    <Page title={t("wallet.repay")} back="/">
      <form className="card" onSubmit={submit}>
        <fieldset>
          <legend>{t("wallet.how_much")}</legend>
          <Choice name="way" on={way === "billed"} onChoose={() => setWay("billed")}>
            {t("wallet.pay_billed")} <Money minor={billed} />
          </Choice>
          <Choice name="way" on={way === "all"} onChoose={() => setWay("all")}>
            {t("wallet.pay_all")} <Money minor={all} />
          </Choice>
          {loan && (
            <Choice name="way" on={way === "loan"} onChoose={() => setWay("loan")}>
              {t("loan.settle")} <Money minor={one} />
            </Choice>
          )}
          <Choice name="way" on={way === "other"} onChoose={() => setWay("other")}>
            {t("wallet.pay_other")}
          </Choice>
          {way === "other" && (
            <input
              inputMode="decimal"
              aria-label={t("purchase.amount")}
              value={text}
              onChange={(event) => setText(event.currentTarget.value)}
            />
          )}
        </fieldset>
        <fieldset>
          <legend>{t("wallet.from")}</legend>
          {active.map((each) => (
            <Choice key={each.id} name="source" on={source === each.id} onChoose={() => setChosen(each.id)}>
              {each.display}
            </Choice>
          ))}
          {sources.isSuccess && active.length === 0 && <Link href="/me/cards">{t("wallet.bind_first")}</Link>}
        </fieldset>
        {(way === "billed" || way === "other") && amount ? <Allocation amount={amount} /> : null}
        {way === "all" && payoff.data && <Saved payoff={payoff.data} />}
        {way === "loan" && ofLoan.data && <Saved payoff={ofLoan.data} />}
        <Refusal error={sending.error} />
        <button className="main" disabled={sending.isBusy || !amount || !source}>
          {t("wallet.pay")} {amount ? <Money minor={amount} /> : null}
        </button>
      </form>
    </Page>
  );
}

/** Where the money would go, before it is paid. */
function Allocation({ amount }: { amount: number }) {
  const { t, day, money } = useSpeech();
  const query = { amount_minor: amount };
  const found = api.useQuery("get", "/v1/repayment_preview", { params: { query } }, { retry: false });
  if (!found.data) return <Refusal error={found.error} />;
  const { currency } = found.data;
  return (
    <>
      <h2>{t("repay.goes")}</h2>
      <Rows
        rows={found.data.parts}
        none=""
        id={(part) => part.loan + part.number}
        left={(part) => (
          <>
            {t("wallet.due_on", { day: day(part.due_on) })}
            <small>{madeOf(part, t, money, currency)}</small>
          </>
        )}
        right={(part) => (
          <>
            <Money
              minor={part.penalty_minor + part.fee_minor + part.interest_minor + part.principal_minor}
              currency={currency}
            />
            <small>
              {t("repay.left")} <Money minor={part.left_minor} currency={currency} />
            </small>
          </>
        )}
      />
    </>
  );
}

/** Name what an amount is made of; what is nothing is left out. */
function madeOf(
  part: Schemas["PreviewedPart"],
  t: ReturnType<typeof useSpeech>["t"],
  money: ReturnType<typeof useSpeech>["money"],
  currency: string,
): string {
  const parts: [string, number][] = [
    [t("wallet.penalty"), part.penalty_minor],
    [t("loan.fee"), part.fee_minor + part.interest_minor],
    [t("bill.principal"), part.principal_minor],
  ];
  return parts
    .filter(([, minor]) => minor > 0)
    .map(([name, minor]) => `${name} ${money(minor, currency)}`)
    .join(" · ");
}

function Saved({ payoff }: { payoff: Schemas["PayoffShown"] }) {
  const { t } = useSpeech();
  const saved = payoff.fee_falling_minor + payoff.interest_falling_minor;
  return (
    <Facts
      of={[
        [t("bill.principal"), <Money key="p" minor={payoff.principal_minor} />],
        [t("loan.fee"), <Money key="f" minor={payoff.fee_minor + payoff.interest_minor} />],
        [t("wallet.penalty"), payoff.penalty_minor > 0 && <Money key="n" minor={payoff.penalty_minor} />],
        [t("repay.saves"), saved > 0 && <Money key="s" minor={saved} />],
      ]}
    />
  );
}

/** Sends a repayment and leads to what became of it. What got no answer is kept, and asked about under its own key. */
function useSending() {
  const queries = useQueryClient();
  const { subject } = useWho();
  const [, go] = useLocation();
  const { isBusy, error, attempt } = useAttempt();
  const keyed = useKeyed();
  const [lost, setLost] = useState(() => unanswered(subject));
  const ask = (asked: Unanswered) =>
    attempt(async () => {
      keep(asked);
      try {
        const { data } = await sent(asked);
        keep(null);
        keyed.done();
        if (!data) return;
        void queries.invalidateQueries();
        go(`/repayments/${data.repayment.id}`, { replace: true });
      } catch (reason) {
        const isKnown = isSure(reason, lost !== null);
        if (isKnown) keep(null);
        setLost(isKnown ? null : asked);
        throw reason;
      }
    });
  return {
    isBusy,
    error,
    lost,
    again: () => lost && void ask(lost),
    send: (way: Unanswered["way"], loan: string | null, body: Unanswered["body"]) =>
      void ask({ who: subject, way, loan, body, header: keyed.of([way, loan, body]) }),
  };
}

/** Where the server says itself that nothing was done. */
const NOTHING_DONE = new Set(["busy", "shard_unavailable", "too_many_requests", "transaction_conflict"]);

/** Whether a "no" tells what became of what was sent: of what was sent before too, where *isAskedAgain*. */
function isSure(reason: unknown, isAskedAgain: boolean): boolean {
  if (!(reason instanceof Refused)) return false;
  if (isAskedAgain) return !isPassing(reason) && reason.status !== 401;
  return !isPassing(reason) || NOTHING_DONE.has(reason.code);
}

async function sent({ way, loan, header, body }: Unanswered) {
  if (way === "all") return client.POST("/v1/line/payoff", { params: { header }, body });
  if (way === "loan" && loan)
    return client.POST("/v1/loans/{loan_id}/payoff", { params: { header, path: { loan_id: loan } }, body });
  return client.POST("/v1/repayments", { params: { header }, body });
}

/** Nothing else can be paid before it is known what became of this. */
function Lost({ sending, lost }: { sending: ReturnType<typeof useSending>; lost: Unanswered }) {
  const { t } = useSpeech();
  return (
    <Page title={t("wallet.repay")} back="/">
      <section className="card">
        <div role="status">
          <p className="big">
            {t("repay.lost")} <Money minor={lost.body.amount_minor} />
          </p>
          <p>{t("repay.lost_note")}</p>
        </div>
        <Refusal error={sending.error} />
        <button type="button" className="main" disabled={sending.isBusy} onClick={sending.again}>
          {t("repay.ask")}
        </button>
      </section>
    </Page>
  );
}
