// The rounds so far, the newest first, each with a way to its model.

import { el, keyed, replace, setAttribute, setText } from "../dom.js";
import { fraction, measure, number, quality, relative, tokens } from "../format.js";
import { measures } from "./history.js";
import { phaseOf } from "./story.js";

const FIRST = 10;

/** `{ node, update(rounds, hive, now) }`, rounds oldest first. */
export function roundsTable() {
  const body = el("tbody");
  const place = keyed(body, (one) => String(one.round), row);
  const head = el("th", { scope: "col", class: "n" }, "Quality");
  const more = el("button", { type: "button", class: "button", hidden: true }, "Show all rounds");
  let all = false;
  let last = [[], null, 0];
  const draw = () => {
    const [rounds, hive, now] = last;
    const newest = rounds.toReversed();
    const [name] = measures(rounds);
    setText(head, name ? measure(name) : "Quality");
    place((all ? newest : newest.slice(0, FIRST)).map((one) => ({ ...one, name, now, token: hive?.token })));
    more.hidden = all || rounds.length <= FIRST;
    if (rounds.length === 0) replace(body, el("tr", {}, el("td", { colspan: 7, class: "faint" }, "No round was opened yet.")));
  };
  more.addEventListener("click", () => { all = true; draw(); });
  const node = el("section", { class: "card", "aria-labelledby": "rounds" }, el("h2", { id: "rounds" }, "Rounds"),
    el("div", { class: "scroll", tabindex: "0", role: "region", "aria-labelledby": "rounds" }, el("table", { class: "cards" },
      el("thead", {}, el("tr", {}, ["Round", "State"].map((one) => el("th", { scope: "col" }, one)), ["Accepted", "Rejected"].map((one) => el("th", { scope: "col", class: "n" }, one)), head,
        ["Reward", "Opened"].map((one) => el("th", { scope: "col", class: "n" }, one)))), body)),
    el("p", {}, more));
  return { node, update(rounds, hive, now) { last = [rounds, hive, now]; draw(); } };
}

const TONES = { final: "good", cancelled: "bad", stalled: "warn" };

function row() {
  const link = el("a", {});
  const tag = el("span", { class: "tag" });
  const cells = ["Accepted", "Rejected", "Quality", "Reward", "Opened"].map((label) => el("td", { class: "n", data: { label } }));
  const node = el("tr", {}, el("th", { scope: "row" }, link), el("td", {}, tag), cells);
  return {
    node,
    update(one) {
      const phase = phaseOf(one);
      setText(link, `Round ${number(one.round)}`);
      setAttribute(link, "href", one.model ? `#/lineage/${encodeURIComponent(one.model)}` : null);
      setText(tag, phase);
      tag.className = `tag ${TONES[phase] ?? "one"}`;
      const texts = [one.accepted === null ? `${number(one.updates)} sent` : `${number(one.accepted)} of ${number(one.updates)}`, number(one.rejected), quality(fraction(one.quality?.[one.name])), tokens(one.reward, one.token, 0), relative(one.opened_at, one.now)];
      cells.forEach((cell, index) => setText(cell, texts[index]));
    },
  };
}
