// Drawings within a line of text: they repeat figures that stand beside them, so that screen readers skip them.

import { svg } from "../dom.js";
import { linear } from "./scale.js";

/** A line without axes; `update(values)`, null is left out. */
export function sparkline(tone = "one", width = 120, height = 32) {
  const line = svg("path", { class: `line tone-${tone}` });
  const dot = svg("circle", { class: `dot tone-${tone}`, r: 3 });
  const node = svg("svg", { class: "spark", width, height, viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" }, line, dot);
  return { node, update: (values) => draw(line, dot, values.filter((one) => one !== null && one !== undefined), width, height) };
}

function draw(line, dot, known, width, height) {
  dot.toggleAttribute("hidden", known.length === 0);
  if (known.length === 0) return line.removeAttribute("d");
  const x = linear(0, Math.max(known.length - 1, 1), 4, width - 4);
  const y = linear(Math.min(...known), Math.max(...known), height - 4, 4);
  line.setAttribute("d", known.map((one, index) => `${index ? "L" : "M"}${x(index).toFixed(1)} ${y(one).toFixed(1)}`).join(""));
  dot.setAttribute("cx", x(known.length - 1).toFixed(1));
  return dot.setAttribute("cy", y(known.at(-1)).toFixed(1));
}

/** A bar as long as a share from 0 to 1; `update(share)`. */
export function meter(tone = "one", width = 96) {
  const bar = svg("rect", { class: `tone-${tone}`, width: 0, height: 8, rx: 4 });
  const node = svg("svg", { class: "meter", viewBox: `0 0 ${width} 8`, width, height: 8, preserveAspectRatio: "none", "aria-hidden": "true" },
    svg("rect", { class: "track", width, height: 8, rx: 4 }), bar);
  return { node, update: (share) => bar.setAttribute("width", (width * Math.min(Math.max(share, 0), 1)).toFixed(1)) };
}
