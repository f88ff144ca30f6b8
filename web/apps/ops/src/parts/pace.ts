// How long something still takes, from how fast it went while somebody looked. A test clock stands still, so what the
// server says of the time cannot tell it.
import { useEffect, useState } from "react";

interface Seen {
  at: number;
  done: number;
}

/** Seconds left of something of which *done* is the share done; null until it has moved, and once it is over. */
export function useSecondsLeft(done: number): number | null {
  const [seen, setSeen] = useState<Seen[]>([]);
  useEffect(() => {
    setSeen((before) => [...before.filter((each) => each.done <= done), { at: performance.now(), done }]);
  }, [done]);
  return secondsLeft(seen);
}

export function secondsLeft(seen: readonly Seen[]): number | null {
  const [first, last] = [seen[0], seen.at(-1)];
  if (!first || !last || last.done <= first.done || last.done >= 1) return null;
  return Math.ceil(((last.at - first.at) * (1 - last.done)) / (last.done - first.done) / 1_000);
}
