// What an amount would cost in instalments, before there is anything to buy; and what settling early would save.
import { api, type Schemas } from "@tiao/api";
import { readMoney, useSpeech } from "@tiao/ui";
import { type FormEvent, useState } from "react";
import { Awaited, Money, Page } from "../parts";
import { Plan } from "../Plans";
import { useWho } from "../who";

export default function Calculator() {
  const { t } = useSpeech();
  const { currency } = useWho();
  const [text, setText] = useState("1000");
  const [asked, setAsked] = useState(100_000);
  const found = api.useQuery("get", "/v1/calculations", { params: { query: { amount_minor: asked } } });
  const amount = readMoney(text, currency);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (amount) setAsked(amount);
  };
  return (
    <Page title={t("calculator.title")} back="/">
      <form className="card" onSubmit={submit}>
        <label>
          {t("purchase.amount")}
          <input inputMode="decimal" required value={text} onChange={(event) => setText(event.currentTarget.value)} />
        </label>
        <button className="main" disabled={!amount || amount < 1}>
          {t("calculator.go")}
        </button>
      </form>
      <Awaited of={found} />
      {found.data?.plans.length === 0 && <p className="none">{t("calculator.none")}</p>}
      {found.data?.plans.map((plan) => (
        <Plan key={plan.offer.plan} offer={plan.offer} currency={found.data.currency} lender={found.data.lender}>
          {plan.savings.some((each) => each.saves_minor > 0) && (
            <Savings savings={plan.savings} currency={found.data.currency} />
          )}
        </Plan>
      ))}
      <p className="soft">{t("calculator.note")}</p>
    </Page>
  );
}

function Savings({ savings, currency }: { savings: Schemas["SavingShown"][]; currency: string }) {
  const { t } = useSpeech();
  return (
    <details>
      <summary>{t("calculator.early")}</summary>
      <div className="scroll" tabIndex={0} role="region" aria-label={t("calculator.early")}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t("calculator.after")}</th>
              <th scope="col" className="right">
                {t("calculator.settles")}
              </th>
              <th scope="col" className="right">
                {t("wallet.saves")}
              </th>
            </tr>
          </thead>
          <tbody>
            {savings.map((each) => (
              <tr key={each.after}>
                <td>{t("calculator.after_number", { number: each.after })}</td>
                <td className="right">
                  <Money minor={each.settles_minor} currency={currency} />
                </td>
                <td className="right">
                  <Money minor={each.saves_minor} currency={currency} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
