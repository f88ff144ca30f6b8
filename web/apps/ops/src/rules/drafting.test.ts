import { expect, test } from "vitest";
import { changesOf, cutAt, freshCode, readShare, type Rule, showShare } from "./drafting";

const rule = (code: string, more: Partial<Rule> = {}): Rule => ({
  code,
  title: code,
  when: "amount > 1 CNY",
  then: "review",
  level: "transaction",
  cap_ppm: null,
  ...more,
});

test("what was added, changed and taken out is told by code, with each field as it was and is", () => {
  const changes = changesOf([rule("a"), rule("b")], [rule("a", { then: "decline", cap_ppm: 500 }), rule("c")]);
  expect(changes.map((each) => [each.code, each.what])).toEqual([
    ["a", "changed"],
    ["c", "added"],
    ["b", "removed"],
  ]);
  expect(changes[0]?.fields).toEqual([
    { name: "then", before: "review", after: "decline" },
    { name: "cap_ppm", before: "", after: "500" },
  ]);
  expect(changesOf([rule("a")], [rule("a")])).toEqual([]);
});

test("the sign that is wrong is cut out, counted in characters and not in halves of them", () => {
  expect(cutAt("amount >> 5", 8)).toEqual(["amount >", ">", " 5"]);
  expect(cutAt("amount >", 8)).toEqual(["amount >", " ", ""]);
  expect(cutAt("a 𠮷 b", 4)).toEqual(["a 𠮷 ", "b", ""]);
});

test.each([
  ["", null],
  ["5", 50_000],
  ["0.0001", 1],
  ["100", 1_000_000],
  ["0", undefined],
  ["101", undefined],
  ["1.23456", undefined],
  ["5 %", undefined],
])("a share written %j is %j millionths", (text, expected) => {
  expect(readShare(text)).toBe(expected);
});

test("a share is shown as it is written", () => {
  expect(readShare(showShare(12_345))).toBe(12_345);
  expect(showShare(null)).toBe("");
});

test("a new rule takes no code that is there", () => {
  expect(freshCode([rule("rule_2"), rule("a")])).toBe("rule_3");
  expect(freshCode([rule("rule_2")])).toBe("rule_3");
});
