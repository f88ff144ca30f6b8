import en from "@tiao/i18n/en.json";
import zh from "@tiao/i18n/zh-CN.json";
import { expect, test } from "vitest";
import { translate, translateCode } from "./t";

const holes = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();

test("both languages have the same words with the same holes", () => {
  expect(Object.keys(en)).toEqual(Object.keys(zh));
  for (const key of Object.keys(zh) as (keyof typeof zh)[]) expect(holes(en[key]), key).toEqual(holes(zh[key]));
});

test("English has no Chinese in it, and nothing is empty", () => {
  for (const text of Object.values(en)) expect(text).not.toMatch(/\p{Script=Han}/u);
  for (const text of [...Object.values(en), ...Object.values(zh)]) expect(text.trim()).not.toBe("");
});

test("holes are filled; a code without a word is shown as it came", () => {
  expect(translate("en", "close.through", { day: "2026-09-01" })).toBe("Closed through 2026-09-01");
  expect(translateCode("zh-CN", "line.status", "frozen")).toBe("已冻结");
  expect(translateCode("en", "line.status", "half_open")).toBe("half open");
});
