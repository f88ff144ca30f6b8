// Cards of one's own: four elements and a code to bind, in the order of use; autopay agreed to or not, each by itself.
import { useQueryClient } from "@tanstack/react-query";
import { api, type Schemas } from "@tiao/api";
import { refusedLast, useSpeech } from "@tiao/ui";
import { type FormEvent, useState } from "react";
import { useKeyed } from "../keyed";
import { Awaited, Page, Refusal } from "../parts";

export default function Cards() {
  const { t } = useSpeech();
  const found = api.useQuery("get", "/v1/cards", {});
  const cards = found.data?.data ?? [];
  const bound = cards.filter((card) => card.state === "bound");
  return (
    <Page title={t("wallet.cards")} back="/me">
      <Awaited of={found} />
      {found.isSuccess && bound.length === 0 && <p className="none">{t("card.none")}</p>}
      {bound.map((card, place) => (
        <Card key={card.id} card={card} isFirst={place === 0} />
      ))}
      <Bind pending={cards.find((card) => card.state === "pending")} />
      <Others bound={bound} />
    </Page>
  );
}

function Card({ card, isFirst }: { card: Schemas["CardShown"]; isFirst: boolean }) {
  const { t, money } = useSpeech();
  const queries = useQueryClient();
  const renew = { onSuccess: () => queries.invalidateQueries() };
  const autopay = api.useMutation("put", "/v1/autopay", renew);
  const first = api.useMutation("put", "/v1/cards/{card_id}/default", renew);
  const unbind = api.useMutation("delete", "/v1/cards/{card_id}", renew);
  const [isSure, setSure] = useState(false);
  const path = { path: { card_id: card.id } };
  return (
    <section className="card" aria-label={card.display}>
      <p className="big">{card.display}</p>
      {isFirst && <p className="soft">{t("card.first")}</p>}
      {card.daily_limit_minor !== null && (
        <p className="soft">{t("card.daily", { amount: money(card.daily_limit_minor) })}</p>
      )}
      {card.funding_source !== null && (
        <label className="choice">
          <input
            type="checkbox"
            checked={card.autopay_agreed_at !== null}
            disabled={autopay.isPending}
            onChange={(event) =>
              autopay.mutate({
                body: { funding_source: card.funding_source ?? "", is_autopay_agreed: event.currentTarget.checked },
              })
            }
          />
          <span>{t("wallet.autopay")}</span>
        </label>
      )}
      <Refusal error={refusedLast(autopay, first, unbind)} />
      <div className="two">
        {!isFirst && (
          <button
            type="button"
            className="plain"
            disabled={first.isPending}
            onClick={() => first.mutate({ params: path })}
          >
            {t("card.put_first")}
          </button>
        )}
        <button
          type="button"
          className="plain"
          disabled={unbind.isPending}
          onClick={() => (isSure ? unbind.mutate({ params: path }) : setSure(true))}
        >
          {t(isSure ? "card.unbind_sure" : "wallet.unbind")}
        </button>
      </div>
    </section>
  );
}

function Bind({ pending }: { pending: Schemas["CardShown"] | undefined }) {
  const { t } = useSpeech();
  const queries = useQueryClient();
  const [number, setNumber] = useState("");
  const [phone, setPhone] = useState("");
  const [code, setCode] = useState("");
  const [isAgreed, setAgreed] = useState(false);
  const keyed = useKeyed();
  const begin = api.useMutation("post", "/v1/cards", {
    onSuccess: () => {
      setNumber("");
      keyed.done();
      return queries.invalidateQueries();
    },
  });
  const confirm = api.useMutation("post", "/v1/cards/{card_id}/confirmation", {
    onSuccess: () => {
      setCode("");
      return queries.invalidateQueries();
    },
  });
  const ask = (event: FormEvent) => {
    event.preventDefault();
    const body = { card_number: number.trim(), phone: phone.trim() || null };
    begin.mutate({ params: { header: keyed.of(body) }, body });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (pending)
      confirm.mutate({
        params: { path: { card_id: pending.id } },
        body: { code: code.trim(), is_autopay_agreed: isAgreed },
      });
  };
  return (
    <>
      {pending && (
        <form className="card" onSubmit={submit}>
          <h2>{t("card.confirm", { card: pending.display })}</h2>
          <label>
            {t("wallet.code")}
            <input
              inputMode="numeric"
              autoComplete="one-time-code"
              pattern="[0-9]{6}"
              required
              value={code}
              onChange={(event) => setCode(event.currentTarget.value)}
            />
          </label>
          <label className="choice">
            <input type="checkbox" checked={isAgreed} onChange={(event) => setAgreed(event.currentTarget.checked)} />
            <span>{t("wallet.autopay")}</span>
          </label>
          <Refusal error={confirm.error} />
          <button className="main" disabled={confirm.isPending || !code.trim()}>
            {t("wallet.bind")}
          </button>
        </form>
      )}
      <form className="card" onSubmit={ask}>
        <h2>{t("card.bind")}</h2>
        <p className="soft">{t("card.own")}</p>
        <label>
          {t("wallet.account_no")}
          <input
            inputMode="numeric"
            autoComplete="cc-number"
            required
            value={number}
            onChange={(event) => setNumber(event.currentTarget.value)}
          />
        </label>
        <label>
          {t("card.phone")}
          <input
            type="tel"
            inputMode="numeric"
            autoComplete="tel-national"
            value={phone}
            onChange={(event) => setPhone(event.currentTarget.value)}
          />
        </label>
        <Refusal error={begin.error} />
        <button className="main" disabled={begin.isPending || !number.trim()}>
          {t("wallet.send_code")}
        </button>
      </form>
    </>
  );
}

/** Accounts from before cards were bound by four elements: still used, and unbound here. */
function Others({ bound }: { bound: Schemas["CardShown"][] }) {
  const { t } = useSpeech();
  const queries = useQueryClient();
  const found = api.useQuery("get", "/v1/funding_sources", {});
  const unbind = api.useMutation("delete", "/v1/funding_sources/{source_id}", {
    onSuccess: () => queries.invalidateQueries(),
  });
  const known = new Set(bound.map((card) => card.funding_source));
  const others = found.data?.data.filter((source) => source.status === "active" && !known.has(source.id)) ?? [];
  if (others.length === 0) return null;
  return (
    <section className="card">
      <h2>{t("card.others")}</h2>
      <Refusal error={unbind.error} />
      {others.map((source) => (
        <div key={source.id} className="pair">
          <span>{source.display}</span>
          <button
            type="button"
            className="plain"
            disabled={unbind.isPending}
            onClick={() => unbind.mutate({ params: { path: { source_id: source.id } } })}
          >
            {t("wallet.unbind")}
          </button>
        </div>
      ))}
    </section>
  );
}
