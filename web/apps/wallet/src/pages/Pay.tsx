// An order that was scanned: what it is and how much, then confirmed by passkey or code; plan and cost sheet follow at the cashier.
import { api, Refused } from "@tiao/api";
import { useSpeech } from "@tiao/ui";
import { useEffect, useState } from "react";
import { Redirect, useParams } from "wouter";
import { useAttempt } from "../attempt";
import { send } from "../own";
import { Facts, Money, Page, Refusal } from "../parts";
import { canUsePasskeys, sign } from "../passkeys";

interface Order {
  merchant: string;
  subject: string;
  amount_minor: number;
  currency: string;
  expires_at: string;
  challenge_id: string;
  challenge: string;
  rp_id: string;
  known: string[];
}

export default function Pay() {
  const { t, instant } = useSpeech();
  const { token } = useParams<{ token: string }>();
  const [order, setOrder] = useState<Order | null>(null);
  const { isBusy, error, attempt } = useAttempt();
  const sheet = `/wallet/orders/${encodeURIComponent(token)}/sheet`;
  useEffect(() => {
    void attempt(async () => setOrder(await send<Order>(sheet)));
    // Once for each order: what a device is to sign is good once.
  }, [sheet]);
  // Who has no line yet applies first, and comes back.
  const line = api.useQuery("get", "/v1/line", {}, { retry: false });
  if (line.error instanceof Refused && line.error.status === 404) {
    sessionStorage.setItem("tiao.return", location.pathname);
    return <Redirect to="/apply" />;
  }
  const cashier = `/cashier/${encodeURIComponent(token)}`;
  const withPasskey = () =>
    attempt(async () => {
      const fresh = await send<Order>(sheet);
      setOrder(fresh);
      const { signature } = await sign(fresh);
      const entered = `/wallet/orders/${encodeURIComponent(token)}/passkey`;
      await send(entered, { ...signature, challenge: fresh.challenge_id });
      location.assign(cashier);
    });
  return (
    <Page title={t("pay.title")} back="/">
      <Refusal error={error} />
      {order && (
        <section className="card">
          <p>{order.merchant}</p>
          <p className="big">
            <Money minor={order.amount_minor} currency={order.currency} />
          </p>
          <Facts
            of={[
              [t("pay.subject"), order.subject],
              [t("pay.until"), instant(order.expires_at)],
            ]}
          />
          <p className="soft">{t("pay.next")}</p>
          {canUsePasskeys() && order.known.length > 0 && (
            <button type="button" className="main" disabled={isBusy} onClick={() => void withPasskey()}>
              {t("confirm.with_passkey")}
            </button>
          )}
          <a className={order.known.length > 0 ? "other" : "main"} href={cashier}>
            {t("confirm.with_code")}
          </a>
        </section>
      )}
    </Page>
  );
}
