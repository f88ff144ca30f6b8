// Money is whole minor units everywhere; only here does it become text, and text money.

const DECIMALS: Record<string, number> = { JPY: 0, KRW: 0 };

export function decimalsOf(currency: string): number {
  return DECIMALS[currency] ?? 2;
}

const formats = new Map<string, Intl.NumberFormat>();

/** Making a format takes longer than a hundred amounts. */
function formatOf(currency: string, locale: string): Intl.NumberFormat {
  const key = locale + currency;
  const known = formats.get(key);
  if (known) return known;
  const decimals = decimalsOf(currency);
  const made = new Intl.NumberFormat(locale, {
    style: "currency",
    currency,
    currencyDisplay: "narrowSymbol",
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  });
  formats.set(key, made);
  return made;
}

/** Show an amount of minor units: 123456 of CNY is "¥1,234.56". Refuses what no ledger holds. */
export function showMoney(minor: number, currency: string, locale: string): string {
  if (!Number.isSafeInteger(minor)) throw new RangeError(`not an amount: ${minor}`);
  return formatOf(currency, locale).format(minor / 10 ** decimalsOf(currency));
}

/** Without what people write about a number: full-width signs of a Chinese keyboard, separators, the currency's sign. */
const bare = (text: string) =>
  text
    .normalize("NFKC")
    .trim()
    .replaceAll(",", "")
    .replace(/^¥\s*/, "")
    .replace(/\s*元$/, "");

/** Read what a person typed, digit by digit: "1234.5" of CNY is 123450; null when it is no amount. "￥１２元" is 12. */
export function readMoney(text: string, currency: string): number | null {
  const decimals = decimalsOf(currency);
  const match = /^(\d{1,12})(?:\.(\d+))?$/.exec(bare(text));
  if (!match) return null;
  const [, whole = "", fraction = ""] = match;
  if (fraction.length > decimals) return null;
  return Number.parseInt(whole + fraction.padEnd(decimals, "0"), 10);
}
