// The models as a chain, oldest first, to be walked by pointer or with the arrow keys.

import { el, keyed, setAttribute, setText, svg } from "../dom.js";
import { count, number } from "../format.js";

/** Radius of the ring around a model, in pixels. */
const RING = 20;

const ROUND_ABOUT = 2 * Math.PI * RING;

/** Where a key leads: from an index, with so many models. */
const KEYS = { ArrowLeft: (i) => i - 1, ArrowRight: (i) => i + 1, Home: () => 0, End: (_, n) => n - 1, PageUp: (i) => i - 10, PageDown: (i) => i + 10 };

export const place = (digest) => `#/lineage/${encodeURIComponent(digest)}`;

/**
 * `{ node, update(models), choose(digest) }`. `go(digest)` is called where a key leads to another model; a click is
 * the browser's, by the link's address.
 */
export function chain(go) {
  const list = el("ol", { class: "links" });
  const node = el("nav", { class: "chain-strip", "aria-label": "Models, the oldest first" }, list);
  const put = keyed(list, (one) => one.digest, link);
  const state = { models: [], chosen: null };
  // One of them is in the order of Tab: the chosen one, or the newest where what is chosen is not among them.
  const show = () => {
    const first = state.models.some((one) => one.digest === state.chosen) ? state.chosen : state.models.at(-1)?.digest;
    put(state.models.map((one) => ({ ...one, chosen: one.digest === state.chosen, first: one.digest === first })));
  };
  list.addEventListener("keydown", (event) => {
    const step = KEYS[event.key];
    if (!step || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const n = state.models.length;
    const at = state.models.findIndex((one) => one.digest === state.chosen);
    go(state.models[Math.min(Math.max(step(at < 0 ? n - 1 : at, n), 0), n - 1)].digest);
  });
  return {
    node,
    update(models) {
      const atEnd = node.scrollLeft + node.clientWidth >= node.scrollWidth - 4;
      state.models = models;
      show();
      if (atEnd) node.scrollLeft = node.scrollWidth;
    },
    choose(digest, focus = false) {
      state.chosen = digest;
      show();
      const found = list.querySelector("[aria-current]");
      if (!found) return;
      node.scrollLeft = found.parentElement.offsetLeft - node.clientWidth / 2 + found.parentElement.offsetWidth / 2;
      if (focus) found.focus({ preventScroll: true });
    },
  };
}

/** One model: a disc with its round, around it a ring of accepted and rejected. */
function link() {
  const arcs = ["accepted", "rejected"].map((name) => svg("circle", { class: `arc ${name}`, cx: 38, cy: 28, r: RING, transform: "rotate(-90 38 28)" }));
  const label = svg("text", { x: 38, y: 32, class: "disc-number" });
  const under = el("span");
  const behind = svg("circle", { class: "behind", cx: 38, cy: 28 });
  const anchor = el("a", {}, svg("svg", { width: 76, height: 56, viewBox: "0 0 76 56", "aria-hidden": "true" },
    svg("path", { class: "rail", d: "M0 28h76" }), behind, arcs,
    svg("circle", { class: "disc", cx: 38, cy: 28, r: 14 }), label), under);
  const node = el("li", {}, anchor);
  return { node, update: (one) => showLink({ anchor, behind, arcs, label, under }, one) };
}

function showLink({ anchor, behind, arcs, label, under }, one) {
  anchor.setAttribute("href", place(one.digest));
  anchor.tabIndex = one.first ? 0 : -1;
  setAttribute(anchor, "aria-current", one.chosen ? "true" : null);
  const genesis = one.round === 0;
  behind.setAttribute("r", genesis ? 16 : 24);
  setText(label, genesis ? "⬡" : number(one.round));
  setText(under, genesis ? "genesis" : `${number(one.accepted)}/${number(one.updates)}`);
  anchor.setAttribute("aria-label", genesis ? "Genesis, the model of the spec" : `Model of round ${one.round}, ${one.accepted} of ${count(one.updates, "update")} accepted`);
  ring(arcs, genesis ? [0, 0] : [one.accepted, one.rejected]);
}

/** Arcs of one circle, clockwise from the top, each as long as its share. */
function ring(arcs, counts) {
  const whole = counts.reduce((sum, one) => sum + one, 0) || 1;
  let begun = 0;
  arcs.forEach((arc, index) => {
    const length = (ROUND_ABOUT * counts[index]) / whole;
    arc.setAttribute("stroke-dasharray", `${length.toFixed(2)} ${(ROUND_ABOUT - length).toFixed(2)}`);
    arc.setAttribute("stroke-dashoffset", (-begun).toFixed(2));
    arc.toggleAttribute("hidden", counts[index] === 0);
    begun += length;
  });
}
