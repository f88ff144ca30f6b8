// Passkeys of one's own: added, named, removed. The phone and its code go on working beside them.
import { useQueryClient } from "@tanstack/react-query";
import { api, client, type Schemas } from "@tiao/api";
import { refusedLast, useSpeech } from "@tiao/ui";
import { type FormEvent, useState } from "react";
import { useAttempt } from "../attempt";
import { Devices } from "../Devices";
import { Awaited, Page, Refusal } from "../parts";
import { canUsePasskeys, make } from "../passkeys";

export default function Security() {
  const { t } = useSpeech();
  const queries = useQueryClient();
  const found = api.useQuery("get", "/v1/passkeys", {});
  const [name, setName] = useState("");
  const { isBusy, error, attempt } = useAttempt();
  const add = (event: FormEvent) => {
    event.preventDefault();
    void attempt(async () => {
      const { data: asked } = await client.POST("/v1/passkeys/options", {});
      if (!asked) return;
      await client.POST("/v1/passkeys", { body: await make(asked, name.trim() || t("passkey.this_device")) });
      setName("");
      await queries.invalidateQueries();
    });
  };
  return (
    <Page title={t("passkey.title")} back="/me">
      <p>{t("passkey.note")}</p>
      <Awaited of={found} />
      {found.data?.data.length === 0 && <p className="none">{t("passkey.none")}</p>}
      {found.data?.data.map((each) => (
        <One key={each.id} passkey={each} />
      ))}
      {canUsePasskeys() ? (
        <form className="card" onSubmit={add}>
          <label>
            {t("passkey.name")}
            <input
              maxLength={40}
              autoComplete="off"
              placeholder={t("passkey.this_device")}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
          </label>
          <Refusal error={error} />
          <button className="main" disabled={isBusy}>
            {t("passkey.add")}
          </button>
        </form>
      ) : (
        <p className="card">{t("passkey.not_here")}</p>
      )}
      <Devices />
    </Page>
  );
}

function One({ passkey }: { passkey: Schemas["PasskeyShown"] }) {
  const { t, instant } = useSpeech();
  const queries = useQueryClient();
  const renew = { onSuccess: () => queries.invalidateQueries() };
  const rename = api.useMutation("put", "/v1/passkeys/{passkey_id}", renew);
  const remove = api.useMutation("delete", "/v1/passkeys/{passkey_id}", renew);
  const [name, setName] = useState<string | null>(null);
  const [isSure, setSure] = useState(false);
  const path = { path: { passkey_id: passkey.id } };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!name?.trim()) return;
    rename.mutate({ params: path, body: { name: name.trim() } }, { onSuccess: () => setName(null) });
  };
  return (
    <section className="card" aria-label={passkey.name}>
      {name === null ? (
        <p>
          <strong>{passkey.name}</strong>
        </p>
      ) : (
        <form onSubmit={submit}>
          <label>
            {t("passkey.name")}
            <input autoFocus maxLength={40} value={name} onChange={(event) => setName(event.currentTarget.value)} />
          </label>
          <button className="main" disabled={rename.isPending || !name.trim()}>
            {t("wallet.save")}
          </button>
        </form>
      )}
      <p className="soft">
        {t("passkey.added", { at: instant(passkey.added_at) })}
        {passkey.used_at && ` · ${t("passkey.used", { at: instant(passkey.used_at) })}`}
        {passkey.is_synced && ` · ${t("passkey.synced")}`}
      </p>
      <Refusal error={refusedLast(rename, remove)} />
      <div className="two">
        <button type="button" className="plain" onClick={() => setName(name === null ? passkey.name : null)}>
          {t(name === null ? "passkey.rename" : "wallet.cancel")}
        </button>
        <button
          type="button"
          className="plain"
          disabled={remove.isPending}
          onClick={() => (isSure ? remove.mutate({ params: path }) : setSure(true))}
        >
          {t(isSure ? "passkey.remove_sure" : "passkey.remove")}
        </button>
      </div>
    </section>
  );
}
