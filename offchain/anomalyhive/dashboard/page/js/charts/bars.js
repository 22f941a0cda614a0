// A bar for each point, its series on top of one another.

import { svg } from "../dom.js";
import { axes, frame } from "./frame.js";
import { linear, MARGIN, tick, ticks } from "./scale.js";

/** Of a bar, in pixels. */
const WIDEST = 44;

/** Besides what charts.js says: `high` holds the top of the axis; `said(value)` writes figures at it. */
export function barChart(options) {
  return frame(options, (drawing, points, size) => draw(drawing, points, size, options));
}

function draw(drawing, points, size, { series, high, said = tick, whole = false }) {
  const most = high ?? Math.max(...points.map((one) => one.values.reduce((sum, value) => sum + (value ?? 0), 0)));
  const scale = ticks(0, most || 1);
  const values = whole ? scale.values.filter(Number.isInteger) : scale.values;
  const y = linear(scale.low, scale.high, size.height - MARGIN.bottom, MARGIN.top);
  const step = (size.width - MARGIN.left - MARGIN.right) / points.length;
  const at = points.map((_, index) => MARGIN.left + (index + 0.5) * step);
  axes(drawing, { values, y, said }, points, at, size);
  const wide = Math.max(Math.min(step * 0.72, WIDEST), 1);
  points.forEach((one, index) => stack(drawing, one.values, series, { left: at[index] - wide / 2, wide, y }));
  return at;
}

function stack(drawing, values, series, { left, wide, y }) {
  let below = 0;
  values.forEach((value, place) => {
    if (!value) return;
    const top = y(below + value);
    drawing.append(svg("rect", {
      class: `tone-${series[place].tone}`, x: left.toFixed(1), y: top.toFixed(1), width: wide.toFixed(1),
      height: Math.max(y(below) - top, 0.5).toFixed(1), rx: Math.min(wide / 8, 2),
    }));
    below += value;
  });
}
