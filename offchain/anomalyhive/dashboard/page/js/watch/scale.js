// From seconds and probabilities to places on a drawing, and the instants that are worth a mark below it.

const STEPS = [1, 5, 15, 30, 60, 300, 900, 1800, 3600, 10800, 21600, 43200, 86400, 172800, 604800, 2592000, 7776000, 31536000];

/** Instants in [from, to] at round steps of UTC, at most `most`, and the step in seconds. */
export function instants(from, to, most) {
  const step = STEPS.find((one) => (to - from) / one <= most) ?? STEPS.at(-1);
  const found = [];
  for (let at = Math.ceil(from / step) * step; at <= to && found.length <= most; at += step) found.push(at);
  return { at: found, step };
}

/** An instant as its mark says it: the day for steps of days, the time of the day in UTC for shorter ones. */
export function mark(seconds, step) {
  const text = new Date(seconds * 1000).toISOString();
  if (step >= 86400) return text.slice(0, 10);
  if (seconds % 86400 === 0) return text.slice(5, 10);
  return step >= 60 ? text.slice(11, 16) : text.slice(11, 19);
}

/** Linear from [a, b] to [c, d]; of an empty range everything is in the middle. */
export function linear(a, b, c, d) {
  return (value) => (b === a ? (c + d) / 2 : c + ((value - a) * (d - c)) / (b - a));
}

/** The path of steps through [{from, to, value}], broken where a value is null; `base` closes every piece down to it. */
export function steps(pieces, x, y, base = null) {
  let path = "";
  let open = null;
  const close = () => {
    if (open !== null && base !== null) path += `V${round(base)}H${round(x(open.start))}Z`;
    open = null;
  };
  for (const { from, to, value } of pieces) {
    if (value === null || (open !== null && from > open.end)) close();
    if (value === null) continue;
    if (open === null) {
      path += `M${round(x(from))} ${round(y(value))}`;
      open = { start: from, end: to };
    } else {
      path += `V${round(y(value))}`;
      open.end = to;
    }
    path += `H${round(x(to))}`;
  }
  close();
  return path;
}

const round = (value) => Math.round(value * 10) / 10;
