// A list as a file: written down first with its reason, and the file bears whose it is.

/** Write rows as CSV that spreadsheets read as they are, never as formulas. */
export function csvOf(head: string[], rows: (string | number | null)[][], mark: string): string {
  const lines = [head, ...rows].map((row) => row.map(cell).join(","));
  return `\uFEFF${lines.join("\r\n")}\r\n${cell(mark)}\r\n`;
}

function cell(value: string | number | null): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  const tame = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(tame) ? `"${tame.replaceAll('"', '""')}"` : tame;
}
