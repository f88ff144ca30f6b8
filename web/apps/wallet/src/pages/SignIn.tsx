import { useQueryClient } from "@tanstack/react-query";
import { markSignedIn, useSpeech } from "@tiao/ui";
import { type FormEvent, useState } from "react";
import { useAttempt } from "../attempt";
import { send } from "../own";
import { Refusal } from "../parts";
import { canUsePasskeys, sign } from "../passkeys";
import { Register } from "../Register";

/** A passkey, or a phone and the code that came. Nothing tells whether a phone is known. */
export default function SignIn() {
  const { t, language, change } = useSpeech();
  const queries = useQueryClient();
  const [phone, setPhone] = useState("");
  const [code, setCode] = useState<string | null>(null);
  const [isNew, setNew] = useState(false);
  const { isBusy, error, attempt } = useAttempt();
  const enter = async () => {
    markSignedIn(true);
    await queries.resetQueries();
  };
  const withPasskey = () =>
    attempt(async () => {
      const asked = await send<{ challenge: string; rp_id: string }>("/wallet/passkey/options");
      const { signature, user } = await sign(asked);
      await send("/wallet/passkey", { ...signature, user });
      await enter();
    });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void attempt(async () => {
      if (code === null) {
        await send("/wallet/code", { phone: phone.trim() });
        setCode("");
      } else {
        await send("/wallet/session", { code: code.trim() });
        await enter();
      }
    });
  };
  return (
    <main className="wallet sign-in">
      <h1>{t("wallet.title")}</h1>
      {isNew ? (
        <Register
          onSent={(given) => {
            setPhone(given);
            setCode("");
            setNew(false);
          }}
          onBack={() => setNew(false)}
        />
      ) : (
        <>
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
          {code === null && canUsePasskeys() && (
            <button type="button" className="other" disabled={isBusy} onClick={() => void withPasskey()}>
              {t("passkey.sign_in")}
            </button>
          )}
          {code === null && (
            <button type="button" className="plain" onClick={() => setNew(true)}>
              {t("register.new_here")}
            </button>
          )}
        </>
      )}
      <button type="button" className="plain" onClick={() => change({ language: language === "en" ? "zh-CN" : "en" })}>
        {language === "en" ? "中文" : "English"}
      </button>
    </main>
  );
}
