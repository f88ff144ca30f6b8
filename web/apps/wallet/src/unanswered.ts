// A repayment that was sent and not answered: kept in this tab, so that it is asked about under its own key and never sent as another.
import type { once } from "@tiao/api";

const KEPT = "tiao.unanswered";

export interface Unanswered {
  /** Whose it is: another who signs in on this browser is not asked about it. */
  who: string;
  way: "pay" | "all" | "loan";
  loan: string | null;
  header: ReturnType<typeof once>;
  body: { amount_minor: number; funding_source: string };
}

export function unanswered(who: string): Unanswered | null {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null") as Unanswered | null;
    return kept?.who === who ? kept : null;
  } catch {
    return null;
  }
}

export function keep(asked: Unanswered | null): void {
  if (asked) sessionStorage.setItem(KEPT, JSON.stringify(asked));
  else sessionStorage.removeItem(KEPT);
}
