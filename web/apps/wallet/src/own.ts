// The wallet's own few endpoints beside the API: signing in, and entering the cashier.
import { Refused } from "@tiao/api";

export async function send<Answer = unknown>(path: string, body: unknown = {}): Promise<Answer> {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  }).catch(() => null);
  if (!answer) throw new Refused({ code: "network", status: 0, detail: "", facts: {} });
  if (!answer.ok) throw new Refused(await answer.json());
  return (await answer.json()) as Answer;
}
