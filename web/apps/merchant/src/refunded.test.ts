import { expect, test } from "vitest";
import { refundedAs } from "./refunded";

const spoken = {
  t: (_: string, values?: Record<string, string | number>) => `Dispute: ${values?.reason}`,
  code: (prefix: string, code: string) => (prefix === "contest.reason" && code === "returned" ? "sent back" : code),
};

test.each([
  ["R2026-08-18/100", "R2026-08-18/100"],
  ["dispute returned", "Dispute: sent back"],
  ["dispute of May", "dispute of May"],
])("%s is called %s", (reference, called) => {
  expect(refundedAs(spoken, reference)).toBe(called);
});
