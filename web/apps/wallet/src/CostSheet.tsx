// The cost sheet (综合融资成本明示表): shown whole, read for as long as the rule says, confirmed by hand. The server measures the reading.
import type { Schemas } from "@tiao/api";
import { useSpeech } from "@tiao/ui";
import { type FormEvent, useEffect, useState } from "react";
import { Facts, Money, Rate, Refusal } from "./parts";

export function CostSheet({
  sheet,
  isBusy,
  error,
  confirm,
  onConfirm,
}: {
  sheet: Schemas["CostSheetShown"];
  isBusy: boolean;
  error: unknown;
  confirm: string;
  onConfirm: (read: Schemas["AckGiven"]) => void;
}) {
  const { t, day, code } = useSpeech();
  const [left, setLeft] = useState(sheet.read_seconds_min);
  const [isTicked, setTicked] = useState(false);
  const [shown] = useState(() => new Date().toISOString());
  useEffect(() => {
    const timer = setInterval(() => setLeft((now) => Math.max(0, now - 1)), 1000);
    return () => clearInterval(timer);
  }, []);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onConfirm({ digest: sheet.digest, shown_at: shown, confirmed_at: new Date().toISOString() });
  };
  return (
    <form className="card" onSubmit={submit}>
      <h2>{t("sheet.title")}</h2>
      <p>{t("sheet.rate")}</p>
      <p className="big">
        <Rate share={sheet.annual_rate_compound} />
      </p>
      <Facts
        of={[
          [t("sheet.simple"), <Rate key="s" share={sheet.annual_rate_simple} />],
          [t("bill.principal"), <Money key="p" minor={sheet.principal_minor} currency={sheet.currency} />],
          [t("sheet.terms"), t("sheet.terms_of", { count: sheet.terms })],
          [t("sheet.first_due"), day(sheet.first_due_on)],
          [t("sheet.last_due"), day(sheet.last_due_on)],
          [t("sheet.lender"), sheet.lender],
        ]}
      />
      {sheet.items.length === 0 && <p>{t("sheet.no_items")}</p>}
      {sheet.items.map((item) => (
        <Facts
          key={item.kind}
          of={[
            [t("sheet.item"), code("cost", item.kind)],
            [t("purchase.amount"), <Money key="a" minor={item.total_minor} currency={sheet.currency} />],
            [
              t("sheet.method"),
              code("cost.method", item.method.includes("a year") ? `${item.kind}_yearly` : item.kind),
            ],
            [t("sheet.item_rate"), <Rate key="r" share={item.rate} />],
            [t("sheet.payee"), item.payee],
          ]}
        />
      ))}
      <h2>{t("sheet.contingent")}</h2>
      {sheet.contingent.map((cost) => (
        <Facts
          key={cost.kind}
          of={[
            [t("sheet.item"), code("cost", cost.kind)],
            [t("sheet.method"), code("cost.method", cost.kind)],
            [t("sheet.item_rate"), <Rate key="r" share={cost.rate} places={3} />],
            [t("sheet.payee"), cost.payee],
          ]}
        />
      ))}
      <p>
        <strong>{t("sheet.nothing_else")}</strong>
      </p>
      <label className="choice">
        <input type="checkbox" checked={isTicked} onChange={(event) => setTicked(event.currentTarget.checked)} />
        <span>{t("sheet.agree")}</span>
      </label>
      <p role="status" className="soft">
        {left > 0 ? t("sheet.wait", { seconds: sheet.read_seconds_min }) : t("sheet.may")}
      </p>
      <Refusal error={error} />
      <button className="main" disabled={left > 0 || !isTicked || isBusy}>
        {confirm}
      </button>
    </form>
  );
}
