import { useSpeech } from "@tiao/ui";
import { type FormEvent, useState } from "react";
import { useAttempt } from "./attempt";
import { send } from "./own";
import { Refusal } from "./parts";

/** Who is new gives name, number and phone, and agrees to each text by itself; then a code goes to the phone. */
export function Register({ onSent, onBack }: { onSent: (phone: string) => void; onBack: () => void }) {
  const { t } = useSpeech();
  const [given, setGiven] = useState({ name: "", identity_number: "", phone: "" });
  const [agreed, setAgreed] = useState({ service: false, identity: false });
  const { isBusy, error, attempt } = useAttempt();
  const set = (name: keyof typeof given) => (event: { currentTarget: HTMLInputElement }) =>
    setGiven({ ...given, [name]: event.currentTarget.value });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void attempt(async () => {
      await send("/wallet/registration", {
        name: given.name.trim(),
        identity_number: given.identity_number.trim(),
        phone: given.phone.trim(),
        agreed: ["service", "identity"],
      });
      onSent(given.phone.trim());
    });
  };
  return (
    <form onSubmit={submit}>
      <p>{t("register.note")}</p>
      <label>
        {t("register.name")}
        <input autoComplete="name" required maxLength={100} value={given.name} onChange={set("name")} />
      </label>
      <label>
        {t("register.identity")}
        <input
          autoComplete="off"
          required
          maxLength={18}
          value={given.identity_number}
          onChange={set("identity_number")}
        />
      </label>
      <label>
        {t("wallet.phone")}
        <input
          type="tel"
          inputMode="numeric"
          autoComplete="tel-national"
          required
          value={given.phone}
          onChange={set("phone")}
        />
      </label>
      {(["service", "identity"] as const).map((name) => (
        <label key={name} className="choice">
          <input
            type="checkbox"
            checked={agreed[name]}
            onChange={(event) => setAgreed({ ...agreed, [name]: event.currentTarget.checked })}
          />
          <span>{t(`register.agree_${name}`)}</span>
        </label>
      ))}
      <Refusal error={error} />
      <button className="main" disabled={isBusy || !agreed.service || !agreed.identity}>
        {t("wallet.send_code")}
      </button>
      <button type="button" className="plain" onClick={onBack}>
        {t("wallet.back")}
      </button>
    </form>
  );
}
