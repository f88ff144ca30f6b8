import { expect, test } from "vitest";
import { BESIDE_MONTH, OF_DAY, OF_MONTH, shownOf } from "./sums";

const month = {
  opening_minor: 1_000,
  gross_minor: 460_000,
  discount_minor: 2_760,
  subsidy_minor: 1_300,
  refunded_minor: 82_000,
  adjusted_minor: -500,
  income_minor: 70,
  shared_minor: -9_000,
  disputed_minor: -10_000,
  reserved_minor: -46_000,
  net_minor: 308_510,
  paid_minor: 290_000,
  returned_minor: 4_000,
  between_servers_minor: 30,
  closing_minor: 23_540,
  reserve_opening_minor: 0,
  reserve_closing_minor: 46_000,
  held_closing_minor: 10_000,
  to_share_closing_minor: 0,
  sales: 5,
  refunds: 5,
};
const day = {
  gross_minor: 100_000,
  discount_minor: 600,
  subsidy_minor: 0,
  refunded_minor: 10_000,
  adjusted_minor: -10_000,
  reserved_minor: 9_000,
  released_minor: 500,
  carried_minor: 70,
  withdrawn_minor: 7,
  net_minor: 70_963,
};

const total = (lines: { minor: number; isSum: boolean }[]) =>
  lines.reduce((sum, { minor, isSum }) => (isSum ? sum : sum + minor), 0);

test("what stands above a month's sums adds up to them", () => {
  const lines = shownOf(OF_MONTH, month);
  const net = lines.findIndex(({ name }) => name === "statement.line.net");
  expect(total(lines.slice(1, net))).toBe(month.net_minor);
  expect(total(lines)).toBe(month.closing_minor);
  expect(lines.at(-1)?.minor).toBe(month.closing_minor);
});

test("what stands above a day's net adds up to it", () => {
  expect(total(shownOf(OF_DAY, day))).toBe(day.net_minor);
});

test("a line that is nothing is left out, unless people look for it; nothing has no sign", () => {
  const quiet = { ...month, disputed_minor: 0, refunded_minor: 0 };
  const lines = shownOf(OF_MONTH, quiet);
  expect(lines.some(({ name }) => name === "statement.line.disputed")).toBe(false);
  expect(lines.find(({ name }) => name === "statement.line.refunded")?.minor).toBe(0);
  expect(Object.is(lines.find(({ name }) => name === "statement.line.refunded")?.minor, -0)).toBe(false);
  expect(shownOf(BESIDE_MONTH, month).map(({ minor }) => minor)).toEqual([46_000, 10_000]);
});
