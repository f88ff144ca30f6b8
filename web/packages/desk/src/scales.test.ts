import { expect, test } from "vitest";
import { linePath, scaleOf, ticksOf } from "./scales";

test.each([
  [0, 100, [0, 20, 40, 60, 80, 100]],
  [0, 0.31, [0, 0.1, 0.2, 0.3, 0.4]],
  [-0.02, 0.05, [-0.02, 0, 0.02, 0.04, 0.06]],
])("ticks from %s to %s are round and hold both ends", (low, high, expected) => {
  expect(ticksOf(low, high)).toEqual(expected);
});

test("nothing but zeros still has an axis", () => {
  const ticks = ticksOf(0, 0);
  expect(ticks.length).toBeGreaterThan(1);
  expect(ticks).toContain(0);
});

test("a scale turns the ends into the ends", () => {
  const y = scaleOf(0, 10, 200, 0);
  expect([y(0), y(5), y(10)]).toEqual([200, 100, 0]);
  expect(linePath([0, 10], scaleOf(0, 1, 0, 50), y)).toBe("M0.0 200.0 L50.0 0.0");
});
