import { expect, test } from "vitest";
import { read, withFilter } from "./filters";

test("a filter that is set stands in the address, and one that is emptied leaves it, others untouched", () => {
  const first = withFilter(new URLSearchParams("on=2026-09-01"), "state", "open");
  expect(first.toString()).toBe("on=2026-09-01&state=open");
  expect(withFilter(first, "state", "").toString()).toBe("on=2026-09-01");
  expect(withFilter(first, "on", null).toString()).toBe("state=open");
});

test("only what a page knows is read, and empty values are none", () => {
  expect(read(new URLSearchParams("state=open&who=&x=1"), ["state", "who"])).toEqual({ state: "open" });
});
