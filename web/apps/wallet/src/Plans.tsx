// Plans side by side: the yearly price first, each instalment, what it costs in all. Nothing is chosen beforehand.
import type { Schemas } from "@tiao/api";
import { useSpeech } from "@tiao/ui";
import type { ReactNode } from "react";
import { Facts, Money, Rate } from "./parts";

type Offer = Schemas["Offer"];

export function Plan({
  offer,
  currency,
  lender,
  choose,
  children,
}: {
  offer: Offer;
  currency: string;
  lender?: string;
  choose?: { isOn: boolean; onChoose: () => void };
  children?: ReactNode;
}) {
  const { t, code } = useSpeech();
  const cost = offer.fee_minor + offer.interest_minor;
  const head = (
    <span>
      <small>{t("sheet.rate")}</small>
      <strong className="rate">
        <Rate share={offer.annual_rate} />
      </strong>{" "}
      {code("plan", offer.plan)}
    </span>
  );
  return (
    <section className="card">
      {choose ? (
        <label className="choice">
          <input type="radio" name="plan" checked={choose.isOn} onChange={choose.onChoose} />
          {head}
        </label>
      ) : (
        <h2>{head}</h2>
      )}
      <Facts
        of={[
          [t("plan.each"), <Money key="e" minor={offer.instalments[0]?.total_minor ?? 0} currency={currency} />],
          [t("loan.fee"), <Money key="f" minor={cost} currency={currency} />],
          [t("customer.total"), <Money key="t" minor={offer.total_minor} currency={currency} />],
          [t("sheet.simple"), cost > 0 && <Rate key="s" share={offer.annual_rate_simple} />],
          [t("sheet.lender"), lender],
        ]}
      />
      {offer.terms > 1 && (
        <details>
          <summary>{t("plan.schedule")}</summary>
          <Schedule offer={offer} currency={currency} />
        </details>
      )}
      {children}
    </section>
  );
}

export function Schedule({ offer, currency }: { offer: Offer; currency: string }) {
  const { t, day } = useSpeech();
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label={t("plan.schedule")}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t("bill.due")}</th>
            <th scope="col" className="right">
              {t("bill.principal")}
            </th>
            <th scope="col" className="right">
              {t("loan.fee")}
            </th>
            <th scope="col" className="right">
              {t("customer.total")}
            </th>
          </tr>
        </thead>
        <tbody>
          {offer.instalments.map((part) => (
            <tr key={part.number}>
              <td>{day(part.due_on)}</td>
              <td className="right">
                <Money minor={part.principal_minor} currency={currency} />
              </td>
              <td className="right">
                <Money minor={part.fee_minor + part.interest_minor} currency={currency} />
              </td>
              <td className="right">
                <Money minor={part.total_minor} currency={currency} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
