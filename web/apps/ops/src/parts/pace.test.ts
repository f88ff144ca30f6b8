import { expect, test } from "vitest";
import { secondsLeft } from "./pace";

test.each([
  [[], null],
  [[{ at: 0, done: 0.2 }], null],
  [
    [
      { at: 0, done: 0.2 },
      { at: 4_000, done: 0.2 },
    ],
    null,
  ],
  [
    [
      { at: 0, done: 0.2 },
      { at: 10_000, done: 0.4 },
    ],
    30,
  ],
  [
    [
      { at: 0, done: 0.2 },
      { at: 10_000, done: 1 },
    ],
    null,
  ],
])("what was seen says how long it still takes", (seen, left) => {
  expect(secondsLeft(seen)).toBe(left);
});
