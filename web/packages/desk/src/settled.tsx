// A settlement in one row that adds up as it is read: what has no column of its own stands under the others.
import type { Schemas } from "@tiao/api";
import { useSpeech } from "@tiao/ui";
import { Money } from "./Shown";

type Settled = Schemas["SettlementShown"];

export const SUMS = [
  ["settlement.gross", (of) => of.gross_minor],
  ["settlement.discount", (of) => 0 - of.discount_minor],
  ["settlement.refunded", (of) => 0 - of.refunded_minor],
  ["settlement.other", others],
  ["settlement.carried", (of) => of.carried_minor],
  ["settlement.net", (of) => of.net_minor],
] as const satisfies (readonly [string, (of: Settled) => number])[];

/** Subsidy, what was adjusted, disputed or shared, the reserve both ways, and what was withdrawn. */
function others(of: Settled): number {
  return of.adjusted_minor + of.released_minor - of.subsidy_minor - of.reserved_minor - of.withdrawn_minor;
}

export function useSettledColumns() {
  const { t } = useSpeech();
  return SUMS.map(([name, minor]) => ({
    key: name,
    title: t(name),
    align: "right" as const,
    render: (_: unknown, row: Settled) => {
      const amount = <Money minor={minor(row)} currency={row.currency} />;
      return name === "settlement.net" ? <strong>{amount}</strong> : amount;
    },
  }));
}
