// From values to places on a picture.

export function scaleOf(from: number, to: number, low: number, high: number): (value: number) => number {
  const span = to - from || 1;
  return (value) => low + ((value - from) / span) * (high - low);
}

/** Round steps from at or below *low* to at or above *high*, four to eight of them. */
export function ticksOf(low: number, top: number): number[] {
  const high = top > low ? top : low + 1;
  const span = high - low;
  const raw = span / 5;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 2.5, 5, 10].find((each) => each * power >= raw) ?? 10) * power;
  const first = Math.floor(low / step);
  const last = Math.ceil(high / step);
  return Array.from({ length: last - first + 1 }, (_, index) => Number(((first + index) * step).toPrecision(12)));
}

export function linePath(values: number[], x: (place: number) => number, y: (value: number) => number): string {
  return values.map((value, place) => `${place ? "L" : "M"}${x(place).toFixed(1)} ${y(value).toFixed(1)}`).join(" ");
}
