// Paying now: everything, what is billed, or another amount, from an account that is bound. What is unknown is said to be unknown.
import { useQueryClient } from "@tanstack/react-query";
import { api, once, type Schemas } from "@tiao/api";
import { readMoney, useSpeech } from "@tiao/ui";
import { type FormEvent, useState } from "react";
import { Link } from "wouter";
import { Facts, Money, Page, Refusal } from "../parts";
import { useWho } from "../who";

type Way = "billed" | "all" | "other";

export default function Repay() {
  const { t } = useSpeech();
  const { currency } = useWho();
  const queries = useQueryClient();
  const [way, setWay] = useState<Way>("billed");
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState<string | null>(null);
  const [header] = useState(once);
  const bills = api.useQuery("get", "/v1/bills", { params: { query: { limit: 24 } } });
  const payoff = api.useQuery("get", "/v1/line/payoff", {});
  const sources = api.useQuery("get", "/v1/funding_sources", {});
  const pay = api.useMutation("post", "/v1/repayments", { onSuccess: () => queries.invalidateQueries() });
  const settle = api.useMutation("post", "/v1/line/payoff", { onSuccess: () => queries.invalidateQueries() });
  const done = pay.data ?? settle.data;
  if (done) return <Paid repayment={done.repayment} />;

  const active = sources.data?.data.filter((source) => source.status === "active") ?? [];
  const source = chosen ?? active[0]?.id;
  const billed = bills.data?.data.reduce((sum, bill) => sum + bill.open_minor, 0) ?? 0;
  const all = payoff.data?.total_minor ?? 0;
  const amount = way === "billed" ? billed : way === "all" ? all : readMoney(text, currency);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!amount || !source) return;
    const asked = { params: { header }, body: { amount_minor: amount, funding_source: source } };
    if (way === "all") settle.mutate(asked);
    else pay.mutate(asked);
  };
  const isBusy = pay.isPending || settle.isPending;
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
        <Refusal error={pay.error ?? settle.error} />
        <button className="main" disabled={isBusy || !amount || !source}>
          {t("wallet.pay")} {amount ? <Money minor={amount} /> : null}
        </button>
      </form>
    </Page>
  );
}

function Choice(props: { name: string; on: boolean; onChoose: () => void; children: React.ReactNode }) {
  return (
    <label className="choice">
      <input type="radio" name={props.name} checked={props.on} onChange={props.onChoose} />
      <span>{props.children}</span>
    </label>
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
