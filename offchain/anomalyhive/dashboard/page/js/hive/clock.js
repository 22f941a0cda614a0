// The phases of a round as steps, with how far each has come and how long it may still take.

import { el, setText } from "../dom.js";
import { absolute, duration, number } from "../format.js";
import { meter } from "../charts.js";
import { MEANING, over, phaseOf, PHASES, tally } from "./story.js";

/** `{ node, update(round), tick(now) }`; `now` is the chain's time. */
export function phaseClock() {
  const steps = PHASES.map(step);
  const time = el("span", { class: "countdown" });
  const until = el("span", { class: "faint small until" });
  const node = el("div", { class: "clock" },
    el("ol", { class: "steps", "aria-label": "Phases of the round" }, steps.map((one) => one.node)),
    el("p", { class: "timer" }, time, until));
  let shown = null;
  return {
    node,
    update(round) {
      shown = round;
      steps.forEach((one, index) => one.update(round, stateOf(round, index)));
    },
    tick(now) {
      if (!shown) return;
      const words = timer(shown, now);
      setText(time, words.time);
      setText(until, words.until);
    },
  };
}

/** Whether a phase is "done", "now" or "ahead"; a round that was cancelled or stalled is in none of them. */
function stateOf(round, index) {
  if (phaseOf(round) === "final") return "done";
  const told = { over: "done", open: "now", ahead: "ahead" }[entry(round, PHASES[index])?.state] ?? "ahead";
  return told === "now" && PHASES[index] !== phaseOf(round) ? "ahead" : told;
}

function entry(round, phase) {
  return round.phases?.find((one) => one.name.toLowerCase() === phase);
}

function step(phase) {
  const [name, meaning] = MEANING[phase];
  const counted = el("span", { class: "counted" });
  const bar = meter("one", 100);
  const state = el("span", { class: "away" });
  const node = el("li", { class: "step" },
    el("span", { class: "step-name" }, el("span", { class: "step-sign", "aria-hidden": "true" }), name, state),
    el("span", { class: "step-meaning" }, meaning), bar.node, counted);
  return {
    node,
    update(round, where) {
      node.dataset.state = where;
      if (where === "now") node.setAttribute("aria-current", "step");
      else node.removeAttribute("aria-current");
      setText(state, { done: ", done", now: ", now", ahead: ", still to come" }[where]);
      const found = where === "ahead" ? null : tally(round, phase);
      setText(counted, found ? `${number(found.done)}${found.of ? ` of ${number(found.of)}` : ""}` : "\u00a0");
      bar.update(where === "done" ? 1 : found?.of ? found.done / found.of : 0);
    },
  };
}

/** What the clock says: how long the phase may still take, or what it waits for. */
function timer(round, now) {
  if (over(round)) {
    const end = round.ended_at ?? round.finalized_at;
    return { time: phaseOf(round) === "final" ? "Final" : "Cancelled", until: end ? `since ${absolute(end)}` : "" };
  }
  const phase = entry(round, phaseOf(round));
  const ends = round.ends_at ?? phase?.ends_at;
  if (!ends) return { time: "No deadline", until: "goes on with the next call" };
  const left = ends - now;
  if (left <= 0) return { time: "Time is up", until: `since ${duration(-left)}; goes on with the next call` };
  const early = phase?.quota && phaseOf(round) !== "tally" ? `; sooner when ${number(phase.quota)} have` : "";
  return { time: duration(left), until: `left, until ${absolute(ends).slice(11)}${early}` };
}
