// What a refund is called: by the shop's own number, or by the dispute that was decided for the customer.
import type { Speech } from "@tiao/ui";

const OF_DISPUTE = /^dispute (\w+)$/;

export function refundedAs({ t, code }: Pick<Speech, "t" | "code">, reference: string): string {
  const reason = OF_DISPUTE.exec(reference)?.[1];
  return reason === undefined ? reference : t("refund.of_dispute", { reason: code("contest.reason", reason) });
}
