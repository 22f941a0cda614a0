// Alerts and analysis: anomaly over time with its peaks, and the alerts with category and reasons.

import { readAddress } from "../address.js";
import { el, replace, setText } from "../dom.js";
import { absolute, count } from "../format.js";
import { empty, failed, skeleton } from "../states.js";
import { anomalyChart } from "../watch/anomaly.js";
import { filters } from "../watch/filters.js";
import { alertList, nothingFound, noWatch } from "../watch/list.js";
import { lookup } from "../watch/lookup.js";

/** Spans of time across the drawing: one for so many pixels, within these bounds. */
const PIXELS = 10;
const FEWEST = 30;
const MOST = 160;

/** Seconds between two loads of the drawing while blocks come. */
const BETWEEN = 5;

/** Seconds between two looks at the ages of alerts. */
const AGES = 15;

/** The view; see main.js for what a view is given. */
export async function show(root, params, context) {
  const chosen = readQuery(params.query);
  const list = alertList(context, {
    nothing: (filtered) => nothingFound(filtered, watches(context)),
    seen: (shown) => filter.categories(shown.map((one) => one.category)),
  });
  const filter = filters(chosen, (wanted) => { Object.assign(chosen, wanted); apply(); });
  const anomaly = anomalyPart(context, (range) => { Object.assign(chosen, { from_block: range?.from ?? null, to_block: range?.to ?? null }); apply(); anomaly.load(chosen); });

  function apply() {
    context.setQuery(chosen);
    list.load(chosen);
  }

  filter.categories(context.hive?.classes ?? []);
  replace(root,
    el("div", { class: "title-row" }, el("h1", {}, "Alerts and analysis"), lookup()),
    anomaly.node,
    el("section", { "aria-labelledby": "alerts-title" },
      el("h2", { id: "alerts-title" }, "Alerts"), filter.node, list.node));

  context.listen("alert", (alert) => { list.arrived(alert); anomaly.stale(); });
  context.listen("withdrawal", (withdrawal) => { list.ended(withdrawal); anomaly.stale(); });
  context.listen("block", () => anomaly.stale());
  context.listen("resumed", () => { list.catchUp(); anomaly.stale(); });
  context.listen("hive", (hive) => filter.categories(hive.classes ?? []));
  let ticks = 0;
  context.listen("tick", () => {
    ticks += 1;
    if (ticks % AGES === 0) list.tick();
    if (ticks % BETWEEN === 0) anomaly.refresh(chosen);
  });
  await Promise.all([anomaly.load(chosen), list.load(chosen)]);
  if (params.id) list.open(params.id);
  const leave = () => anomaly.stop();
  leave.changed = ({ id, query }) => {
    const wanted = readQuery(query);
    // A peak leads to its alert from any range and filter, and both stay.
    if (id) return void list.open(id).then(() => context.setQuery(chosen));
    Object.assign(chosen, wanted);
    filter.set(chosen);
    anomaly.load(chosen);
    list.load(chosen);
  };
  return leave;
}

function readQuery(query) {
  const given = Object.fromEntries(["category", "state", "text"].map((name) => [name, (query.get(name) ?? "").slice(0, 200)]));
  const address = readAddress(query.get("address") ?? "").address ?? "";
  const [first, last] = ["from_block", "to_block"].map((name) => (/^\d{1,12}$/.test(query.get(name) ?? "") ? Number(query.get(name)) : null));
  return { ...given, address, from_block: first, to_block: last };
}

/** Whether there is a watch to read, as far as the server has said. */
const watches = (context) => context.hive?.offers?.watch !== false;

function anomalyPart(context, choose) {
  const chart = anomalyChart(choose);
  const words = el("p", { class: "faint small", role: "status" });
  const whole = el("button", { type: "button", class: "button", hidden: true, on: { click: () => choose(null) } }, "Show all of the time");
  const body = el("div", { class: "anomaly-body" }, skeleton(4));
  const node = el("section", { class: "card", "aria-labelledby": "anomaly-title" },
    el("div", { class: "title-row" }, el("h2", { id: "anomaly-title" }, "Anomaly over time"), whole),
    words, body);
  const state = { stale: false, turn: 0, drawn: false };

  async function load({ from_block: first, to_block: last }) {
    const turn = (state.turn += 1);
    state.stale = false;
    try {
      const found = await context.api.get("/v1/anomaly", { query: { buckets: Math.min(Math.max(Math.floor(body.clientWidth / PIXELS), FEWEST), MOST), from_block: first, to_block: last }, signal: context.signal });
      if (turn !== state.turn) return;
      draw(found, first !== null || last !== null);
    } catch (error) {
      if (context.signal.aborted || turn !== state.turn) return;
      // What is drawn stays: it is old, and the banner says so.
      if (!state.drawn) replace(body, failed(error, () => load({ from_block: first, to_block: last }), "The anomaly could not be loaded."));
    }
  }

  function draw(found, ranged) {
    whole.hidden = !ranged;
    const { buckets } = found;
    if (!buckets.length) {
      state.drawn = false;
      setText(words, "");
      return void replace(body, ranged
        ? empty("Nothing was watched in this time.")
        : watches(context) ? empty("Nothing has been watched yet.", "The score of every block is drawn here from the first that the watch follows.") : noWatch());
    }
    setText(words, `${absolute(buckets[0].from_time)} to ${absolute(buckets.at(-1).to_time)}, ${count(found.peaks?.length ?? 0, "peak")}. Drag, or use Shift and the arrow keys, to choose a range.`);
    if (!state.drawn) replace(body, chart.node);
    state.drawn = true;
    chart.draw(found);
  }

  return {
    node,
    load,
    stale() { state.stale = true; },
    refresh(range) { if (state.stale && document.visibilityState === "visible") load(range); },
    stop() { chart.stop(); },
  };
}
