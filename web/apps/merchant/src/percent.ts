/** Show a share of one as people read it; *signed* where more and less is the question. */
export function percent(share: number, language: string, signed = false): string {
  return new Intl.NumberFormat(language, {
    style: "percent",
    maximumFractionDigits: 1,
    signDisplay: signed ? "exceptZero" : "auto",
  }).format(share);
}
