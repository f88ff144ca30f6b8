import { expect, test } from "vitest";
import { percent } from "./percent";

test.each([
  [0.1234, false, "12.3%"],
  [0.1234, true, "+12.3%"],
  [-0.05, true, "-5%"],
  [0, true, "0%"],
])("a share of %d, signed %s, is read as %s", (share, signed, text) => {
  expect(percent(share, "en", signed)).toBe(text);
});
