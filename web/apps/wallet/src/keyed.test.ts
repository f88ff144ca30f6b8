import { expect, test } from "vitest";
import { keyedBy } from "./keyed";

test("what is asked again has its key, anything else another, and what is done is forgotten", () => {
  let made = 0;
  const keyed = keyedBy(() => ({ "Idempotency-Key": String(++made) }));
  const key = (asked: unknown) => keyed.of(asked)["Idempotency-Key"];
  expect([key({ minor: 5 }), key({ minor: 5 }), key({ minor: 6 }), key({ minor: 5 })]).toEqual(["1", "1", "2", "3"]);
  keyed.done();
  expect(key({ minor: 5 })).toBe("4");
});
