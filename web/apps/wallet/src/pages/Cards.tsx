import { useQueryClient } from "@tanstack/react-query";
import { api, once } from "@tiao/api";
import { useSpeech } from "@tiao/ui";
import { type FormEvent, useState } from "react";
import { Page, Refusal } from "../parts";

/** Accounts to pay from: bound, unbound, and autopay agreed or not, each by itself. */
export default function Cards() {
  const { t } = useSpeech();
  const queries = useQueryClient();
  const renew = { onSuccess: () => queries.invalidateQueries() };
  const found = api.useQuery("get", "/v1/funding_sources", {});
  const autopay = api.useMutation("put", "/v1/autopay", renew);
  const unbind = api.useMutation("delete", "/v1/funding_sources/{source_id}", renew);
  const active = found.data?.data.filter((source) => source.status === "active") ?? [];
  return (
    <Page title={t("wallet.cards")} back="/me">
      <Refusal error={found.error ?? autopay.error ?? unbind.error} />
      {active.map((source) => (
        <section key={source.id} className="card">
          <p className="big">{source.display}</p>
          <label className="choice">
            <input
              type="checkbox"
              checked={source.autopay_agreed_at !== null}
              disabled={autopay.isPending}
              onChange={(event) =>
                autopay.mutate({ body: { funding_source: source.id, is_autopay_agreed: event.currentTarget.checked } })
              }
            />
            <span>{t("wallet.autopay")}</span>
          </label>
          <button
            type="button"
            className="plain"
            disabled={unbind.isPending}
            onClick={() => unbind.mutate({ params: { path: { source_id: source.id } } })}
          >
            {t("wallet.unbind")}
          </button>
        </section>
      ))}
      <Bind />
    </Page>
  );
}

function Bind() {
  const { t } = useSpeech();
  const queries = useQueryClient();
  const [account, setAccount] = useState("");
  const [isAgreed, setAgreed] = useState(false);
  const [header, setHeader] = useState(once);
  const bind = api.useMutation("post", "/v1/funding_sources", {
    onSuccess: () => {
      setAccount("");
      setHeader(once());
      return queries.invalidateQueries();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    bind.mutate({ params: { header }, body: { account_no: account.replaceAll(" ", ""), is_autopay_agreed: isAgreed } });
  };
  return (
    <form className="card" onSubmit={submit}>
      <label>
        {t("wallet.account_no")}
        <input
          inputMode="numeric"
          autoComplete="off"
          required
          value={account}
          onChange={(event) => setAccount(event.currentTarget.value)}
        />
      </label>
      <label className="choice">
        <input type="checkbox" checked={isAgreed} onChange={(event) => setAgreed(event.currentTarget.checked)} />
        <span>{t("wallet.autopay")}</span>
      </label>
      <Refusal error={bind.error} />
      <button className="main" disabled={bind.isPending || !account.trim()}>
        {t("wallet.bind")}
      </button>
    </form>
  );
}
