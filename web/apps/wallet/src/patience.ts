// A network that never answers is no answer: after a while it is said so, and what was asked can be asked again.
import { client } from "@tiao/api";

const WAITS_MS = 30_000;

export function losePatience(): void {
  // Browsers that cannot join two signals wait as long as they always did.
  if (!("any" in AbortSignal)) return;
  client.use({
    onRequest: ({ request }) =>
      new Request(request, { signal: AbortSignal.any([request.signal, AbortSignal.timeout(WAITS_MS)]) }),
  });
}
