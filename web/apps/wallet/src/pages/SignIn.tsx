import { useQueryClient } from "@tanstack/react-query";
import { Refused } from "@tiao/api";
import { markSignedIn, useSpeech } from "@tiao/ui";
import { type FormEvent, useState } from "react";
import { Refusal } from "../parts";

async function send(path: string, body: unknown): Promise<void> {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  }).catch(() => null);
  if (!answer) throw new Refused({ code: "network", status: 0, detail: "", facts: {} });
  if (!answer.ok) throw new Refused(await answer.json());
}

/** A phone, then the code that came. Nothing tells whether a phone is known. */
export default function SignIn() {
  const { t, language, change } = useSpeech();
  const queries = useQueryClient();
  const [phone, setPhone] = useState("");
  const [code, setCode] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const attempt = async (work: () => Promise<void>) => {
    setBusy(true);
    setError(null);
    try {
      await work();
    } catch (reason) {
      setError(reason);
    } finally {
      setBusy(false);
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void attempt(async () => {
      if (code === null) {
        await send("/wallet/code", { phone: phone.trim() });
        setCode("");
      } else {
        await send("/wallet/session", { code: code.trim() });
        markSignedIn(true);
        await queries.resetQueries();
      }
    });
  };
  return (
    <main className="wallet sign-in">
      <h1>{t("wallet.title")}</h1>
      <form onSubmit={submit}>
        <label>
          {t("wallet.phone")}
          <input
            type="tel"
            inputMode="numeric"
            autoComplete="tel-national"
            required
            disabled={code !== null}
            value={phone}
            onChange={(event) => setPhone(event.currentTarget.value)}
          />
        </label>
        {code !== null && (
          <label>
            {t("wallet.code")}
            <input
              inputMode="numeric"
              autoComplete="one-time-code"
              pattern="[0-9]{6}"
              required
              autoFocus
              value={code}
              onChange={(event) => setCode(event.currentTarget.value)}
            />
          </label>
        )}
        {code !== null && <p className="soft">{t("wallet.code_sent")}</p>}
        <Refusal error={error} />
        <button className="main" disabled={isBusy}>
          {t(code === null ? "wallet.send_code" : "wallet.enter")}
        </button>
        {code !== null && (
          <button type="button" className="plain" onClick={() => setCode(null)}>
            {t("wallet.other_phone")}
          </button>
        )}
      </form>
      <button type="button" className="plain" onClick={() => change({ language: language === "en" ? "zh-CN" : "en" })}>
        {language === "en" ? "中文" : "English"}
      </button>
    </main>
  );
}
