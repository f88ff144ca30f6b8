// One repayment: done, refused by the bank and why, or still unknown, which is said for as long as it is so.
import { api, type Schemas } from "@tiao/api";
import { useSpeech } from "@tiao/ui";
import { Link, useParams } from "wouter";
import { Awaited, Facts, Money, Page } from "../parts";
import { useBook } from "../saying";

const LOOK_MS = 3_000;

/** Whether the bank's last word is not there yet. */
export function isOpen(repayment: Pick<Schemas["RepaymentShown"], "state">): boolean {
  return repayment.state === "created" || repayment.state === "unknown";
}

export default function Repayment() {
  const { t, day, instant } = useSpeech();
  const { id } = useParams<{ id: string }>();
  const found = api.useQuery(
    "get",
    "/v1/repayments/{repayment_id}",
    { params: { path: { repayment_id: id } } },
    { refetchInterval: ({ state }) => (state.data && isOpen(state.data.repayment) ? LOOK_MS : false) },
  );
  const repayment = found.data?.repayment;
  return (
    <Page title={t("wallet.repay")} back="/repayments">
      <Awaited of={found} />
      {repayment && found.data && (
        <section className="card">
          <Outcome repayment={repayment} />
          <Facts
            of={[
              [t("purchase.amount"), <Money key="a" minor={repayment.amount_minor} currency={repayment.currency} />],
              [t("purchase.at"), instant(repayment.recorded_at)],
              [t("repay.effective"), repayment.effective_on && day(repayment.effective_on)],
              [
                t("repay.over"),
                repayment.overpaid_minor > 0 && (
                  <Money key="o" minor={repayment.overpaid_minor} currency={repayment.currency} />
                ),
              ],
            ]}
          />
          <Parts of={found.data.parts} currency={repayment.currency} />
          <div className="two">
            <Link href="/" className="main">
              {t("wallet.home")}
            </Link>
            <Link href={repayment.state === "failed" ? "/repay" : "/bills"} className="other">
              {t(repayment.state === "failed" ? "repay.other_way" : "wallet.bills")}
            </Link>
          </div>
        </section>
      )}
    </Page>
  );
}

function Outcome({ repayment }: { repayment: Schemas["RepaymentShown"] }) {
  const { t, code } = useSpeech();
  const book = useBook(repayment.state === "failed");
  const why = book && (book[`bank.${repayment.code ?? ""}`] ?? book["bank.other"]);
  const sign = repayment.state === "succeeded" ? "✓ " : repayment.state === "failed" ? "✕ " : "";
  return (
    <div role="status">
      <p className="big">
        {sign}
        {isOpen(repayment) ? t("wallet.processing") : code("repay.state", repayment.state)}
      </p>
      {isOpen(repayment) && <p>{t("wallet.processing_note")}</p>}
      {repayment.state === "failed" && <p>{why}</p>}
    </div>
  );
}

function Parts({ of, currency }: { of: Schemas["PartShown"][]; currency: string }) {
  const { t } = useSpeech();
  if (of.length === 0) return null;
  const sum = (pick: (part: Schemas["PartShown"]) => number) => of.reduce((total, part) => total + pick(part), 0);
  const shown = (minor: number) => minor > 0 && <Money minor={minor} currency={currency} />;
  return (
    <Facts
      of={[
        [t("bill.principal"), shown(sum((part) => part.principal_minor))],
        [t("loan.fee"), shown(sum((part) => part.fee_minor + part.interest_minor))],
        [t("wallet.penalty"), shown(sum((part) => part.penalty_minor))],
        [t("repay.saves"), shown(sum((part) => part.fee_cancelled_minor + part.interest_cancelled_minor))],
      ]}
    />
  );
}
