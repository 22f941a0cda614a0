// What a view shows when it has nothing to show: not yet, nothing there, not to be had, not connected.

import { el, replace, visible } from "./dom.js";

/** Bars in the shape of what is coming. `lines` is how many. */
export function skeleton(lines = 6) {
  return el("div", { class: "skeleton", role: "status" },
    el("span", { class: "away" }, "Loading"),
    Array.from({ length: lines }, (_, index) => el("span", { class: `bone bone-${index % 3}`, "aria-hidden": "true" })));
}

/** Nothing there, and why, and what to do about it. */
export function empty(title, words = null, action = null) {
  return el("div", { class: "state empty" },
    el("div", { class: "comb", "aria-hidden": "true" }, "⬡ ⬡ ⬡"),
    el("p", { class: "strong" }, title), words && el("p", { class: "faint" }, words), action);
}

/** What went wrong in words, and a button to try again. */
export function failed(error, retry = null, title = "This could not be loaded.") {
  return el("div", { class: "state failed", role: "alert" },
    el("p", { class: "strong" }, title),
    el("p", {}, visible(sentence(error), 600)),
    error?.status ? el("p", { class: "faint small" }, `HTTP ${error.status}`, error.title ? `: ${visible(error.title, 200)}` : null) : null,
    retry && el("p", {}, el("button", { type: "button", class: "button", on: { click: retry } }, "Try again")));
}

function sentence(error) {
  if (error?.name === "Problem") return error.message;
  return error instanceof TypeError ? "A part of this page did not load or did not understand an answer." : String(error?.message ?? error);
}

/**
 * Load into `root`: bones, then what `render(answer)` gives, or the failure with a button that does it again.
 * Gives what was loaded, or null if it failed or the view was left meanwhile.
 */
export async function loaded(root, context, load, render, lines = 4) {
  replace(root, skeleton(lines));
  root.setAttribute("aria-busy", "true");
  try {
    const answer = await load();
    if (context.signal.aborted) return null;
    replace(root, render(answer));
    return answer;
  } catch (error) {
    if (context.signal.aborted) return null;
    replace(root, failed(error, () => loaded(root, context, load, render, lines)));
    return null;
  } finally {
    root.removeAttribute("aria-busy");
  }
}

const LINK = {
  connecting: ["connecting", "Connecting"],
  connected: ["live", "Live"],
  reconnecting: ["waiting", "Reconnecting"],
  disconnected: ["lost", "Disconnected"],
  chain: ["waiting", "Chain away"],
};

/** The word in the head of the page on how live it is. `problem` is the chain's, when the server itself is there. */
export function showLink(node, state, chainAway) {
  const [tone, word] = LINK[state === "connected" && chainAway ? "chain" : state];
  if (node.dataset.tone === tone && node.textContent === word) return;
  node.dataset.tone = tone;
  node.textContent = word;
}

/** The banner over a page whose figures may be old or not all there; nothing if they are. */
export function showBanner(node, { state, problem, connected, asOf, retry }) {
  const words = bannerWords(state, problem, connected);
  if (words === null) return void (node.childElementCount && replace(node));
  const key = `${state} ${problem} ${connected}`;
  if (node.dataset.said === key && node.childElementCount) return;
  node.dataset.said = key;
  replace(node, el("div", { class: "banner" },
    el("p", {}, el("strong", {}, words[0]), " ", words[1], asOf && words[2] ? ` What you see is as of ${asOf}.` : ""),
    state === "disconnected" ? el("button", { type: "button", class: "button", on: { click: retry } }, "Try now") : null));
}

/** The first words, the others, and whether what is shown may be old; null where all is well. */
function bannerWords(state, problem, connected) {
  if (state === "disconnected") return ["Disconnected.", "The dashboard's server does not answer; the page goes on trying.", true];
  if (state !== "connected" || !problem) return null;
  const said = visible(problem, 300).replace(/\.?$/, ".");
  return connected ? ["Not all is known yet:", said, false] : ["The chain cannot be read now:", said, true];
}
