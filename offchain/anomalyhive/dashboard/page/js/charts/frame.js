// What all charts share: the figure, its legend, the drawing at the size of the page, reading by pointer and keys, and
// the table with the same figures.

import { el, replace, setText, svg } from "../dom.js";
import { MARGIN } from "./scale.js";

/**
 * `draw(svg, points, size)` draws, and gives the horizontal pixel of each point. `options`: `title`, `x` (what the
 * horizontal axis counts), `series`, `height` (CSS), `onPick(point)` for Enter and click, `none` (words without points).
 */
export function frame(options, draw) {
  const parts = build(options);
  const state = { points: [], at: [], index: -1 };
  const redraw = () => paint(parts, state, options, draw);
  new ResizeObserver(redraw).observe(parts.plot);
  reading(parts, state, options);
  return {
    node: parts.node,
    update(points) {
      state.points = points;
      redraw();
      if (parts.details.open) table(parts, state, options);
    },
    redraw,
  };
}

function build({ title, series, height = "13rem", onPick, legend = series.length > 1 }) {
  const drawing = svg("svg", { "aria-hidden": "true", focusable: "false" });
  const cursor = el("div", { class: "cursor", hidden: true });
  const tip = el("div", { class: "tip", hidden: true });
  const said = el("span", { class: "away", role: "status" });
  const plot = el("div", { class: onPick ? "plot picks" : "plot", tabindex: "0", role: onPick ? "button" : "img", css: { "--height": height } }, drawing, cursor, tip);
  const body = el("div", { class: "scroll" });
  const details = el("details", { class: "figures" }, el("summary", {}, "Figures as a table"), body);
  const node = el("figure", { class: "chart" }, el("figcaption", {}, title), plot,
    legend ? el("ul", { class: "legend" }, series.map((one) => el("li", { class: `tone-${one.tone}` }, one.name))) : null,
    said, details);
  return { node, plot, drawing, cursor, tip, said, details, body };
}

function paint({ plot, drawing }, state, options, draw) {
  const size = { width: plot.clientWidth, height: plot.clientHeight };
  if (size.width === 0 || size.height === 0) return;
  drawing.setAttribute("viewBox", `0 0 ${size.width} ${size.height}`);
  replace(drawing);
  state.at = state.points.length ? draw(drawing, state.points, size) : nothing(drawing, size, options.none ?? "No figures yet");
  plot.setAttribute("aria-label", summary(state.points, options));
}

function nothing(drawing, { width, height }, words) {
  drawing.append(svg("text", { x: width / 2, y: height / 2, class: "none-yet" }, words));
  return [];
}

function summary(points, { title, series, none }) {
  if (points.length === 0) return `${title}: ${none ?? "no figures yet"}`;
  const last = points.at(-1);
  return `${title}, ${points.length} points from ${points[0].label} to ${last.label}. Latest: ${words(last, series)}. Arrow keys read the points.`;
}

function words(point, series) {
  const said = series.map((one, index) => `${one.name} ${shown(one, point, index)}`);
  return [...said, ...(point.note ? [point.note] : [])].join(", ");
}

function shown(one, point, index) {
  const value = point.values[index];
  if (value === null || value === undefined) return "–";
  return point.texts?.[index] ?? (one.shown ? one.shown(value) : String(value));
}

const STEPS = { ArrowLeft: (i) => i - 1, ArrowRight: (i) => i + 1, Home: () => 0, End: (_, n) => n - 1 };

function reading(parts, state, options) {
  const { plot, details } = parts;
  const go = (index, aloud) => point(parts, state, options, index, aloud);
  plot.addEventListener("pointermove", (event) => go(nearest(state.at, event.clientX - plot.getBoundingClientRect().left), false));
  plot.addEventListener("pointerleave", () => hide(parts, state));
  plot.addEventListener("blur", () => hide(parts, state));
  plot.addEventListener("keydown", (event) => {
    const n = state.points.length;
    if (event.key === "Escape") return hide(parts, state);
    if ((event.key === "Enter" || event.key === " ") && options.onPick && state.index >= 0) {
      event.preventDefault();
      return options.onPick(state.points[state.index]);
    }
    const step = STEPS[event.key];
    if (!step || n === 0) return undefined;
    event.preventDefault();
    return go(Math.min(Math.max(step(state.index < 0 ? n : state.index, n), 0), n - 1), true);
  });
  if (options.onPick) plot.addEventListener("click", () => state.index >= 0 && options.onPick(state.points[state.index]));
  details.addEventListener("toggle", () => details.open && table(parts, state, options));
}

function nearest(at, x) {
  let best = -1;
  at.forEach((one, index) => { if (best < 0 || Math.abs(one - x) < Math.abs(at[best] - x)) best = index; });
  return best;
}

function point(parts, state, { series }, index, aloud) {
  const found = state.points[index];
  if (!found) return;
  state.index = index;
  const { plot, cursor, tip, said } = parts;
  const x = state.at[index];
  cursor.hidden = tip.hidden = false;
  cursor.style.setProperty("--x", `${x}px`);
  replace(tip, el("strong", {}, found.label), series.map((one, place) =>
    el("span", { class: `tone-${one.tone}` }, `${one.name} `, el("b", {}, shown(one, found, place)))), found.note ? el("em", {}, found.note) : null);
  // The box stands beside the line, on the side where there is room.
  const room = x + 12 + tip.offsetWidth < plot.clientWidth;
  tip.style.setProperty("--x", `${Math.max(room ? x + 12 : x - 12 - tip.offsetWidth, 0)}px`);
  if (aloud) setText(said, `${found.label}: ${words(found, series)}`);
}

function hide({ cursor, tip }, state) {
  cursor.hidden = tip.hidden = true;
  state.index = -1;
}

function table({ body }, { points }, { x = "", series }) {
  replace(body, el("table", {},
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, x), series.map((one) => el("th", { scope: "col", class: "n" }, one.name)))),
    el("tbody", {}, points.map((one) => el("tr", {}, el("th", { scope: "row" }, one.label),
      series.map((each, index) => el("td", { class: "n" }, shown(each, one, index))))))));
}

/** The axes: lines with figures at the left, and words below for as many points as have room. */
export function axes(drawing, { values, y, said }, points, at, { width, height }) {
  for (const value of values) {
    drawing.append(
      svg("path", { class: "grid", d: `M${MARGIN.left} ${y(value)}H${width - MARGIN.right}` }),
      svg("text", { class: "tick left", x: MARGIN.left - 8, y: y(value) + 4 }, said(value)));
  }
  const most = Math.max(Math.floor((width - MARGIN.left - MARGIN.right) / 90), 2);
  const every = Math.max(Math.ceil(points.length / most), 1);
  points.forEach((one, index) => {
    if (index % every !== 0) return;
    const anchor = at[index] > width - 40 ? "end" : at[index] < MARGIN.left + 20 ? "start" : "middle";
    drawing.append(svg("text", { class: "tick", x: at[index], y: height - 8, "text-anchor": anchor }, one.short ?? one.label));
  });
}
