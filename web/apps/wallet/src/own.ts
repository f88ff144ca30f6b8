// The wallet's own few endpoints beside the API: signing in, and entering the cashier.
import { Refused } from "@tiao/api";

const unreadable = (status: number) => ({ code: "unreadable", status, detail: "", facts: {} });

export async function send<Answer = unknown>(path: string, body: unknown = {}): Promise<Answer> {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(30_000),
  }).catch(() => null);
  if (!answer) throw new Refused({ code: "network", status: 0, detail: "", facts: {} });
  if (!answer.ok) throw new Refused(await answer.json().catch(() => unreadable(answer.status)));
  return (await answer.json()) as Answer;
}
