// One purchase: what became of it, what was given back and how far the money is, and what its owner may do about it.
import { useQueryClient } from "@tanstack/react-query";
import { api, once, type Schemas } from "@tiao/api";
import { useSpeech } from "@tiao/ui";
import { type FormEvent, useState } from "react";
import { Link, useParams } from "wouter";
import { useKeyed } from "../keyed";
import { boughtAs, shortened } from "../bought";
import { Awaited, Facts, Merchant, Money, Page, Refusal } from "../parts";

export default function Purchase() {
  const { t, code, instant } = useSpeech();
  const { id } = useParams<{ id: string }>();
  const path = { params: { path: { purchase_id: id } } };
  const found = api.useQuery("get", "/v1/purchases/{purchase_id}", path);
  const refunds = api.useQuery("get", "/v1/purchases/{purchase_id}/refunds", path);
  const purchase = found.data;
  return (
    <Page title={t("purchase.title")} back="/purchases">
      <Awaited of={found} />
      {purchase && (
        <>
          <section className="card">
            <p>
              <Merchant id={purchase.merchant} />
            </p>
            <p className="big">
              <Money minor={purchase.amount_minor} currency={purchase.currency} />
            </p>
            <Facts
              of={[
                [t("purchase.outcome"), code("bought", boughtAs(purchase))],
                [t("case.reason"), purchase.decline_reasons.map((each) => code("decline", each)).join(" ") || null],
                [t("purchase.plan"), code("plan", purchase.plan)],
                [t("purchase.at"), instant(purchase.authorised_at)],
                [t("purchase.reference"), purchase.reference],
              ]}
            />
            {purchase.outcome === "step_up" && (
              <Link href={`/confirm/${purchase.id}`} className="main">
                {t("confirm.title")}
              </Link>
            )}
            {purchase.outcome === "in_review" && (
              <p>{t("purchase.review_note", { at: instant(purchase.expires_at) })}</p>
            )}
          </section>
          {refunds.data?.data.map((refund) => (
            <Refund key={refund.id} refund={refund} />
          ))}
          {purchase.captured_minor > 0 && <Disputes purchase={purchase} />}
          {purchase.outcome !== "declined" && <NotMine purchase={purchase} />}
        </>
      )}
    </Page>
  );
}

const WENT = new Set(["succeeded"]);

/** Four steps: the order, the merchant's word, what came off the debt, and what goes back to the card. */
function Refund({ refund }: { refund: Schemas["RefundShown"] }) {
  const { t, day } = useSpeech();
  const found = api.useQuery("get", "/v1/refunds/{refund_id}", { params: { path: { refund_id: refund.id } } });
  const told = api.useQuery("get", "/v1/refunds/{refund_id}/explanation", {
    params: { path: { refund_id: refund.id } },
  });
  const { money } = useSpeech();
  const offset = refund.offset_principal_minor ?? 0;
  const returned = refund.returned_minor ?? 0;
  const fee = refund.fee_cancelled_minor ?? 0;
  const payouts = found.data?.payouts ?? [];
  // What no payout carries back has paid something else that was owed.
  const paidOther = returned - payouts.reduce((sum, each) => sum + each.amount_minor, 0);
  const isBack = payouts.every((each) => WENT.has(each.state));
  const said = [
    paidOther > 0 && `${money(paidOther, refund.currency)} · ${t("refund.paid_other")}`,
    returned > paidOther &&
      `${money(returned - paidOther, refund.currency)} · ${t(isBack ? "refund.arrived" : "refund.on_way")}`,
  ].filter(Boolean);
  const steps: [string, boolean, string][] = [
    [t("refund.asked"), true, money(refund.amount_minor, refund.currency)],
    [t("refund.merchant"), true, day(refund.effective_on)],
    [t("refund.offset"), true, money(offset, refund.currency) + (fee ? ` · ${t("refund.fee")} ${money(fee)}` : "")],
    [t("refund.back"), found.isSuccess && isBack, said.join(" + ") || t("refund.nothing_back")],
  ];
  return (
    <section className="card">
      <h2>{t("refund.title")}</h2>
      <ol className="steps">
        {steps.map(([name, isDone, said]) => (
          <li key={name} className={isDone ? "done" : undefined} aria-current={isDone ? undefined : "step"}>
            <span aria-hidden="true">{isDone ? "✓" : "…"}</span> {name}
            <small>{said}</small>
          </li>
        ))}
      </ol>
      {told.data && (
        <details>
          <summary>{t("refund.how")}</summary>
          <ul className="told">
            {told.data.lines.map((line, index) => (
              <li key={index}>
                <span>{shortened(line.text)}</span>
                <Money minor={line.amount_minor} currency={told.data.currency} />
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

const REASONS = ["not_received", "not_as_described", "returned", "duplicate", "service_ended"] as const;

function Disputes({ purchase }: { purchase: Schemas["PurchaseShown"] }) {
  const { t, code, instant } = useSpeech();
  const queries = useQueryClient();
  const found = api.useQuery("get", "/v1/disputes", { params: { query: { limit: 50 } } });
  const [text, setText] = useState<string | null>(null);
  const [reason, setReason] = useState<(typeof REASONS)[number] | "">("");
  const keyed = useKeyed();
  const open = api.useMutation("post", "/v1/purchases/{purchase_id}/disputes", {
    onSuccess: () => queries.invalidateQueries(),
  });
  const mine = found.data?.data.find((each) => each.purchase === purchase.id);
  if (mine)
    return (
      <section className="card">
        <h2>{t("claim.title")}</h2>
        <Facts
          of={[
            [t("case.reason"), code("claim.reason", mine.reason)],
            [t("purchase.outcome"), code("claim.state", mine.state)],
            [t("purchase.at"), instant(mine.opened_at)],
          ]}
        />
        <p className="soft">{t("claim.note")}</p>
      </section>
    );
  if (text === null)
    return (
      <button type="button" className="plain" onClick={() => setText("")}>
        {t("claim.open")}
      </button>
    );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!reason) return;
    const body = { reason, amount_minor: purchase.captured_minor - purchase.refunded_minor, text: text.trim() };
    open.mutate({ params: { path: { purchase_id: purchase.id }, header: keyed.of(body) }, body });
  };
  return (
    <form className="card" onSubmit={submit}>
      <h2>{t("claim.title")}</h2>
      <p className="soft">{t("claim.note")}</p>
      <label>
        {t("case.reason")}
        <select
          required
          value={reason}
          onChange={(event) => setReason(REASONS.find((each) => each === event.currentTarget.value) ?? "")}
        >
          <option value="">{t("wallet.please_choose")}</option>
          {REASONS.map((each) => (
            <option key={each} value={each}>
              {code("claim.reason", each)}
            </option>
          ))}
        </select>
      </label>
      <label>
        {t("claim.words")}
        <textarea required maxLength={2000} value={text} onChange={(event) => setText(event.currentTarget.value)} />
      </label>
      <Refusal error={open.error} />
      <button className="main" disabled={open.isPending || !text.trim() || !reason}>
        {t("queue.send")}
      </button>
    </form>
  );
}

function NotMine({ purchase }: { purchase: Schemas["PurchaseShown"] }) {
  const { t } = useSpeech();
  const queries = useQueryClient();
  const [isSure, setSure] = useState(false);
  const [header] = useState(once);
  const report = api.useMutation("post", "/v1/purchases/{purchase_id}/reports", {
    onSuccess: () => queries.invalidateQueries(),
  });
  if (report.data)
    return (
      <p className="card" role="status">
        {t("report.done")}
      </p>
    );
  return (
    <section className="card">
      <p>{t("report.note")}</p>
      <Refusal error={report.error} />
      <button
        type="button"
        className="other"
        disabled={report.isPending}
        onClick={() =>
          isSure
            ? report.mutate({ params: { path: { purchase_id: purchase.id }, header }, body: { is_mine: false } })
            : setSure(true)
        }
      >
        {t(isSure ? "report.sure" : "report.title")}
      </button>
    </section>
  );
}
