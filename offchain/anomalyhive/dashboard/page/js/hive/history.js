// Charts over the rounds: quality, participation, gas.

import { barChart, lineChart } from "../charts.js";
import { el, setText } from "../dom.js";
import { count, fraction, measure, number, quality } from "../format.js";
import { phaseOf } from "./story.js";

/** Measures drawn first, where a hive has them; else the first two that it has. */
const FAVOURITES = ["average_precision", "macro_average_precision", "roc_auc", "macro_f1"];

/** Names of the measures that the rounds have, at most two. */
export function measures(rounds) {
  const names = new Set(rounds.flatMap((one) => Object.entries(one.quality ?? {}).filter(([, value]) => fraction(value) !== null).map(([name]) => name)));
  return [...FAVOURITES.filter((one) => names.has(one)), ...[...names].filter((one) => !FAVOURITES.includes(one))].slice(0, 2);
}

/** `{ node, update(rounds) }`, rounds oldest first. */
export function history() {
  const qualityBox = el("div", { class: "card" });
  const taken = participation();
  const spent = gas();
  let drawn = null;
  let told = null;
  const node = el("div", { class: "grid charts" }, qualityBox, el("div", { class: "card" }, taken.node), el("div", { class: "card" }, spent.node));
  return {
    node,
    update(rounds) {
      // Most acts of a round change none of this, and a thousand bars are not drawn for nothing.
      const wanted = JSON.stringify(rounds.map((one) => [one.round, one.phase, one.updates, one.accepted, one.verdicts, one.gas, one.quality]));
      if (wanted === told) return;
      told = wanted;
      const names = measures(rounds);
      if (drawn?.key !== names.join()) {
        drawn = { key: names.join(), ...qualityChart(names) };
        qualityBox.replaceChildren(drawn.node);
      }
      drawn.update(rounds);
      taken.update(rounds.map(shares));
      spent.update(rounds.filter((one) => one.gas !== null && one.gas !== undefined).map((one) => ({ ...labels(one), values: [Number(one.gas)], texts: [`${number(one.gas)} gas`] })));
    },
  };
}

function labels(one) {
  const phase = phaseOf(one);
  return { x: one.round, label: `Round ${one.round}`, short: String(one.round), note: phase && phase !== "final" ? `not final: ${phase}` : null };
}

function qualityChart(names) {
  const series = names.map((name, index) => ({ name: measure(name), tone: index ? "two" : "one", shown: (value) => quality(value) }));
  const fallback = [{ name: "Quality", tone: "one", shown: quality }];
  const chart = lineChart({ title: "Quality of each round's model", x: "Round", series: names.length ? series : fallback, none: "There are no rows to measure quality on" });
  const note = el("p", { class: "faint small" });
  return {
    node: el("div", {}, chart.node, note),
    update(rounds) {
      chart.update(names.length ? rounds.filter((one) => one.quality).map((one) => ({ ...labels(one), values: names.map((name) => fraction(one.quality[name])) })) : []);
      setText(note, names.length ? "Measured on rows that no node learned from; 1 is perfect." : "Quality is measured where a run keeps rows that no node learns from.");
    },
  };
}

function participation() {
  return barChart({
    title: "Updates in each round", x: "Round", whole: true,
    series: [
      { name: "accepted", tone: "good", shown: number }, { name: "rejected", tone: "bad", shown: number },
      { name: "not judged yet", tone: "open", shown: number },
    ],
  });
}

function shares(one) {
  const [accepted, rejected] = [Number(one.accepted ?? 0), Number(one.rejected ?? 0)];
  const verdicts = `${count(one.verdicts ?? 0, "verdict")} revealed`;
  const base = labels(one);
  return { ...base, note: base.note ? `${verdicts}; ${base.note}` : verdicts, values: [accepted, rejected, Math.max(Number(one.updates ?? 0) - accepted - rejected, 0)] };
}

function gas() {
  return barChart({ title: "Gas paid in each round", x: "Round", series: [{ name: "Gas", tone: "gold", shown: number }] });
}
