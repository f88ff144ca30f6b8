// Which block a row of a long list lies in, and where its bar stands: the bar may be shorter than the list.

/** No browser draws anything much taller (Firefox ends at 17.9 million); a longer list has a bar in a smaller scale. */
export const TALLEST_PX = 16_000_000;

/** A list of rows of one height in a window: how tall all of them are, the window, and the bar. */
export interface Extent {
  whole: number;
  height: number;
  bar: number;
}

export function extentOf(rows: number, row: number, height: number): Extent {
  return { whole: rows * row, height, bar: Math.min(rows * row, TALLEST_PX) };
}

/** How far down the list the window stands where its bar stands at *top*. */
export function offsetAt({ whole, height, bar }: Extent, top: number): number {
  const reach = Math.max(1, bar - height);
  return whole <= bar ? top : (Math.min(Math.max(top, 0), reach) / reach) * Math.max(0, whole - height);
}

/** Where the bar stands when the window stands at *offset*. */
export function topAt({ whole, height, bar }: Extent, offset: number): number {
  return whole <= bar ? offset : (offset / Math.max(1, whole - height)) * Math.max(1, bar - height);
}

/** An offset moved by so much, kept on the list. */
export function movedBy({ whole, height }: Extent, offset: number, by: number): number {
  return Math.max(0, Math.min(whole - height, offset + by));
}

/** How far a key moves the window: a row, a window less a row, or all the way; null when it moves nothing. */
export function strideOf(key: string, { whole, height }: Extent, row: number): number | null {
  const strides: Record<string, number> = {
    ArrowDown: row,
    ArrowUp: -row,
    PageDown: height - row,
    PageUp: row - height,
    " ": height - row,
    End: whole,
    Home: -whole,
  };
  return strides[key] ?? null;
}

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

/** What is in sight: the first row, how many, and how much of the first is above the window. */
export function sightOf(
  offset: number,
  height: number,
  rows: number,
  row: number,
): { first: number; count: number; above: number } {
  const first = Math.max(0, Math.min(rows - 1, Math.floor(offset / row)));
  const count = Math.min(rows - first, Math.ceil(height / row) + 1);
  return { first, count, above: offset - first * row };
}
