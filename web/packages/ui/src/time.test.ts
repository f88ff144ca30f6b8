import { expect, test } from "vitest";
import { showDay, showDistance, showInstant } from "./time";

test("an instant is shown in the programme's zone, wherever the browser stands", () => {
  expect(showInstant("2026-08-31T16:30:00Z", "en", "Asia/Shanghai")).toContain("09/01/2026");
  expect(showInstant("2026-08-31T16:30:00Z", "en", "Europe/Berlin")).toContain("08/31/2026");
});

test("a business day is the same day everywhere", () => {
  expect(showDay("2026-01-01", "zh-CN")).toBe("2026/01/01");
});

test.each([
  ["2026-09-01T05:00:00Z", "in 3 hours"],
  ["2026-08-30T02:00:00Z", "2 days ago"],
  ["2026-09-01T02:20:00Z", "in 20 minutes"],
])("%s is %s", (at, text) => {
  expect(showDistance(at, Date.parse("2026-09-01T02:00:00Z"), "en")).toBe(text);
});
