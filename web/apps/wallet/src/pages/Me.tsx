import { useQueryClient } from "@tanstack/react-query";
import { api } from "@tiao/api";
import { markSignedIn, type Scale, useSpeech } from "@tiao/ui";
import { useState } from "react";
import { Link, useLocation } from "wouter";
import { isElder, setElder } from "../elder";
import { Page } from "../parts";
import { useWho } from "../who";

const PLACES = [
  ["/me/line", "line.title"],
  ["/me/cards", "wallet.cards"],
  ["/me/security", "passkey.title"],
  ["/me/decisions", "wallet.why"],
  ["/me/messages", "customer.messages"],
  ["/me/consents", "wallet.consents"],
  ["/me/requests", "petition.title"],
] as const;

export default function Me() {
  const { t, language, theme, scale, change } = useSpeech();
  const { subject } = useWho();
  const queries = useQueryClient();
  const [, go] = useLocation();
  const [elder, setIt] = useState(isElder);
  const me = api.useQuery("get", "/v1/customers/{customer_id}", { params: { path: { customer_id: subject } } });
  const leave = api.useMutation("delete", "/v1/session", {
    onSettled: () => {
      markSignedIn(false);
      go("/");
      return queries.resetQueries();
    },
  });
  return (
    <Page title={t("wallet.me")}>
      <section className="card">
        <p className="big">{me.data?.name ?? "…"}</p>
        <p className="soft">{me.data?.phone}</p>
      </section>
      <ul className="rows">
        {PLACES.map(([path, name]) => (
          <li key={path}>
            <Link href={path}>
              <span>{t(name)}</span>
            </Link>
          </li>
        ))}
      </ul>
      <section className="card">
        <Choice
          name={t("wallet.language")}
          now={language}
          all={[
            ["zh-CN", "中文"],
            ["en", "English"],
          ]}
          onChoose={(next) => change({ language: next })}
        />
        <Choice
          name={t("wallet.look")}
          now={theme}
          all={[
            ["light", t("settings.light")],
            ["dark", t("settings.dark")],
          ]}
          onChoose={(next) => change({ theme: next })}
        />
        <label className="choice">
          <input
            type="checkbox"
            checked={elder}
            onChange={(event) => {
              setElder(event.currentTarget.checked);
              setIt(event.currentTarget.checked);
            }}
          />
          <span>
            {t("elder.title")}
            <small>{t("elder.note")}</small>
          </span>
        </label>
        <Choice<Scale>
          name={t("wallet.size")}
          now={scale}
          all={[
            [1, t("settings.scale_1")],
            [1.3, t("settings.scale_2")],
            [1.6, t("settings.scale_3")],
          ]}
          onChoose={(next) => change({ scale: next })}
        />
      </section>
      <button type="button" className="other" onClick={() => leave.mutate({})}>
        {t("sign_in.leave")}
      </button>
    </Page>
  );
}

function Choice<Value extends string | number>(props: {
  name: string;
  now: Value;
  all: [Value, string][];
  onChoose: (next: Value) => void;
}) {
  return (
    <fieldset className="segments">
      <legend>{props.name}</legend>
      {props.all.map(([value, text]) => (
        <button key={value} type="button" aria-pressed={props.now === value} onClick={() => props.onChoose(value)}>
          {text}
        </button>
      ))}
    </fieldset>
  );
}
