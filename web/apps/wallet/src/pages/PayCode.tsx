// The code a till reads: bars over a square, digits in fours. Codes of some minutes are at hand, so it works without a network.
import { api, client, once, type Schemas } from "@tiao/api";
import { useSpeech } from "@tiao/ui";
import { useCallback, useEffect, useRef, useState } from "react";
import { encode } from "uqr";
import { Link } from "wouter";
import { barsOf } from "../bars";
import { CostSheet } from "../CostSheet";
import { Done, Merchant, Money, Page, Refusal } from "../parts";

/** Names this browser among the customer's devices; it opens nothing by itself. */
const DEVICE = "tiao.pay-device";
const REFRESH_MS = 60_000;
const LOOK_MS = 3_000;

export default function PayCode() {
  const { t } = useSpeech();
  const [device, setDevice] = useState(() => localStorage.getItem(DEVICE));
  const keep = (id: string | null) => {
    if (id === null) localStorage.removeItem(DEVICE);
    else localStorage.setItem(DEVICE, id);
    setDevice(id);
  };
  return (
    <Page title={t("code.title")} back="/">
      {device === null ? <Agree onAgreed={keep} /> : <Shown device={device} onGone={() => keep(null)} />}
    </Page>
  );
}

function Agree({ onAgreed }: { onAgreed: (device: string) => void }) {
  const { t } = useSpeech();
  const sheet = api.useQuery("get", "/v1/pay_devices/agreement", {}, { retry: false });
  const [header] = useState(once);
  const add = api.useMutation("post", "/v1/pay_devices", { onSuccess: (made) => onAgreed(made.id) });
  return (
    <>
      <p>{t("code.agree")}</p>
      <Refusal error={sheet.error} />
      {sheet.data && (
        <CostSheet
          sheet={sheet.data}
          confirm={t("code.confirm")}
          isBusy={add.isPending}
          error={add.error}
          onConfirm={(read) =>
            add.mutate({ params: { header }, body: { label: t("passkey.this_device"), cost_sheet: read } })
          }
        />
      )}
    </>
  );
}

function Shown({ device, onGone }: { device: string; onGone: () => void }) {
  const { t } = useSpeech();
  const [codes, setCodes] = useState<Schemas["PayCodeShown"][]>([]);
  const [error, setError] = useState<unknown>(null);
  const [now, setNow] = useState(Date.now);
  const [isHidden, setHidden] = useState(false);
  const ahead = useRef(0);
  const refresh = useCallback(async () => {
    try {
      const { data } = await client.POST("/v1/pay_devices/{device_id}/codes", {
        params: { path: { device_id: device } },
      });
      const first = data?.data[0];
      if (!data || !first) return;
      // A phone whose clock is wrong still shows the right code: times are counted from the first.
      const from = Date.parse(first.from_at);
      const isWithin = from <= Date.now() && Date.now() < Date.parse(first.until);
      ahead.current = isWithin ? 0 : Date.now() - from;
      setCodes(data.data);
      setError(null);
    } catch (reason) {
      setError(reason);
    }
  }, [device]);
  useEffect(() => {
    void refresh();
    const renew = setInterval(() => void refresh(), REFRESH_MS);
    const tick = setInterval(() => setNow(Date.now()), 1_000);
    return () => {
      clearInterval(renew);
      clearInterval(tick);
    };
  }, [refresh]);
  useEffect(() => {
    const hide = () => setHidden(true);
    const change = () => document.visibilityState === "hidden" && hide();
    window.addEventListener("blur", hide);
    document.addEventListener("visibilitychange", change);
    return () => {
      window.removeEventListener("blur", hide);
      document.removeEventListener("visibilitychange", change);
    };
  }, []);
  const paid = useNewest();
  const at = now - ahead.current;
  const code = codes.find((each) => Date.parse(each.from_at) <= at && at < Date.parse(each.until));
  if (paid)
    return paid.outcome === "step_up" ? (
      <section className="card" role="status">
        <p>{t("code.to_confirm")}</p>
        <Link href={`/confirm/${paid.id}`} className="main">
          {t("confirm.title")}
        </Link>
      </section>
    ) : (
      <Done title={t("code.paid")} to={`/purchases/${paid.id}`}>
        <p className="big">
          <Money minor={paid.amount_minor} currency={paid.currency} />
        </p>
        <p>
          <Merchant id={paid.merchant} />
        </p>
      </Done>
    );
  return (
    <>
      <section className="card code" aria-live="off">
        {isHidden ? (
          <button type="button" className="other" onClick={() => setHidden(false)}>
            {t("code.show")}
          </button>
        ) : code ? (
          <Drawn digits={code.code} />
        ) : (
          <p className="none">{codes.length ? t("code.over") : "…"}</p>
        )}
      </section>
      <p className="soft">{t("code.note")}</p>
      <Refusal error={code ? null : error} />
      <button type="button" className="other" onClick={() => void refresh()}>
        {t("code.refresh")}
      </button>
      <End device={device} onGone={onGone} />
    </>
  );
}

function Drawn({ digits }: { digits: string }) {
  const { t } = useSpeech();
  const { runs, width } = barsOf(digits);
  const square = encode(digits, { ecc: "M", border: 0 });
  const dark = square.data.flatMap((row, y) => row.flatMap((on, x) => (on ? [`M${x} ${y}h1v1h-1z`] : [])));
  return (
    <>
      <svg
        className="bars"
        viewBox={`-10 0 ${width + 20} 40`}
        preserveAspectRatio="none"
        role="img"
        aria-label={t("code.bars")}
      >
        <path d={runs.map(([x, wide]) => `M${x} 0h${wide}v40h-${wide}z`).join("")} />
      </svg>
      <svg
        className="square"
        viewBox={`-4 -4 ${square.size + 8} ${square.size + 8}`}
        shapeRendering="crispEdges"
        role="img"
        aria-label={t("code.square")}
      >
        <path d={dark.join("")} />
      </svg>
      <p className="digits" data-code={digits}>
        {digits.match(/.{1,4}/g)?.join(" ")}
      </p>
    </>
  );
}

/** Look whether something was bought since the code is shown. */
function useNewest() {
  const [begun] = useState(() => Date.now());
  const [known, setKnown] = useState<string | null | undefined>(undefined);
  const found = api.useQuery(
    "get",
    "/v1/purchases",
    { params: { query: { limit: 1 } } },
    { refetchInterval: LOOK_MS, queryHash: `newest since ${begun}`, gcTime: 0, retry: false },
  );
  const newest = found.data?.data[0];
  useEffect(() => {
    if (found.isSuccess) setKnown((before) => (before === undefined ? (newest?.id ?? null) : before));
  }, [found.isSuccess, newest?.id]);
  return newest && known !== undefined && newest.id !== known && newest.outcome !== "declined" ? newest : null;
}

function End({ device, onGone }: { device: string; onGone: () => void }) {
  const { t } = useSpeech();
  const end = api.useMutation("delete", "/v1/pay_devices/{device_id}", { onSettled: onGone });
  return (
    <button
      type="button"
      className="plain"
      disabled={end.isPending}
      onClick={() => end.mutate({ params: { path: { device_id: device } } })}
    >
      {t("code.end")}
    </button>
  );
}
