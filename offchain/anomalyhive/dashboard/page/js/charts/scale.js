// From figures to pixels: floats, for drawing alone.

/** Pixels around the area that is drawn on: room for the figures at the axes. */
export const MARGIN = { top: 10, right: 12, bottom: 26, left: 52 };

/** A function from `[low, high]` to `[from, to]`; the middle where low is high. */
export function linear(low, high, from, to) {
  return (value) => (high === low ? (from + to) / 2 : from + ((value - low) / (high - low)) * (to - from));
}

/** About `wanted` round figures from low to high, and the ends of the axis that holds them all. */
export function ticks(low, high, wanted = 4) {
  if (high <= low) return ticks(low - (Math.abs(low) * 0.1 || 0.5), high + (Math.abs(high) * 0.1 || 0.5), wanted);
  const raw = (high - low) / wanted;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map((one) => one * power).find((one) => one >= raw * 0.999);
  const first = Math.floor(low / step + 1e-9);
  const last = Math.ceil(high / step - 1e-9);
  const values = Array.from({ length: last - first + 1 }, (_, index) => Number(((first + index) * step).toPrecision(12)));
  return { values, low: values[0], high: values.at(-1) };
}

/** "0.9", "1,200", "3.4 M": a figure at an axis. */
export function tick(value) {
  const size = Math.abs(value);
  if (size >= 1e9) return `${trim(value / 1e9)} G`;
  if (size >= 1e6) return `${trim(value / 1e6)} M`;
  if (size >= 1e4) return `${trim(value / 1e3)} k`;
  return trim(value);
}

function trim(value) {
  return String(Number(value.toPrecision(4)));
}
