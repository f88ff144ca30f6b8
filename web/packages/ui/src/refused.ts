/** Something that was asked of the server, as TanStack Query tells of it. */
interface Asked {
  error: unknown;
  submittedAt: number;
}

/** What the last of several was refused for: a "no" is over once something else was asked and done. */
export function refusedLast(...asked: Asked[]): unknown {
  return asked.reduce((last, each) => (each.submittedAt > last.submittedAt ? each : last)).error;
}
