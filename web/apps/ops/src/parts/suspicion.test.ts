import { expect, test } from "vitest";
import { allSuspected, suspected } from "./suspicion";

const WORDS: Record<string, string> = {
  "risk.between": "; ",
  "risk.reason.ring": "A ring",
  "risk.reason.watched": "On the watch list",
  "risk.speaks_of.network": "Network: ",
};
const code = (prefix: string, name: string) => WORDS[`${prefix}.${name}`] ?? name;

test.each([
  ["network:watched", "Network: On the watch list"],
  ["ring", "A ring"],
  ["network:a_rule_of_ours", "Network: a_rule_of_ours"],
  ["told at 10:30, by telephone", "told at 10:30, by telephone"],
])("%s is told as %s", (reason, told) => {
  expect(suspected(code, reason)).toBe(told);
});

test("what is kept as one text is told reason by reason", () => {
  expect(allSuspected(code, "ring, network:watched")).toBe("A ring; Network: On the watch list");
});
