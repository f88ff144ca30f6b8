import { expect, test } from "vitest";
import { refusedLast } from "./refused";

const never = { error: null, submittedAt: 0 };
const refused = (at: number) => ({ error: `no ${at}`, submittedAt: at });
const done = (at: number) => ({ error: null, submittedAt: at });

test.each([
  ["nothing was asked", [never, never], null],
  ["one was refused", [never, refused(5)], "no 5"],
  ["another was done since", [refused(5), done(6)], null],
  ["it was refused since", [done(5), refused(6)], "no 6"],
  ["both were refused", [refused(7), refused(6)], "no 7"],
])("%s", (_, asked, said) => {
  expect(refusedLast(...asked)).toBe(said);
});
