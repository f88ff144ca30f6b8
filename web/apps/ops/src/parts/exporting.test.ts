import { expect, test } from "vitest";
import { csvOf } from "./exporting";

test("commas, quotes and lines stay inside their cell, and the last line says whose file it is", () => {
  expect(
    csvOf(
      ["a", "b"],
      [
        ["x,y", 'say "hi"'],
        ["two\nlines", 5],
      ],
      "opr_1 2026-11-22",
    ),
  ).toBe('\uFEFFa,b\r\n"x,y","say ""hi"""\r\n"two\nlines",5\r\nopr_1 2026-11-22\r\n');
});

test.each(["=1+1", "+86", "-2", "@x"])("%s from outside is a text and no formula", (text) => {
  expect(csvOf(["a"], [[text]], "m")).toContain(`'${text}`);
});

test("a number stays a number, below zero too, and nothing is nothing", () => {
  expect(csvOf(["a", "b"], [[-5, null]], "m")).toContain("\r\n-5,\r\n");
});
