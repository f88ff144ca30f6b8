import { useQueryClient } from "@tanstack/react-query";
import { api, once } from "@tiao/api";
import { readMoney, useSpeech } from "@tiao/ui";
import { type FormEvent, useState } from "react";
import { Link } from "wouter";
import { Money, Page, Refusal } from "../parts";
import { useWho } from "../who";

/** Apply for a line; the answer is the decision, with its reasons and a way to contest it. */
export default function Apply() {
  const { t, code } = useSpeech();
  const { currency } = useWho();
  const queries = useQueryClient();
  const [text, setText] = useState("");
  const [header] = useState(once);
  const apply = api.useMutation("post", "/v1/applications", { onSuccess: () => queries.invalidateQueries() });
  const income = readMoney(text, currency);
  const decision = apply.data?.decision;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (income !== null) apply.mutate({ params: { header }, body: { currency, income_minor: income } });
  };
  return (
    <Page title={t("wallet.apply")}>
      {decision ? (
        <section className="card" role="status">
          <p className="big">{code("decision.outcome", decision.outcome)}</p>
          {decision.limit_after_minor > 0 && (
            <p>
              {t("line.limit")} <Money minor={decision.limit_after_minor} currency={decision.currency} />
            </p>
          )}
          <p>{decision.text}</p>
          <ul>
            {decision.reasons.map((reason) => (
              <li key={reason.code}>{reason.text}</li>
            ))}
          </ul>
          <Link href={decision.outcome === "approved" ? "/" : "/me/decisions"} className="main">
            {t(decision.outcome === "approved" ? "wallet.home" : "wallet.why")}
          </Link>
        </section>
      ) : (
        <form className="card" onSubmit={submit}>
          <p>{t("wallet.apply_note")}</p>
          <label>
            {t("wallet.income")}
            <input inputMode="decimal" required value={text} onChange={(event) => setText(event.currentTarget.value)} />
          </label>
          <Refusal error={apply.error} />
          <button className="main" disabled={apply.isPending || income === null}>
            {t("wallet.apply")}
          </button>
        </form>
      )}
    </Page>
  );
}
