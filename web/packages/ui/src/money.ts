// Money is whole minor units everywhere; only here does it become text, and text money.

const DECIMALS: Record<string, number> = { JPY: 0, KRW: 0 };

export function decimalsOf(currency: string): number {
  return DECIMALS[currency] ?? 2;
}

/** Show an amount of minor units: 123456 of CNY is "¥1,234.56". Refuses what no ledger holds. */
export function showMoney(minor: number, currency: string, locale: string): string {
  if (!Number.isSafeInteger(minor)) throw new RangeError(`not an amount: ${minor}`);
  const decimals = decimalsOf(currency);
  return new Intl.NumberFormat(locale, {
    style: "currency",
    currency,
    currencyDisplay: "narrowSymbol",
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  }).format(minor / 10 ** decimals);
}

/** Read what a person typed, digit by digit: "1234.5" of CNY is 123450; null when it is no amount. */
export function readMoney(text: string, currency: string): number | null {
  const decimals = decimalsOf(currency);
  const match = /^(\d{1,12})(?:\.(\d+))?$/.exec(text.trim().replaceAll(",", ""));
  if (!match) return null;
  const [, whole = "", fraction = ""] = match;
  if (fraction.length > decimals) return null;
  return Number.parseInt(whole + fraction.padEnd(decimals, "0"), 10);
}
