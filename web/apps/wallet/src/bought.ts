// What became of a purchase, in one of a customer's words: `bought.paid`, not the till's "authorised".
import type { Schemas } from "@tiao/api";

type Purchase = Pick<
  Schemas["PurchaseShown"],
  "outcome" | "captured_minor" | "held_minor" | "refunded_minor" | "closed_as"
>;

export function boughtAs(purchase: Purchase): string {
  if (purchase.outcome !== "authorised") return purchase.outcome;
  if (purchase.captured_minor === 0) return purchase.held_minor > 0 ? "held" : "released";
  return purchase.refunded_minor < purchase.captured_minor ? "paid" : "given_back";
}

/** Ids are long and say nothing to people: their last signs tell two of a kind apart. */
export function shortened(text: string): string {
  return text.replace(/\b[a-z]{3}_[0-9a-f]{26}([0-9a-f]{6})\b/g, "…$1");
}
