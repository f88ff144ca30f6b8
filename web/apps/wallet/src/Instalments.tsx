import type { Schemas } from "@tiao/api";
import { useSpeech } from "@tiao/ui";
import { Link } from "wouter";
import { Money } from "./parts";

/** Instalments as a table: when, how much of what, and what is still open. */
export function Instalments({
  of,
  currency,
  leads,
}: {
  of: Schemas["InstalmentShown"][];
  currency: string;
  leads: boolean;
}) {
  const { t, day } = useSpeech();
  const isLate = of.some((row) => row.penalty_minor > 0);
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
            {isLate && (
              <th scope="col" className="right">
                {t("wallet.penalty")}
              </th>
            )}
            <th scope="col" className="right">
              {t("bill.open")}
            </th>
          </tr>
        </thead>
        <tbody>
          {of.map((row) => (
            <tr key={row.loan + row.number}>
              <td>{leads ? <Link href={`/loans/${row.loan}`}>{day(row.due_on)}</Link> : day(row.due_on)}</td>
              <td className="right">
                <Money minor={row.principal_minor} currency={currency} />
              </td>
              <td className="right">
                <Money minor={row.fee_minor + row.interest_minor} currency={currency} />
              </td>
              {isLate && (
                <td className="right">
                  {row.penalty_minor > 0 && <Money minor={row.penalty_minor} currency={currency} />}
                </td>
              )}
              <td className="right">
                {row.open_minor > 0 ? <Money minor={row.open_minor} currency={currency} /> : "✓"}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
