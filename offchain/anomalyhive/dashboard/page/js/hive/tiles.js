// The figures that tell at a glance how a hive is doing.

import { sparkline } from "../charts.js";
import { el, setText } from "../dom.js";
import { count, fraction, measure, number, quality, tokens, total } from "../format.js";
import { measures } from "./history.js";
import { phaseOf } from "./story.js";

/** `{ node, update(rounds, hive, nodes) }`, rounds oldest first. */
export function tiles() {
  const spark = sparkline();
  const made = {
    quality: tile("Quality of the model", spark.node),
    rounds: tile("Rounds finished"),
    updates: tile("Updates accepted"),
    paid: tile("Earned by nodes"),
    gas: tile("Gas of a round"),
  };
  const node = el("section", { class: "tiles five", "aria-label": "Key figures" }, Object.values(made).map((one) => one.node));
  return {
    node,
    update(rounds, hive, nodes) {
      showQuality(made.quality, spark, rounds);
      showCounts(made, rounds, hive, nodes);
    },
  };
}

function tile(name, extra = null) {
  const value = el("span", { class: "value" }, "–");
  const under = el("span", { class: "under" });
  const node = el("div", { class: "card tile" }, el("span", { class: "name" }, name), value, under, extra);
  return { node, say(text, words = "") { setText(value, text); setText(under, words); } };
}

function showQuality(box, spark, rounds) {
  const [name] = measures(rounds);
  const known = rounds.map((one) => fraction(one.quality?.[name])).filter((one) => one !== null);
  spark.update(known.slice(-40));
  box.say(known.length ? quality(known.at(-1)) : "–", name ? measure(name).toLowerCase() : "not measured");
}

function showCounts(made, rounds, hive, nodes) {
  const finals = rounds.filter((one) => phaseOf(one) === "final");
  // The hive counts all rounds; of a very long one, only the latest are here.
  const finished = Math.max(finals.length, hive?.rounds_final ?? 0);
  const cancelled = rounds.filter((one) => phaseOf(one) === "cancelled").length;
  made.rounds.say(hive?.rounds_total ? `${number(finished)} of ${number(hive.rounds_total)}` : number(finished), cancelled ? `${count(cancelled, "round")} cancelled` : "none cancelled");
  const sum = (field) => Math.max(...[nodes, rounds].map((all) => all.reduce((so, one) => so + Number(one[field] ?? 0), 0)));
  made.updates.say(number(sum("accepted")), sum("rejected") ? `${number(sum("rejected"))} rejected` : "none rejected");
  made.paid.say(tokens(total(nodes.map((one) => one.earned)), hive?.token, 0), `by ${count(finished, "round")}`);
  const last = finals.filter((one) => one.gas !== null && one.gas !== undefined).at(-1);
  made.gas.say(last ? number(last.gas) : "–", last ? `the last, round ${number(last.round)}` : "no receipts known");
}
