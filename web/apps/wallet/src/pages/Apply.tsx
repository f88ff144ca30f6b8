import { useQueryClient } from "@tanstack/react-query";
import { client, type Schemas } from "@tiao/api";
import { readMoney, useSpeech } from "@tiao/ui";
import { type FormEvent, useState } from "react";
import { Link } from "wouter";
import { useAttempt } from "../attempt";
import { useKeyed } from "../keyed";
import { Money, Page, Refusal } from "../parts";
import { useWho } from "../who";

/** The day of the words under `apply.bureau`: what is agreed to is kept with it. */
const WORDING = "2026-11-01";

type Purpose = "social_data" | "partner_data";
const OPTIONAL: Purpose[] = ["social_data", "partner_data"];

/** Apply for a line; the answer is the decision, with its reasons and a way to contest it. */
export default function Apply() {
  const { t, code, language } = useSpeech();
  const { currency } = useWho();
  const queries = useQueryClient();
  const [text, setText] = useState("");
  const [isAsked, setAsked] = useState(false);
  const [given, setGiven] = useState<Purpose[]>([]);
  const keyed = useKeyed();
  const [made, setMade] = useState<Schemas["ApplicationShown"] | null>(null);
  const { isBusy, error, attempt } = useAttempt();
  const back = sessionStorage.getItem("tiao.return");
  const income = readMoney(text, currency);
  const decision = made?.decision;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (income === null) return;
    void attempt(async () => {
      for (const purpose of given) await client.PUT("/v1/consents/{purpose}", { params: { path: { purpose } } });
      const bureau_consent = { text_version: WORDING, channel: "wallet", language } as const;
      const body = { currency, income_minor: income, bureau_consent };
      const { data } = await client.POST("/v1/applications", { params: { header: keyed.of(body) }, body });
      if (!data) return;
      setMade(data);
      await queries.invalidateQueries();
    });
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
          {decision.outcome === "approved" && back && (
            <a href={back} className="main">
              {t("apply.return")}
            </a>
          )}
          <Link href={decision.outcome === "approved" ? "/" : "/me/decisions"} className="main">
            {t(decision.outcome === "approved" ? "wallet.home" : "wallet.why")}
          </Link>
        </section>
      ) : (
        <form className="card" onSubmit={submit}>
          <p>{t("wallet.apply_note")}</p>
          <label className="choice">
            <input type="checkbox" checked={isAsked} onChange={(event) => setAsked(event.currentTarget.checked)} />
            <span>{t("apply.bureau")}</span>
          </label>
          <p className="soft">{t("apply.optional")}</p>
          {OPTIONAL.map((purpose) => (
            <label key={purpose} className="choice">
              <input
                type="checkbox"
                checked={given.includes(purpose)}
                onChange={(event) =>
                  setGiven(event.currentTarget.checked ? [...given, purpose] : given.filter((each) => each !== purpose))
                }
              />
              <span>
                {code("purpose", purpose)}
                <small>{t(`consent.note.${purpose}`)}</small>
              </span>
            </label>
          ))}
          <label>
            {t("wallet.income")}
            <input inputMode="decimal" required value={text} onChange={(event) => setText(event.currentTarget.value)} />
          </label>
          <Refusal error={error} />
          <button className="main" disabled={isBusy || income === null || !isAsked}>
            {t("wallet.apply")}
          </button>
        </form>
      )}
    </Page>
  );
}
