// Instants are shown in the programme's time zone, not in the one of whoever looks.

const DAY = { year: "numeric", month: "2-digit", day: "2-digit" } as const;
const MINUTE = { ...DAY, hour: "2-digit", minute: "2-digit", hour12: false } as const;
const formats = new Map<string, Intl.DateTimeFormat>();

/** Making a format takes longer than a hundred instants. */
function formatOf(locale: string, timeZone: string, isDay: boolean): Intl.DateTimeFormat {
  const key = `${locale} ${timeZone} ${isDay}`;
  const known = formats.get(key) ?? new Intl.DateTimeFormat(locale, { timeZone, ...(isDay ? DAY : MINUTE) });
  formats.set(key, known);
  return known;
}

export function showInstant(at: string, locale: string, timeZone: string): string {
  return formatOf(locale, timeZone, false).format(new Date(at));
}

/** Business days have no time and no zone. */
export function showDay(day: string, locale: string): string {
  return formatOf(locale, "UTC", true).format(new Date(`${day}T00:00:00Z`));
}

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
];

/** How far off an instant is: "in 3 hours", "2 天前". */
export function showDistance(at: string, now: number, locale: string): string {
  const left = new Date(at).getTime() - now;
  const format = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  for (const [unit, size] of STEPS) {
    if (Math.abs(left) >= size) return format.format(Math.trunc(left / size), unit);
  }
  return format.format(0, "minute");
}
