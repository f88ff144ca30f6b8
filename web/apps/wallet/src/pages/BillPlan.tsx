// A bill, or part of it, put into instalments: the plans with all they cost, then the sheet, read and confirmed.
import { useQueryClient } from "@tanstack/react-query";
import { api } from "@tiao/api";
import { readMoney, useSpeech } from "@tiao/ui";
import { type FormEvent, useState } from "react";
import { useParams } from "wouter";
import { CostSheet } from "../CostSheet";
import { useKeyed } from "../keyed";
import { Awaited, Done, Page, Refusal } from "../parts";
import { Plan } from "../Plans";
import { useWho } from "../who";

export default function BillPlan() {
  const { t } = useSpeech();
  const { id } = useParams<{ id: string }>();
  const { currency } = useWho();
  const queries = useQueryClient();
  const [text, setText] = useState("");
  const [amount, setAmount] = useState<number | undefined>(undefined);
  const [plan, setPlan] = useState<string | null>(null);
  const [isReading, setReading] = useState(false);
  const keyed = useKeyed();
  const query = { amount_minor: amount };
  const offers = api.useQuery(
    "get",
    "/v1/bills/{bill_id}/offers",
    { params: { path: { bill_id: id }, query } },
    { retry: false },
  );
  const sheet = api.useQuery(
    "get",
    "/v1/bills/{bill_id}/cost_sheets/{plan}",
    { params: { path: { bill_id: id, plan: plan ?? "" }, query } },
    { enabled: isReading && plan !== null },
  );
  const agree = api.useMutation("post", "/v1/bills/{bill_id}/instalments", {
    onSuccess: () => queries.invalidateQueries({ queryKey: ["get", "/v1/bills"] }),
  });
  const narrow = (event: FormEvent) => {
    event.preventDefault();
    setAmount(readMoney(text, currency) ?? undefined);
    setPlan(null);
  };
  if (agree.data)
    return (
      <Page title={t("bill_plan.title")} back={`/bills/${id}`}>
        <Done title={t("bill_plan.done")} to={`/loans/${agree.data.loan.id}`} />
      </Page>
    );
  return (
    <Page title={t("bill_plan.title")} back={`/bills/${id}`}>
      <Awaited of={offers} />
      <Refusal error={sheet.error} />
      {!isReading && offers.data && (
        <>
          <form className="card" onSubmit={narrow}>
            <label>
              {t("bill_plan.part")}
              <input
                inputMode="decimal"
                placeholder={(offers.data.amount_minor / 100).toFixed(2)}
                value={text}
                onChange={(event) => setText(event.currentTarget.value)}
              />
            </label>
            <button className="other">{t("calculator.go")}</button>
          </form>
          {offers.data.offers.length === 0 && <p className="none">{t("calculator.none")}</p>}
          <fieldset hidden={offers.data.offers.length === 0}>
            <legend>{t("plan.choose")}</legend>
            {offers.data.offers.map((offer) => (
              <Plan
                key={offer.plan}
                offer={offer}
                currency={offers.data.currency}
                choose={{ isOn: plan === offer.plan, onChoose: () => setPlan(offer.plan) }}
              />
            ))}
          </fieldset>
          <button
            type="button"
            className="main"
            hidden={offers.data.offers.length === 0}
            disabled={plan === null}
            onClick={() => setReading(true)}
          >
            {t("plan.read")}
          </button>
        </>
      )}
      {isReading && sheet.data && plan && (
        <CostSheet
          sheet={sheet.data}
          confirm={t("bill_plan.confirm")}
          isBusy={agree.isPending}
          error={agree.error}
          onConfirm={(read) =>
            agree.mutate({
              params: { path: { bill_id: id }, header: keyed.of([id, plan, sheet.data.principal_minor]) },
              body: { plan, amount_minor: sheet.data.principal_minor, cost_sheet: read },
            })
          }
        />
      )}
    </Page>
  );
}
