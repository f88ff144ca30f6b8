// Why something is suspected, in words: a rule's or a model's code with what it speaks of, a merchant's alarm, or what
// a colleague wrote.
type Code = (prefix: string, code: string) => string;

const SPOKEN_OF = /^(transaction|customer|device|merchant|network):(\w+)$/;

/** Put one reason of a case into words: "network:watched" names the network, and says what is wrong there. */
export function suspected(code: Code, reason: string): string {
  const [, level, bare] = SPOKEN_OF.exec(reason) ?? [];
  if (level === undefined || bare === undefined) return code("risk.reason", reason);
  return code("risk.speaks_of", level) + code("risk.reason", bare);
}

/** Put what is kept as one text into words: reasons with commas between them. */
export const allSuspected = (code: Code, reasons: string): string =>
  reasons
    .split(/,\s*/)
    .map((each) => suspected(code, each))
    .join(code("risk", "between"));
