import { expect, test } from "vitest";
import { blockOf, extentOf, movedBy, offsetAt, sightOf, startsOf, strideOf, topAt } from "./blocks";

const ROW = 28;
const HEIGHT = 560;

test("every row lies in the block that begins at or before it", () => {
  const starts = startsOf([500, 500, 3, 500]);
  expect(starts).toEqual([0, 500, 1000, 1003, 1503]);
  const found = [0, 499, 500, 1000, 1002, 1003, 1502].map((row) => blockOf(starts, row));
  expect(found).toEqual([0, 0, 1, 2, 2, 3, 3]);
});

test.each([10, 1_000, 571_428, 571_429, 1_000_000, 40_000_000])(
  "%i rows: the bar's ends are the list's ends",
  (rows) => {
    const extent = extentOf(rows, ROW, HEIGHT);
    expect(offsetAt(extent, 0)).toBe(0);
    const last = Math.max(0, extent.whole - HEIGHT);
    if (last === 0) return;
    const { first, count } = sightOf(offsetAt(extent, topAt(extent, last)), HEIGHT, rows, ROW);
    expect(first + count).toBe(rows);
  },
);

test("a wheel and keys move a long list by as much as a short one", () => {
  const extent = extentOf(1_000_000, ROW, HEIGHT);
  let offset = 12_345_678;
  const { first } = sightOf(offset, HEIGHT, 1_000_000, ROW);
  offset = movedBy(extent, offset, strideOf("PageDown", extent, ROW) ?? 0);
  expect(sightOf(offset, HEIGHT, 1_000_000, ROW).first).toBe(first + 19);
  offset = movedBy(extent, offset, strideOf("ArrowUp", extent, ROW) ?? 0);
  expect(sightOf(offset, HEIGHT, 1_000_000, ROW).first).toBe(first + 18);
  expect(movedBy(extent, offset, strideOf("End", extent, ROW) ?? 0)).toBe(extent.whole - HEIGHT);
  expect(movedBy(extent, offset, strideOf("Home", extent, ROW) ?? 0)).toBe(0);
  expect(strideOf("j", extent, ROW)).toBeNull();
});

test("every row of a long list can come into sight", () => {
  const rows = 1_000_000;
  const extent = extentOf(rows, ROW, HEIGHT);
  let seen = 0;
  for (let offset = 0, before = -1; offset !== before;) {
    const { first, count } = sightOf(offset, HEIGHT, rows, ROW);
    expect(first).toBeLessThanOrEqual(seen);
    seen = first + count;
    before = offset;
    offset = movedBy(extent, offset, HEIGHT - ROW);
  }
  expect(seen).toBe(rows);
});
