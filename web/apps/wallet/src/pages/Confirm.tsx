// A purchase that risk control asks its owner about: by a passkey's signature over it, or by a code.
import { useQueryClient } from "@tanstack/react-query";
import { api, client, once } from "@tiao/api";
import { useSpeech } from "@tiao/ui";
import { type FormEvent, useState } from "react";
import { useParams } from "wouter";
import { useAttempt } from "../attempt";
import { Awaited, Done, Facts, Merchant, Money, Page, Refusal } from "../parts";
import { canUsePasskeys, sign } from "../passkeys";

export default function Confirm() {
  const { t, code, instant, language } = useSpeech();
  const { id } = useParams<{ id: string }>();
  const queries = useQueryClient();
  const path = { purchase_id: id };
  const found = api.useQuery("get", "/v1/purchases/{purchase_id}", { params: { path } });
  const passkeys = api.useQuery("get", "/v1/passkeys", {});
  const [text, setText] = useState<string | null>(null);
  const [isWrong, setWrong] = useState(false);
  const { isBusy, error, attempt } = useAttempt();
  const purchase = found.data;
  const withPasskey = () =>
    attempt(async () => {
      const { data: asked } = await client.POST("/v1/purchases/{purchase_id}/passkey_challenges", { params: { path } });
      if (!asked) return;
      const { signature } = await sign(asked);
      await client.POST("/v1/purchases/{purchase_id}/passkey_confirmations", {
        params: { path },
        body: { challenge: asked.id, ...signature },
      });
      await queries.invalidateQueries();
    });
  const askCode = () =>
    attempt(async () => {
      await client.POST("/v1/purchases/{purchase_id}/codes", { params: { path, header: once() }, body: { language } });
      setText("");
    });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void attempt(async () => {
      const { data } = await client.POST("/v1/purchases/{purchase_id}/confirmations", {
        params: { path, header: once() },
        body: { code: (text ?? "").trim() },
      });
      setWrong(data?.confirmation === "wrong");
      if (data?.confirmation !== "wrong") await queries.invalidateQueries();
    });
  };
  return (
    <Page title={t("confirm.title")} back={`/purchases/${id}`}>
      <Awaited of={found} />
      {purchase && purchase.outcome === "authorised" && <Done title={t("confirm.paid")} to={`/purchases/${id}`} />}
      {purchase && purchase.outcome !== "authorised" && (
        <section className="card">
          <p className="big">
            <Money minor={purchase.amount_minor} currency={purchase.currency} />
          </p>
          <Facts
            of={[
              [t("wallet.merchant"), <Merchant key="m" id={purchase.merchant} />],
              [t("purchase.plan"), code("plan", purchase.plan)],
              [t("confirm.until"), purchase.outcome === "step_up" && instant(purchase.expires_at)],
              [t("purchase.outcome"), purchase.outcome !== "step_up" && code("purchase.outcome", purchase.outcome)],
            ]}
          />
          {purchase.outcome === "step_up" && (
            <>
              <p>{t("confirm.why")}</p>
              <Refusal error={error} />
              {canUsePasskeys() && (passkeys.data?.data.length ?? 0) > 0 && (
                <button type="button" className="main" disabled={isBusy} onClick={() => void withPasskey()}>
                  {t("confirm.with_passkey")}
                </button>
              )}
              {text === null ? (
                <button type="button" className="other" disabled={isBusy} onClick={() => void askCode()}>
                  {t("confirm.with_code")}
                </button>
              ) : (
                <form onSubmit={submit}>
                  <label>
                    {t("wallet.code")}
                    <input
                      inputMode="numeric"
                      autoComplete="one-time-code"
                      pattern="[0-9]{6}"
                      required
                      autoFocus
                      value={text}
                      onChange={(event) => setText(event.currentTarget.value)}
                    />
                  </label>
                  {isWrong && (
                    <p className="refusal" role="alert">
                      {t("refusal.wrong_code")}
                    </p>
                  )}
                  <button className="main" disabled={isBusy}>
                    {t("confirm.title")}
                  </button>
                </form>
              )}
            </>
          )}
        </section>
      )}
    </Page>
  );
}
