import { expect, test } from "vitest";
import { filled } from "./saying";

const show = (name: string, fact: unknown) => `<${name} ${String(fact)}>`;

test.each([
  ["超过应还。最多可还 {owed}。", { owed: 5 }, "超过应还。最多可还 <owed 5>。"],
  ["超过应还。最多可还 {owed}。", {}, "超过应还。"],
  ["Too much. It can be {owed} at most.", {}, "Too much."],
  ["Over ({until}). Write to us.", {}, "Write to us."],
  ["Nothing was done.", { owed: 5 }, "Nothing was done."],
])("%s with %o", (sentence, facts, said) => {
  expect(filled(sentence, facts, show)).toBe(said);
});
