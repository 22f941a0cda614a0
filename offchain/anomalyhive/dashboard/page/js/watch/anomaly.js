// Anomaly over time: of each span of time the highest score and the mean of its blocks' highest ones, the threshold, and
// the peaks above it.
//
// The drawing itself is for eyes. Over it lies a cursor, a slider for keyboards and screen readers whose value is the
// span it stands on, and the peaks are links. A range is chosen by dragging, or with Shift and the arrows.

import { el, replace, setAttribute, setText, svg } from "../dom.js";
import { absolute, basisPoints, count, number } from "../format.js";
import { instants, linear, mark, steps } from "./scale.js";

const FULL = 10_000;
const LEFT = 44;
const RIGHT = 14;
const TOP = 16;
const BOTTOM = 26;

/** Pixels that a pointer must move to choose a range. */
const LEAST_DRAG = 6;

/** A gap of so many usual buckets is shown as one. */
const AWAY = 3;

/** Pixels between two markers of peaks: of nearer ones the one with an alert is marked, and of those the higher one. */
const APART = 12;

/**
 * `{ node, draw(anomaly), stop() }`. `choose({from, to} | null)` is called with the first and the last block of a chosen
 * range, or null for all of the time; `anomaly` is what GET /v1/anomaly answers, of the range that is to be seen.
 */
export function anomalyChart(choose) {
  const drawing = svg("svg", { class: "watch-lines", "aria-hidden": "true" });
  const band = el("div", { class: "watch-band", hidden: true });
  const hair = el("div", { class: "watch-hair", hidden: true });
  const cursor = el("div", { class: "watch-cursor", role: "slider", tabindex: "0", "aria-label": "Anomaly over time. Arrows move, Shift and arrows choose a range, Enter shows it, Escape shows all.", "aria-valuemin": "0" });
  const peaks = el("ol", { class: "watch-peaks", "aria-label": "Peaks" });
  const readout = el("output", { class: "readout small" });
  const plot = el("div", { class: "watch-plot" }, drawing, band, hair, cursor, peaks);
  const state = { data: null, spans: [], width: 0, height: 0, at: null, anchor: null, x: null, back: null };
  const node = el("figure", { class: "anomaly" }, plot, readout, legend());

  const chart = {
    node,
    draw(anomaly) {
      const moved = !state.data || state.data.buckets.length !== anomaly.buckets.length;
      state.data = anomaly;
      if (moved && state.at !== null) state.at = Math.min(state.at, anomaly.buckets.length - 1);
      redraw();
    },
    stop() { watching.disconnect(); },
  };

  function redraw() {
    const { data, width, height } = state;
    if (!data || !width || !data.buckets.length) return;
    state.spans = spans(data.buckets);
    const [from, to] = [state.spans[0].from, state.spans.at(-1).to];
    state.x = linear(from, to, LEFT, width - RIGHT);
    state.back = linear(LEFT, width - RIGHT, from, to);
    const y = linear(0, FULL, height - BOTTOM, TOP);
    replace(drawing, lines(data, state.spans, state.x, y, width, height));
    setAttribute(drawing, "viewBox", `0 0 ${width} ${height}`);
    const placed = data.peaks.map((one) => ({ ...one, left: state.x(middle(data.buckets, state.spans, one)), top: y(one.bp) }));
    replace(peaks, apart(placed).map(peak));
    setAttribute(cursor, "aria-valuemax", data.buckets.length - 1);
    point();
  }

  function point() {
    const { data, at, anchor, x } = state;
    if (!data || !x) return;
    const bucket = at === null ? null : data.buckets[at];
    hair.hidden = bucket === null;
    if (bucket) place(hair, x((state.spans[at].from + state.spans[at].to) / 2), 0);
    const range = chosen();
    band.hidden = range === null || (anchor === at);
    if (range) place(band, x(range.from), x(range.to) - x(range.from));
    setText(readout, told(bucket, range, band.hidden));
    setAttribute(cursor, "aria-valuenow", at ?? data.buckets.length - 1);
    setAttribute(cursor, "aria-valuetext", told(bucket ?? data.buckets.at(-1), range, band.hidden));
  }

  /** The first and the last bucket that are chosen; null without. */
  function chosen() {
    if (state.anchor === null || state.at === null) return null;
    const [first, last] = [state.anchor, state.at].sort((one, other) => one - other);
    return { first: state.data.buckets[first], last: state.data.buckets[last], from: state.spans[first].from, to: state.spans[last].to };
  }

  function settle() {
    const range = chosen();
    Object.assign(state, { anchor: null, at: null });
    if (range) choose({ from: range.first.from_block, to: range.last.to_block });
    point();
  }

  hearPointer(cursor, state, { point, settle });
  hearKeys(cursor, state, { point, settle, all: () => { Object.assign(state, { anchor: null, at: null }); choose(null); point(); } });
  const watching = new ResizeObserver(([entry]) => {
    Object.assign(state, { width: Math.round(entry.contentRect.width), height: Math.round(entry.contentRect.height) });
    redraw();
  });
  watching.observe(plot);
  return chart;
}

function hearPointer(cursor, state, { point, settle }) {
  let began = null;
  const index = (event) => {
    const seconds = state.back(event.clientX - cursor.parentElement.getBoundingClientRect().left);
    const found = state.spans.findIndex((one) => seconds < one.to);
    return found < 0 ? state.spans.length - 1 : found;
  };
  cursor.addEventListener("pointerdown", (event) => {
    if (!state.back || event.button !== 0) return;
    began = { x: event.clientX, at: index(event) };
    cursor.setPointerCapture(event.pointerId);
  });
  cursor.addEventListener("pointermove", (event) => {
    if (!state.back) return;
    state.at = index(event);
    state.anchor = began && Math.abs(event.clientX - began.x) >= LEAST_DRAG ? began.at : null;
    point();
  });
  cursor.addEventListener("pointerup", () => {
    began = null;
    if (state.anchor !== null) settle();
  });
  cursor.addEventListener("pointercancel", () => { began = null; state.anchor = null; point(); });
  cursor.addEventListener("pointerleave", () => {
    if (began !== null || document.activeElement === cursor) return;
    state.at = null;
    point();
  });
}

function hearKeys(cursor, state, { point, settle, all }) {
  cursor.addEventListener("keydown", (event) => {
    if (!state.data?.buckets.length || event.ctrlKey || event.metaKey || event.altKey) return;
    const last = state.data.buckets.length - 1;
    const now = state.at ?? last;
    const tenth = Math.max(Math.round(last / 10), 1);
    const moves = { ArrowLeft: now - 1, ArrowDown: now - 1, ArrowRight: now + 1, ArrowUp: now + 1, PageDown: now - tenth, PageUp: now + tenth, Home: 0, End: last };
    if (event.key in moves) {
      state.anchor = event.shiftKey ? state.anchor ?? now : null;
      state.at = Math.min(Math.max(moves[event.key], 0), last);
      point();
    } else if (event.key === "Enter" && state.anchor !== null) settle();
    else if (event.key === "Escape") all();
    else return;
    event.preventDefault();
  });
  cursor.addEventListener("blur", () => { Object.assign(state, { at: null, anchor: null }); point(); });
}

/** The seconds {from, to} that each bucket is drawn over: up to the next one, unless the watch was away meanwhile. */
function spans(buckets) {
  const seconds = Math.max(buckets.at(-1).to_time - buckets[0].from_time, 1);
  const usual = Math.max(seconds / buckets.length, seconds / Math.max(buckets.at(-1).to_block - buckets[0].from_block, 1));
  return buckets.map(({ from_time: from, to_time: to }, index) => {
    const next = buckets[index + 1]?.from_time ?? to + usual;
    return { from, to: next - to <= AWAY * usual ? Math.max(next, to) : to + usual };
  });
}

/** Whether no block of a bucket touched an address with a score; the line is broken there. */
const quiet = (bucket) => bucket.highest_bp === 0;

function lines(data, drawn, x, y, width, height) {
  const pieces = (name) => data.buckets.map((one, index) => ({ ...drawn[index], value: quiet(one) ? null : one[name] }));
  const [from, to] = [drawn[0].from, drawn.at(-1).to];
  const { at, step } = instants(from, to, Math.max(Math.floor((width - LEFT - RIGHT) / 76), 2));
  const threshold = data.threshold_bp ?? null;
  return [
    [0, 2500, 5000, 7500, 10000].map((bp) => [
      svg("line", { class: bp ? "grid" : "axis", x1: LEFT, x2: width - RIGHT, y1: y(bp), y2: y(bp) }),
      svg("text", { class: "tick right", x: LEFT - 6, y: y(bp) + 4 }, `${bp / 100} %`)]),
    at.map((seconds) => svg("text", { class: "tick middle", x: x(seconds), y: height - 8 }, mark(seconds, step))),
    svg("path", { class: "highest-area", d: steps(pieces("highest_bp"), x, y, y(0)) }),
    svg("path", { class: "mean-area", d: steps(pieces("mean_bp"), x, y, y(0)) }),
    svg("path", { class: "mean", d: steps(pieces("mean_bp"), x, y) }),
    // Above the mean: of a single block both are the same.
    svg("path", { class: "highest", d: steps(pieces("highest_bp"), x, y) }),
    threshold !== null && svg("line", { class: "threshold", x1: LEFT, x2: width - RIGHT, y1: y(threshold), y2: y(threshold) }),
  ];
}

function apart(peaks) {
  const kept = [];
  const worth = (one) => (one.alerts.length ? 1 : 0);
  for (const one of [...peaks].sort((a, b) => worth(b) - worth(a) || b.bp - a.bp)) {
    if (kept.every((other) => Math.abs(other.left - one.left) >= APART)) kept.push(one);
  }
  return kept.sort((a, b) => a.left - b.left);
}

/** The middle of the bucket that a peak is the highest of, in seconds. */
function middle(buckets, drawn, { block, time }) {
  const index = buckets.findIndex((one) => block >= one.from_block && block <= one.to_block);
  return index < 0 ? time : (drawn[index].from + drawn[index].to) / 2;
}

function peak(one) {
  const { alerts, left, top } = one;
  const words = `Peak of ${basisPoints(one.bp)} in block ${number(one.block)}, ${absolute(one.time)}`;
  const link = alerts.length > 0 && /^[0-9a-f]{1,64}$/.test(alerts[0])
    ? el("a", { href: `#/alerts/${alerts[0]}`, title: words }, el("span", { class: "away" }, `${words}: ${count(alerts.length, "alert")}`))
    : el("span", { class: "dot", title: words }, el("span", { class: "away" }, `${words}: no alert`));
  const item = el("li", {}, link);
  item.style.setProperty("--x", `${left}px`);
  item.style.setProperty("--y", `${top}px`);
  return item;
}

function told(bucket, range, single) {
  if (range && !single) return `From ${absolute(range.from)} to ${absolute(range.to)}`;
  if (!bucket) return "";
  const blocks = bucket.from_block === bucket.to_block ? `block ${number(bucket.from_block)}` : `blocks ${number(bucket.from_block)} to ${number(bucket.to_block)}`;
  if (quiet(bucket)) return `${absolute(bucket.from_time)}: nothing was scored`;
  return `${absolute(bucket.from_time)}, ${blocks}: highest ${basisPoints(bucket.highest_bp)}, mean of the blocks ${basisPoints(bucket.mean_bp)}, ${count(bucket.alerts ?? 0, "alert")}`;
}

function legend() {
  const entry = (name, words) => el("li", { class: name }, words);
  return el("ul", { class: "legend watch-legend", "aria-hidden": "true" },
    entry("highest", "Highest score"), entry("mean", "Mean of the blocks’ highest scores"), entry("threshold", "Threshold of an alert"), entry("peak", "Peak"));
}

function place(node, left, width) {
  node.style.setProperty("--left", `${left}px`);
  node.style.setProperty("--width", `${Math.max(width, 1)}px`);
}
