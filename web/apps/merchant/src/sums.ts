// What a day's and a month's money is made of: each line with its sign, so that what stands above a sum adds up to it.
import type { Schemas } from "@tiao/api";

/** *sum*: it is what the lines above it add up to. *always*: shown even when it is nothing. */
interface Line<Field extends string, Name extends string> {
  field: Field;
  name: Name;
  is: "plus" | "minus" | "sum";
  always?: boolean;
}

export const OF_MONTH = [
  { field: "opening_minor", name: "statement.line.opening", is: "plus", always: true },
  { field: "gross_minor", name: "statement.line.gross", is: "plus", always: true },
  { field: "discount_minor", name: "statement.line.discount", is: "minus", always: true },
  { field: "subsidy_minor", name: "statement.line.subsidy", is: "minus" },
  { field: "refunded_minor", name: "statement.line.refunded", is: "minus", always: true },
  { field: "adjusted_minor", name: "statement.line.adjusted", is: "plus" },
  { field: "income_minor", name: "statement.line.income", is: "plus" },
  { field: "shared_minor", name: "statement.line.shared", is: "plus" },
  { field: "disputed_minor", name: "statement.line.disputed", is: "plus" },
  { field: "reserved_minor", name: "statement.line.reserved", is: "plus" },
  { field: "net_minor", name: "statement.line.net", is: "sum", always: true },
  { field: "paid_minor", name: "statement.line.paid", is: "minus", always: true },
  { field: "returned_minor", name: "statement.line.returned", is: "plus" },
  { field: "between_servers_minor", name: "statement.line.between", is: "plus" },
  { field: "closing_minor", name: "statement.line.closing", is: "sum", always: true },
] as const satisfies Line<keyof Schemas["Statement"], string>[];

/** What is the shop's too and not in what is owed at the end. */
export const BESIDE_MONTH = [
  { field: "reserve_closing_minor", name: "statement.beside.reserve", is: "plus" },
  { field: "held_closing_minor", name: "statement.beside.held", is: "plus" },
  { field: "to_share_closing_minor", name: "statement.beside.to_share", is: "plus" },
] as const satisfies Line<keyof Schemas["Statement"], string>[];

export const OF_DAY = [
  { field: "gross_minor", name: "settlement.gross", is: "plus", always: true },
  { field: "discount_minor", name: "settlement.discount", is: "minus", always: true },
  { field: "subsidy_minor", name: "settlement.subsidy", is: "minus", always: true },
  { field: "refunded_minor", name: "settlement.refunded", is: "minus", always: true },
  { field: "adjusted_minor", name: "settlement.adjusted", is: "plus" },
  { field: "reserved_minor", name: "settlement.reserved", is: "minus" },
  { field: "released_minor", name: "settlement.released", is: "plus" },
  { field: "carried_minor", name: "settlement.carried", is: "plus", always: true },
  { field: "withdrawn_minor", name: "settlement.withdrawn", is: "minus" },
  { field: "net_minor", name: "settlement.net", is: "sum", always: true },
] as const satisfies Line<keyof Schemas["SettlementShown"], string>[];

/** The lines that are shown, each with the amount by which it moves the sum. */
export function shownOf<Field extends string, Name extends string>(
  lines: readonly Line<Field, Name>[],
  figures: Record<Field, number>,
): { name: Name; minor: number; isSum: boolean }[] {
  return lines
    .filter(({ field, always }) => (always ?? false) || figures[field] !== 0)
    .map(({ field, name, is }) => ({
      name,
      // Nothing is not less than nothing: -0 would be shown with its sign.
      minor: is === "minus" ? 0 - figures[field] : figures[field],
      isSum: is === "sum",
    }));
}
