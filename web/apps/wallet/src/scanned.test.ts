import { expect, test } from "vitest";
import { barsOf } from "./bars";
import { toBytes, toText } from "./bytes";
import { readScanned } from "./scanned";

const HOST = "wallet.pay.example";
const TOKEN = "Ab3_9-xYz012";

test.each([
  [`https://pay.example/cashier/${TOKEN}`, { kind: "order", token: TOKEN }],
  [`  https://wallet.pay.example/cashier/${TOKEN}/ `, { kind: "order", token: TOKEN }],
  [`http://pay.example/s/${TOKEN}`, { kind: "shop", token: TOKEN }],
  [`https://pay.example.evil/cashier/${TOKEN}`, null],
  [`https://evil.example/cashier/${TOKEN}`, null],
  [`https://pay.example@evil.example/cashier/${TOKEN}`, null],
  [`javascript:alert(1)//pay.example/cashier/${TOKEN}`, null],
  [`https://pay.example/cashier/${TOKEN}/pay`, null],
  [`https://pay.example/cashier/../v1/session`, null],
  ["https://pay.example/", null],
  ["6223 0000 0000 0000", null],
  ["", null],
])("%s is read as %o", (text, meant) => {
  expect(readScanned(text, HOST)).toEqual(meant);
});

const tag = (id: string, value: string) => `${id}${String(value.length).padStart(2, "0")}${value}`;

function withSum(text: string): string {
  let sum = 0xffff;
  for (const sign of text) {
    sum ^= sign.charCodeAt(0) << 8;
    for (let bit = 0; bit < 8; bit++) sum = ((sum << 1) ^ (sum & 0x8000 ? 0x1021 : 0)) & 0xffff;
  }
  return text + sum.toString(16).toUpperCase().padStart(4, "0");
}

const emvco = (inner: string) =>
  withSum(
    `${tag("00", "01")}${tag("01", "11")}${tag("26", tag("00", "tiao") + tag("01", inner))}${tag("53", "156")}6304`,
  );

test("the sum is the standard's: CRC-16/CCITT-FALSE of 123456789 is 29B1", () => {
  expect(withSum("123456789")).toBe("12345678929B1");
});

test.each([`https://pay.example/s/${TOKEN}`, `pay.example/s/${TOKEN}`])(
  "EMVCo tags that hold %s lead to the shop",
  (inner) => {
    expect(readScanned(emvco(inner), HOST)).toEqual({ kind: "shop", token: TOKEN });
  },
);

test("EMVCo tags with a wrong sum, of others, or cut short lead nowhere", () => {
  const right = emvco(`https://pay.example/s/${TOKEN}`);
  expect(readScanned(`${right.slice(0, -4)}0000`, HOST)).toBeNull();
  expect(readScanned(emvco("https://evil.example/s/abcdefgh"), HOST)).toBeNull();
  expect(readScanned(right.slice(0, -10), HOST)).toBeNull();
});

test("bars are as wide as the standard says, each sign of eleven modules", () => {
  const { runs, width } = barsOf("360012345678901234");
  expect(width).toBe(11 * 11 + 13);
  expect(runs[0]).toEqual([0, 2]);
  expect(runs.at(-1)).toEqual([width - 2, 2]);
  expect(() => barsOf("123")).toThrow(RangeError);
});

test("bytes come back as they were", () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, place) => place);
  expect(toText(bytes.buffer)).not.toMatch(/[+/=]/);
  expect(toBytes(toText(bytes.buffer))).toEqual(bytes);
});
