// The alerts, newest first, a page at a time. What arrives meanwhile waits behind a button, so that nothing moves under
// who reads; what is withdrawn stays where it is and says why.

import { el, keyed, replace, setText, tell } from "../dom.js";
import { count, number } from "../format.js";
import { empty, failed, skeleton } from "../states.js";
import { alertCard, cardId } from "./alert.js";
import { matches } from "./words.js";

const PAGE = 25;

/** Alerts that wait at most: of more, the list is loaded anew when they are asked for. */
const MOST_WAITING = 200;

/**
 * `{ node, load(filter), arrived(alert), catchUp(), ended(withdrawal), open(id), tick() }`.
 * `filter` is {category, state, address, text, from_block, to_block}; `fixed` is laid over it; `nothing(filter)` words an empty list,
 * and `seen(alerts)` hears of all that are shown.
 */
export function alertList(context, { fixed = {}, nothing, seen = () => {} }) {
  const items = el("div", { class: "alert-list", role: "feed", "aria-busy": "false" });
  const fresh = el("button", { type: "button", class: "button fresh", hidden: true, on: { click: () => takeFresh() } });
  const atOnce = el("input", { type: "checkbox", on: { change: () => atOnce.checked && takeFresh() } });
  const foot = el("div", { class: "list-foot" });
  const node = el("div", { class: "alerts" },
    el("label", { class: "small check" }, atOnce, "Add new ones at once"),
    el("div", { class: "fresh-place", "aria-live": "polite" }, fresh),
    items, foot);
  const state = { filter: {}, shown: [], waiting: new Map(), next: null, turn: 0, cards: new Map(), overflown: false };
  const show = keyed(items, (one) => one.id, (one) => {
    const card = alertCard(one);
    state.cards.set(one.id, card);
    return card;
  });

  const query = () => ({ ...state.filter, ...fixed });

  /** Load the first page; what was shown stays until it is there. */
  async function load(filter = state.filter) {
    const turn = (state.turn += 1);
    state.filter = filter;
    if (!state.shown.length) replace(foot, skeleton(5));
    items.setAttribute("aria-busy", "true");
    try {
      const { items: found, next } = await context.api.list("/v1/alerts", { query: query(), signal: context.signal, most: PAGE });
      if (turn !== state.turn) return;
      Object.assign(state, { next, overflown: false });
      state.waiting.clear();
      put(found);
    } catch (error) {
      if (context.signal.aborted || turn !== state.turn) return;
      put([]);
      replace(foot, failed(error, () => load(), "The alerts could not be loaded."));
    } finally {
      if (turn === state.turn) items.setAttribute("aria-busy", "false");
    }
  }

  async function more() {
    const turn = state.turn;
    const last = state.shown.at(-1);
    replace(foot, skeleton(2));
    try {
      const page = await context.api.list("/v1/alerts", { query: { ...query(), after: state.next }, signal: context.signal, most: PAGE });
      if (turn !== state.turn) return;
      const known = new Set(state.shown.map((one) => one.id));
      const found = page.items.filter((one) => !known.has(one.id));
      state.next = page.next;
      put([...state.shown, ...found]);
      // The button is gone from under whoever pressed it: go on at the first that it brought.
      (state.cards.get(found[0]?.id) ?? state.cards.get(last?.id))?.node.focus({ preventScroll: true });
    } catch (error) {
      if (context.signal.aborted || turn !== state.turn) return;
      replace(foot, failed(error, more, "Older alerts could not be loaded."));
    }
  }

  function put(found) {
    state.shown = found;
    seen(found);
    const kept = new Set(found.map((one) => one.id));
    for (const id of state.cards.keys()) if (!kept.has(id)) state.cards.delete(id);
    show(found);
    showFoot();
    showFresh();
  }

  function showFoot() {
    if (!state.shown.length) return void replace(foot, nothing(state.filter));
    replace(foot, state.next === null
      ? el("p", { class: "faint small" }, `That is all: ${count(state.shown.length, "alert")}.`)
      : el("button", { type: "button", class: "button", on: { click: more } }, "Show older alerts"));
  }

  function showFresh() {
    const { size } = state.waiting;
    fresh.hidden = size === 0 && !state.overflown;
    setText(fresh, state.overflown ? `More than ${number(MOST_WAITING)} new alerts: show them` : `${count(size, "new alert")}: show ${size === 1 ? "it" : "them"}`);
  }

  function takeFresh() {
    if (state.overflown) return void load();
    const taken = [...state.waiting.values()].reverse();
    state.waiting.clear();
    put([...taken, ...state.shown]);
    if (taken.length && document.activeElement === document.body) state.cards.get(taken[0].id)?.node.focus();
  }

  function arrived(alert) {
    if (state.shown.some((one) => one.id === alert.id)) return changed(alert);
    if (!matches(alert, query())) return;
    if (state.waiting.size >= MOST_WAITING) state.overflown = true;
    else state.waiting.set(alert.id, alert);
    if (atOnce.checked || !state.shown.length) takeFresh();
    else showFresh();
  }

  /** After the stream was away: what came meanwhile waits too, and what ended says so. */
  async function catchUp() {
    const { turn } = state;
    let found;
    try {
      ({ items: found } = await context.api.list("/v1/alerts", { query: query(), signal: context.signal, most: PAGE }));
    } catch {
      return; // Whatever keeps the server from answering is told above the page.
    }
    if (turn !== state.turn) return;
    const joined = found.some((one) => state.cards.has(one.id) || state.waiting.has(one.id));
    if (!joined && found.length && state.shown.length) state.overflown = true;
    for (const one of found.reverse()) arrived(one);
  }

  function changed(alert) {
    state.shown = state.shown.map((one) => (one.id === alert.id ? { ...one, ...alert } : one));
    state.cards.get(alert.id)?.update(state.shown.find((one) => one.id === alert.id));
  }

  return {
    node,
    load,
    arrived,
    catchUp,
    /** An alert has ended: it stays where it stands. Of one that waits, nobody has seen more. */
    ended({ alert_id: id, at, why }) {
      const end = { state: why === "expired" ? "expired" : "withdrawn", ended_at: at, ended_why: why };
      const waits = state.waiting.get(id);
      if (waits) state.waiting.set(id, { ...waits, ...end });
      else if (state.cards.has(id)) changed({ id, ...end });
    },
    /** Bring an alert into view with its details open; one that is not in the list is fetched and put before it. */
    async open(id) {
      if (!state.cards.has(id)) {
        try {
          const found = await context.api.get(`/v1/alerts/${encodeURIComponent(id)}`, { signal: context.signal });
          if (!state.cards.has(found.id)) put([found, ...state.shown]);
        } catch (error) {
          if (!context.signal.aborted) tell(error.message);
          return;
        }
      }
      const card = document.getElementById(cardId(id));
      card?.querySelector("details.more")?.setAttribute("open", "");
      card?.focus({ preventScroll: true });
      card?.scrollIntoView({ block: "center", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
    },
    tick() { for (const card of state.cards.values()) card.tick(); },
  };
}

/** What an empty list says; `watch` is whether the dashboard reads a watch at all. */
export function nothingFound(filter, watch) {
  if (!watch) return noWatch();
  return Object.values(filter).some((one) => one !== "" && one !== null)
    ? empty("No alert is like that.", "Choose another category or state, or search for something else.")
    : empty("No alert yet.", "An alert is raised when the model calls an address of a new block dangerous. It appears here by itself.");
}

/** Where nothing watches. */
export function noWatch() {
  return empty("This dashboard reads no watch.", "A watch follows a chain and scores every block: anomalyhive monitor, or anomalyhive node run --role monitor. Name its folder with --watch, and what it says appears here.");
}
