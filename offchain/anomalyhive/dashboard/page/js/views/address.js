// An address: what the hive thinks of it, since when, why, what the chain says of it, and its alerts.

import { checksummed, readAddress } from "../address.js";
import { lineChart } from "../charts.js";
import { copyButton, el, replace, stranger, visible } from "../dom.js";
import { absolute, basisPoints, count, number, relative } from "../format.js";
import { empty, failed, skeleton } from "../states.js";
import { modelLink, reasonsOf } from "../watch/alert.js";
import { alertList } from "../watch/list.js";
import { lookup } from "../watch/lookup.js";
import { mark } from "../watch/scale.js";
import { statisticsPart } from "../watch/statistics.js";
import { severity } from "../watch/words.js";

const SOURCES = {
  watch: "Scored by this watch",
  feed: "Known from the alert feed on chain alone: this watch has not scored it",
};

const VERDICTS = {
  flagged: "dangerous: at the threshold or above it",
  clear: "below the threshold",
};

/** Seconds that a history lasts at least → how exactly its times are marked, as a step in seconds. */
const STEPS = [[2 * 86400, 86400], [1200, 60], [0, 1]];

/** Seconds between two loads while blocks come. */
const BETWEEN = 4;

/** The view; see main.js for what a view is given. */
export async function show(root, params, context) {
  const read = readAddress(params.address);
  if (read.problem) return wrong(root, params.address, read.problem);
  const { address } = read;
  const full = checksummed(address);
  context.title(`${full.slice(0, 10)}…`);
  const parts = { risk: el("div", { class: "card" }, skeleton(3)), chain: el("section", { class: "card" }, skeleton(3)), history: historyPart(), statistics: statisticsPart() };
  const list = alertList(context, { fixed: { address }, nothing: () => empty("No alert was raised about this address.") });
  replace(root,
    el("div", { class: "title-row" }, el("h1", {}, "Address"), lookup(full)),
    el("p", { class: "whole-address" }, el("code", {}, full), copyButton(full, "address")),
    el("div", { class: "address-grid" }, parts.risk, parts.chain),
    parts.history.node,
    parts.statistics.node,
    el("section", { "aria-labelledby": "alerts-title" }, el("h2", { id: "alerts-title" }, "Alerts about it"), list.node));

  const load = () => loadAll(context, address, parts);
  let stale = false;
  let ticks = 0;
  const ours = (alert) => { if (alert.address === address) { list.arrived(alert); stale = true; } };
  context.listen("alert", ours);
  context.listen("withdrawal", (withdrawal) => { list.ended(withdrawal); stale = true; });
  context.listen("block", () => { stale = true; });
  context.listen("resumed", () => { stale = true; list.catchUp(); });
  context.listen("tick", () => {
    ticks += 1;
    if (ticks % BETWEEN === 0) list.tick();
    if (!stale || ticks % BETWEEN || document.visibilityState !== "visible") return;
    stale = false;
    load();
  });
  await Promise.all([load(), list.load()]);
  return undefined;
}

function wrong(root, typed, problem) {
  replace(root,
    el("div", { class: "title-row" }, el("h1", {}, "Address"), lookup(visible(typed, 200))),
    el("div", { class: "state failed", role: "alert" },
      el("p", { class: "strong" }, "This is no address."),
      el("p", {}, stranger(typed, 200)),
      el("p", {}, problem)));
}

async function loadAll(context, address, parts) {
  const get = (path) => context.api.get(path, { signal: context.signal });
  const [risk, known] = await Promise.allSettled([get(`/v1/risk/${address}`), get(`/v1/addresses/${address}`)]);
  if (context.signal.aborted) return;
  const again = () => loadAll(context, address, parts);
  // A live page disturbs neither a selection nor what is open, unless there is something new.
  const key = JSON.stringify(risk.value ?? null);
  if (risk.status === "fulfilled" && parts.known === key) {
    // Nothing is new.
  } else if (risk.status === "fulfilled") {
    parts.known = key;
    replace(parts.risk, riskOf(risk.value));
    replace(parts.chain, chainOf(risk.value, context));
  } else if (parts.known === undefined) {
    replace(parts.risk, failed(risk.reason, again, "What the hive thinks of it could not be loaded."));
    replace(parts.chain, el("h2", {}, "On chain"), el("p", { class: "faint" }, "Not known either."));
  }
  if (known.status === "fulfilled") {
    parts.history.draw(known.value.history ?? []);
    parts.statistics.draw(known.value.statistics ?? []);
  } else parts.history.broke(known.reason, again);
}

function riskOf(risk) {
  if (risk.source === "none" || risk.probability_bp === null) {
    return [el("h2", {}, "What the hive thinks"),
      empty("Nothing is known of this address.", "The watch has seen no transaction of it that moved its score, and no monitor has flagged it. That is no proof that it is harmless.")];
  }
  return [
    el("h2", {}, "What the hive thinks"),
    el("p", { class: "gauge" },
      el("span", { class: "gauge-value", data: { severity: severity(risk.probability_bp) } }, basisPoints(risk.probability_bp)),
      el("span", { class: "faint" }, "probability that it is what the task looks for")),
    risk.problem ? el("p", { class: "note warn-note" }, visible(risk.problem, 300)) : null,
    el("dl", { class: "facts" },
      pair("Verdict", VERDICTS[risk.verdict] ?? el("span", { class: "faint" }, "none: no threshold was chosen")),
      pair("Category", risk.category ? stranger(risk.category, 80) : "unknown"),
      pair("As of", [risk.block ? `block ${number(risk.block)}, ` : "", absolute(risk.as_of)]),
      pair("Model", modelLink(risk.model)),
      pair("Source", SOURCES[risk.source] ?? stranger(risk.source, 80))),
    el("h3", {}, "Reasons"),
    reasonsOf(risk.reasons ?? [], 6),
  ];
}

function chainOf({ on_chain: said, problem }, context) {
  const title = el("h2", {}, "What the chain says");
  if (!said && context.hive?.offers?.feed) return [title, el("p", { class: "note warn-note" }, "The alert feed could not be asked. ", visible(problem ?? "", 300))];
  if (!said) return [title, empty("No alert feed is asked.", "With --feed ADDRESS the dashboard also shows what monitors have put on chain about an address.")];
  const flag = said.flagged
    ? el("span", { class: "tag bad" }, "Flagged")
    : el("span", { class: "tag" }, "Not flagged");
  return [
    title,
    el("p", {}, flag, said.appealed ? [" ", el("span", { class: "tag warn" }, "Appealed")] : null),
    el("p", { class: "faint small" }, said.flagged
      ? "A quorum of monitors with stake agrees on it; contracts that ask the feed see this flag."
      : "No quorum of monitors agrees that this address is dangerous."),
    said.appealed ? el("p", { class: "small" }, "Somebody put up a bond against the alerts. The flag stays until the task’s validators have decided.") : null,
    el("dl", { class: "facts" },
      pair("Monitors", count(said.monitors ?? 0, "live alert")),
      said.probability_bp ? pair("Probability", `${basisPoints(said.probability_bp)}, the lower median of theirs`) : null,
      said.monitors ? pair("Category", stranger(said.category ?? "unknown", 80)) : null,
      said.expiry ? pair("Until", `${absolute(said.expiry)} (${relative(said.expiry, context.now())})`) : null,
      said.model ? pair("Model", modelLink(said.model)) : null),
  ];
}

function historyPart() {
  const chart = lineChart({
    title: "Probability over time", x: "Block", low: 0, high: 100, area: true,
    series: [{ name: "Probability", tone: "one", shown: (value) => `${value.toFixed(2)} %` }],
    said: (value) => `${value} %`,
  });
  const body = el("div", {}, skeleton(3));
  const node = el("section", { class: "card", "aria-label": "Probability over time" }, body);
  return {
    node,
    draw(history) {
      if (!history.length) return void replace(body, el("h2", {}, "Probability over time"), empty("There is no history of it.", "Scores are kept of addresses whose score moved, or that ever had an alert."));
      if (!body.contains(chart.node)) replace(body, chart.node);
      const seconds = history.at(-1).time - history[0].time;
      const step = STEPS.find(([least]) => seconds >= least)[1];
      chart.update(history.map((one) => ({ x: one.time, label: `Block ${number(one.block)}`, short: mark(one.time, step), values: [one.probability_bp / 100], note: [absolute(one.time), one.category && visible(one.category, 60)].filter(Boolean).join(", ") })));
      return undefined;
    },
    broke(error, again) { if (!body.contains(chart.node)) replace(body, failed(error, again, "Its history could not be loaded.")); },
  };
}

function pair(name, value) {
  return [el("dt", {}, name), el("dd", {}, value)];
}
