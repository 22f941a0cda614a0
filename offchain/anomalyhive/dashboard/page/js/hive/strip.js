// Who takes part in a round, as cells of a comb with names: what each has done so far, and what it got for it.

import { el, keyed, setText, svg, visible } from "../dom.js";
import { number, tokens } from "../format.js";

const HEXAGON = "M16 2l12.1 7v14L16 30 3.9 23V9z";

const SIGNS = {
  good: "M10.5 16.5l4 4 7.5-9", bad: "M11 11l10 10M21 11l-10 10", one: "M11 16h.01M16 16h.01M21 16h.01", gold: "M10.5 16.5l4 4 7.5-9", waiting: "",
};

/** `{ node, update(participants, context) }` of one kind: "trainer" or "validator". */
export function strip(title, kind, unit) {
  const list = el("ul", { class: "cells" });
  const note = el("span", { class: "faint small" });
  const place = keyed(list, (one) => `${one.place}`, cell);
  const node = el("section", { "aria-label": title }, el("h3", { class: "strip-title" }, title, " ", note), list);
  return {
    node,
    update(participants, token) {
      const mine = participants.filter((one) => one.kind === kind);
      list.classList.toggle("many", mine.length > 40);
      setText(note, mine.length ? `${number(mine.length)} ${mine.length === 1 ? unit : `${unit}s`} taken` : `no ${unit} is taken`);
      place(mine.map((one) => ({ ...one, token })));
    },
  };
}

function cell() {
  const sign = svg("path", { class: "cell-sign" });
  const name = el("bdi", { class: "cell-name" });
  const words = el("span", { class: "cell-words" });
  const node = el("li", { class: "cell-tile" },
    svg("svg", { class: "comb-cell", width: 32, height: 32, viewBox: "0 0 32 32", "aria-hidden": "true" }, svg("path", { class: "comb-edge", d: HEXAGON }), sign),
    el("span", { class: "cell-text" }, name, words));
  return {
    node,
    update(one) {
      const said = one.kind === "trainer" ? trainer(one) : validator(one);
      node.dataset.tone = said.tone;
      sign.setAttribute("d", SIGNS[said.tone]);
      setText(name, visible(one.name || (one.node === null ? "nobody" : `node ${one.node}`), 200));
      setText(words, said.words);
      words.title = said.words;
      node.title = `${one.kind === "trainer" ? "Shard" : "Seat"} ${one.place}, node ${one.node}`;
    },
  };
}

function pay(one) {
  return one.reward && one.reward !== "0" ? `, ${tokens(one.reward, one.token)}` : "";
}

/** A trainer's state in words, and the tone of its cell. */
function trainer(one) {
  if (one.accepted === true) return { tone: "good", words: `accepted${one.score ? `, score ${one.score}` : ""}${pay(one)}` };
  if (one.accepted === false && one.submitted) return { tone: "bad", words: `rejected${one.reason ? `: ${visible(one.reason, 300)}` : ""}` };
  return one.submitted ? { tone: "one", words: "update sent" } : { tone: "waiting", words: "no update yet" };
}

function validator(one) {
  if (one.slashed && one.slashed !== "0") return { tone: "bad", words: `${tokens(one.slashed, one.token)} of its stake burned${one.reason ? `: ${visible(one.reason, 300)}` : ""}` };
  if (one.attested) return { tone: "good", words: `model attested${pay(one)}` };
  if (one.revealed) return { tone: "gold", words: `verdict revealed${pay(one)}` };
  return one.committed ? { tone: "one", words: "verdict committed" } : { tone: "waiting", words: "no verdict yet" };
}
