// Lines over rounds or time, with a light area under the first.

import { svg } from "../dom.js";
import { axes, frame } from "./frame.js";
import { linear, MARGIN, tick, ticks } from "./scale.js";

/**
 * Besides what charts.js says: `low`, `high` hold the ends of the vertical axis (else those of the figures); `level`
 * `{ value, name }` draws a line across; `area: false` leaves the area out; `said(value)` writes figures at the axis.
 */
export function lineChart(options) {
  return frame(options, (drawing, points, size) => draw(drawing, points, size, options));
}

function draw(drawing, points, size, { series, low, high, level, area = true, said = tick }) {
  const known = points.flatMap((one) => one.values).filter((one) => one !== null && one !== undefined);
  const least = low ?? Math.min(...known, ...(level ? [level.value] : []));
  const most = high ?? Math.max(...known, ...(level ? [level.value] : []));
  const scale = known.length || level ? ticks(least, most) : ticks(0, 1);
  const y = linear(scale.low, scale.high, size.height - MARGIN.bottom, MARGIN.top);
  const x = linear(points[0].x, points.at(-1).x, MARGIN.left + 6, size.width - MARGIN.right - 6);
  const at = points.map((one) => x(one.x));
  axes(drawing, { values: scale.values, y, said }, points, at, size);
  if (level) threshold(drawing, level, y(level.value), size);
  series.forEach((one, place) => stroke(drawing, one, points.map((point) => point.values[place]), at, y, area && place === 0, y(scale.low)));
  return at;
}

function threshold(drawing, { name }, height, { width }) {
  drawing.append(
    svg("path", { class: "level", d: `M${MARGIN.left} ${height}H${width - MARGIN.right}` }),
    svg("text", { class: "tick", x: width - MARGIN.right, y: height - 5, "text-anchor": "end" }, name));
}

function stroke(drawing, { tone }, values, at, y, area, floor) {
  for (const run of runs(values)) {
    const line = run.map((index, place) => `${place ? "L" : "M"}${at[index].toFixed(1)} ${y(values[index]).toFixed(1)}`).join("");
    if (area && run.length > 1) {
      drawing.append(svg("path", { class: `area tone-${tone}`, d: `${line}L${at[run.at(-1)].toFixed(1)} ${floor}L${at[run[0]].toFixed(1)} ${floor}Z` }));
    }
    drawing.append(svg("path", { class: `line tone-${tone}`, d: line }));
  }
  // Dots on every figure as long as each can be told from the next.
  const spread = values.length < 2 || (at.at(-1) - at[0]) / (values.length - 1) > 14;
  values.forEach((value, index) => {
    if (value === null || value === undefined) return;
    if (spread || index === values.length - 1) drawing.append(svg("circle", { class: `dot tone-${tone}`, cx: at[index], cy: y(value), r: 3.5 }));
  });
}

/** Stretches of figures without a gap, as lists of their indices. */
function runs(values) {
  const found = [];
  values.forEach((value, index) => {
    if (value === null || value === undefined) return;
    const open = found.at(-1);
    if (open && open.at(-1) === index - 1) open.push(index);
    else found.push([index]);
  });
  return found;
}
