import { expect, test } from "vitest";
import type { Schemas } from "@tiao/api";
import { SUMS } from "./settled";

const settled: Schemas["SettlementShown"] = {
  id: "stl_1",
  merchant: "mer_1",
  business_date: "2026-08-31",
  pays_on: "2026-09-01",
  currency: "CNY",
  gross_minor: 100_000,
  discount_minor: 600,
  subsidy_minor: 30,
  refunded_minor: 10_000,
  adjusted_minor: -10_000,
  reserved_minor: 9_000,
  released_minor: 500,
  carried_minor: 70,
  withdrawn_minor: 7,
  net_minor: 70_933,
  paid_minor: 70_933,
};

test("a row's amounts add up to its net", () => {
  const amounts = SUMS.map(([, minor]) => minor(settled));
  expect(amounts.slice(0, -1).reduce((sum, each) => sum + each, 0)).toBe(amounts.at(-1));
});
