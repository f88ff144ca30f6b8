import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { speakWith, translate, translateCode } from "./t";

const FOLDER = new URL("../../i18n/", import.meta.url);
const FILES = readdirSync(new URL("zh-CN/", FOLDER));
const read = (language: string, file: string): Record<string, string> =>
  JSON.parse(readFileSync(new URL(`${language}/${file}`, FOLDER), "utf8"));
const holes = (text = "") => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();

test.each(FILES)("both languages have the same words in %s, with the same holes", (file) => {
  const [zh, en] = [read("zh-CN", file), read("en", file)];
  expect(Object.keys(en)).toEqual(Object.keys(zh));
  for (const key of Object.keys(zh)) expect(holes(en[key]), key).toEqual(holes(zh[key]));
});

test.each(FILES)("English has no Chinese in %s, and nothing is empty", (file) => {
  for (const text of Object.values(read("en", file))) expect(text).not.toMatch(/\p{Script=Han}/u);
  for (const text of [...Object.values(read("en", file)), ...Object.values(read("zh-CN", file))])
    expect(text.trim()).not.toBe("");
});

test("a word stands in one file", () => {
  const all = FILES.flatMap((file) => Object.keys(read("zh-CN", file)));
  expect(new Set(all).size).toBe(all.length);
});

test("holes are filled; a code without a word is shown as it came; a missing word is a bug", () => {
  speakWith({ "zh-CN": { "line.status.frozen": "已冻结" }, en: { "close.through": "Closed through {day}" } });
  expect(translate("en", "close.through", { day: "2026-09-01" })).toBe("Closed through 2026-09-01");
  expect(translateCode("zh-CN", "line.status", "frozen")).toBe("已冻结");
  expect(translateCode("en", "line.status", "half_open")).toBe("half open");
  expect(() => translate("en", "ops.title")).toThrow();
});
