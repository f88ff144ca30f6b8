// Which block a row of a long list lies in, and where on a bar that is shorter than the list.

/** A browser draws nothing taller than this; a longer list is scrolled in larger steps. */
export const TALLEST_PX = 8_000_000;

/** The number of rows before each block, and at the end of all. */
export function startsOf(counts: number[]): number[] {
  const starts = [0];
  for (const count of counts) starts.push((starts.at(-1) ?? 0) + count);
  return starts;
}

/** The block that holds a row. */
export function blockOf(starts: number[], row: number): number {
  let low = 0;
  let high = starts.length - 2;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= row) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** What is in sight: the first row, how many, and how far down the bar they are drawn. */
export function sightOf(
  top: number,
  height: number,
  rows: number,
  row: number,
): { first: number; count: number; at: number } {
  const whole = rows * row;
  const bar = Math.min(whole, TALLEST_PX);
  const reach = Math.max(1, bar - height);
  const offset = whole <= bar ? top : Math.round((Math.min(top, reach) / reach) * (whole - height));
  const first = Math.max(0, Math.min(rows - 1, Math.floor(offset / row)));
  const count = Math.min(rows - first, Math.ceil(height / row) + 1);
  return { first, count, at: top - (offset - first * row) };
}
