// Paying now: everything, what is billed, or another amount, from an account that is bound. What is unknown is said to be unknown.
import { useQueryClient } from "@tanstack/react-query";
import { api, once, type Schemas } from "@tiao/api";
import { readMoney, useSpeech } from "@tiao/ui";
import { type FormEvent, useState } from "react";
import { Link, useSearch } from "wouter";
import { Choice, Facts, Money, Page, Refusal } from "../parts";
import { useWho } from "../who";

type Way = "billed" | "all" | "loan" | "other";

export default function Repay() {
  const { t } = useSpeech();
  const { currency } = useWho();
  const queries = useQueryClient();
  const loan = new URLSearchParams(useSearch()).get("loan");
  const [way, setWay] = useState<Way>(loan ? "loan" : "billed");
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState<string | null>(null);
  const [header] = useState(once);
  const bills = api.useQuery("get", "/v1/bills", { params: { query: { limit: 24 } } });
  const payoff = api.useQuery("get", "/v1/line/payoff", {});
  const ofLoan = api.useQuery(
    "get",
    "/v1/loans/{loan_id}/payoff",
    { params: { path: { loan_id: loan ?? "" } } },
    { enabled: loan !== null },
  );
  const sources = api.useQuery("get", "/v1/funding_sources", {});
  const pay = api.useMutation("post", "/v1/repayments", { onSuccess: () => queries.invalidateQueries() });
  const settle = api.useMutation("post", "/v1/line/payoff", { onSuccess: () => queries.invalidateQueries() });
  const settleLoan = api.useMutation("post", "/v1/loans/{loan_id}/payoff", {
    onSuccess: () => queries.invalidateQueries(),
  });
  const done = pay.data ?? settle.data ?? settleLoan.data;
  if (done) return <Paid repayment={done.repayment} />;

  const active = sources.data?.data.filter((source) => source.status === "active") ?? [];
  const source = chosen ?? active[0]?.id;
  const billed = bills.data?.data.reduce((sum, bill) => sum + bill.open_minor, 0) ?? 0;
  const all = payoff.data?.total_minor ?? 0;
  const one = ofLoan.data?.total_minor ?? 0;
  const amount = { billed, all, loan: one, other: readMoney(text, currency) }[way];
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!amount || !source) return;
    const asked = { params: { header }, body: { amount_minor: amount, funding_source: source } };
    if (way === "all") settle.mutate(asked);
    else if (way === "loan" && loan)
      settleLoan.mutate({ ...asked, params: { ...asked.params, path: { loan_id: loan } } });
    else pay.mutate(asked);
  };
  const isBusy = pay.isPending || settle.isPending || settleLoan.isPending;
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
        <Refusal error={pay.error ?? settle.error ?? settleLoan.error} />
        <button className="main" disabled={isBusy || !amount || !source}>
          {t("wallet.pay")} {amount ? <Money minor={amount} /> : null}
        </button>
      </form>
    </Page>
  );
}

/** Where the money would go, before it is paid. */
function Allocation({ amount }: { amount: number }) {
  const { t, day } = useSpeech();
  const query = { amount_minor: amount };
  const found = api.useQuery("get", "/v1/repayment_preview", { params: { query } }, { retry: false });
  if (!found.data) return <Refusal error={found.error} />;
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label={t("repay.goes")}>
      <table>
        <caption>{t("repay.goes")}</caption>
        <thead>
          <tr>
            <th scope="col">{t("bill.due")}</th>
            <th scope="col" className="right">
              {t("wallet.penalty")}
            </th>
            <th scope="col" className="right">
              {t("loan.fee")}
            </th>
            <th scope="col" className="right">
              {t("bill.principal")}
            </th>
            <th scope="col" className="right">
              {t("repay.left")}
            </th>
          </tr>
        </thead>
        <tbody>
          {found.data.parts.map((part) => (
            <tr key={part.loan + part.number}>
              <td>{day(part.due_on)}</td>
              <td className="right">
                <Money minor={part.penalty_minor} />
              </td>
              <td className="right">
                <Money minor={part.fee_minor + part.interest_minor} />
              </td>
              <td className="right">
                <Money minor={part.principal_minor} />
              </td>
              <td className="right">
                <Money minor={part.left_minor} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
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

function Paid({ repayment }: { repayment: Schemas["RepaymentShown"] }) {
  const { t, code } = useSpeech();
  const isOpen = repayment.state === "created" || repayment.state === "unknown";
  return (
    <Page title={t("wallet.repay")} back="/">
      <section className="card" role="status">
        <p className="big">{isOpen ? t("wallet.processing") : code("debit.state", repayment.state)}</p>
        <Facts
          of={[
            [t("purchase.amount"), <Money key="a" minor={repayment.amount_minor} currency={repayment.currency} />],
            [t("case.reason"), repayment.code],
          ]}
        />
        {isOpen && <p className="soft">{t("wallet.processing_note")}</p>}
        <Link href="/" className="main">
          {t("wallet.home")}
        </Link>
      </section>
    </Page>
  );
}
