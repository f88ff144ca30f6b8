import { expect, test } from "vitest";
import { blockOf, sightOf, startsOf, TALLEST_PX } from "./blocks";

test("every row lies in exactly the block that holds it", () => {
  const starts = startsOf([3, 1, 4]);
  expect(starts).toEqual([0, 3, 4, 8]);
  expect([0, 2, 3, 4, 7].map((row) => blockOf(starts, row))).toEqual([0, 0, 1, 2, 2]);
});

test("a list that fits its bar is where the bar is", () => {
  expect(sightOf(0, 100, 50, 20)).toEqual({ first: 0, count: 6, at: 0 });
  expect(sightOf(30, 100, 50, 20)).toEqual({ first: 1, count: 6, at: 20 });
});

test("of a million rows the top of the bar shows the first and its end the last", () => {
  const rows = 1_000_000;
  expect(sightOf(0, 600, rows, 28).first).toBe(0);
  const end = sightOf(TALLEST_PX - 600, 600, rows, 28);
  expect(end.first + end.count).toBe(rows);
  expect(end.at).toBeGreaterThan(TALLEST_PX - 600 - 28);
});

test("rows never run backwards while the bar goes down", () => {
  let last = 0;
  for (let top = 0; top < TALLEST_PX - 600; top += 9_973) {
    const { first } = sightOf(top, 600, 1_000_000, 28);
    expect(first).toBeGreaterThanOrEqual(last);
    last = first;
  }
});
