import { expect, test } from "vitest";
import { readMoney, showMoney } from "./money";

test.each([
  [0, "CNY", "¥0.00"],
  [1, "CNY", "¥0.01"],
  [123456, "CNY", "¥1,234.56"],
  [-5, "CNY", "-¥0.05"],
  [123456, "JPY", "¥123,456"],
  [99999999999, "EUR", "€999,999,999.99"],
])("%d minor units of %s are shown as %s", (minor, currency, text) => {
  expect(showMoney(minor, currency, "zh-CN").replace("−", "-")).toContain(text.replace("-", "").slice(1));
  expect(showMoney(minor, currency, "zh-CN")).toMatch(minor < 0 ? /^[-−]/ : /^[^-−]/);
});

test.each([0.5, Number.NaN, 2 ** 53, Number.POSITIVE_INFINITY])("%d is no amount", (minor) => {
  expect(() => showMoney(minor, "CNY", "en")).toThrow(RangeError);
});

test.each([
  ["12.34", "CNY", 1234],
  ["12.3", "CNY", 1230],
  ["12", "CNY", 1200],
  ["0.29", "CNY", 29],
  ["1,234.56", "CNY", 123456],
  [" 8.1 ", "CNY", 810],
  ["1.005", "CNY", null],
  ["-1", "CNY", null],
  ["1e3", "CNY", null],
  ["", "CNY", null],
  ["12.", "CNY", null],
  ["１２．５", "CNY", 1250],
  ["￥50元", "CNY", 5000],
  ["元", "CNY", null],
  ["5 0", "CNY", null],
  ["150", "JPY", 150],
  ["150.5", "JPY", null],
])("%s of %s is read as %s", (text, currency, minor) => {
  expect(readMoney(text, currency)).toBe(minor);
});

test("what is shown is read back as it was", () => {
  for (let minor = 0; minor < 100_000; minor += 37) {
    expect(readMoney(showMoney(minor, "CNY", "en").replace(/[^\d.,]/g, ""), "CNY")).toBe(minor);
  }
});
