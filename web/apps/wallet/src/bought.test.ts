import { expect, test } from "vitest";
import { boughtAs, shortened } from "./bought";

const bought = { outcome: "authorised", captured_minor: 0, held_minor: 0, refunded_minor: 0, closed_as: null } as const;

test.each([
  [{ held_minor: 5 }, "held"],
  [{ closed_as: "voided" }, "released"],
  [{ captured_minor: 5 }, "paid"],
  [{ captured_minor: 5, refunded_minor: 4 }, "paid"],
  [{ captured_minor: 5, refunded_minor: 5 }, "given_back"],
  [{ outcome: "step_up" as const, held_minor: 5 }, "step_up"],
  [{ outcome: "declined" as const }, "declined"],
])("%o is %s", (more, said) => {
  expect(boughtAs({ ...bought, ...more })).toBe(said);
});

test("an id is shown by its last signs", () => {
  expect(shortened("Lent, loan loa_37ebbacf793d8e358b8bdc10c4e65a7f: 5")).toBe("Lent, loan …e65a7f: 5");
  expect(shortened("no id here: loa_1")).toBe("no id here: loa_1");
});
