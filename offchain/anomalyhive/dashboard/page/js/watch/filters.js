// The filter of the alerts: category, state, and a search by address or text.

import { readAddress } from "../address.js";
import { el, replace, setText, visible } from "../dom.js";
import { STATES } from "./words.js";

const MOST_CATEGORIES = 100;

/** Milliseconds after the last key until the search is done. */
const AFTER_TYPING = 300;

/**
 * `{ node, value(), categories(names), set(filter) }`; `changed(filter)` is called with {category, state, address, text}.
 * A whole address is searched as an address; what looks like one and is wrong is said, and searched as a text.
 */
export function filters(initial, changed) {
  const category = el("select", { id: "alert-category" });
  const states = new Map(STATES.map(([name, label]) => [name, chip(name, label)]));
  const search = el("input", { id: "alert-search", type: "search", placeholder: "0x… or words of a reason", autocomplete: "off", spellcheck: "false", maxlength: "200", "aria-describedby": "alert-search-note" });
  const note = el("p", { id: "alert-search-note", class: "small faint note", role: "status" });
  const value = () => ({ category: category.value, state: [...states].find(([, one]) => one.input.checked)?.[0] ?? "", ...searched(search.value, note) });
  const tellNow = () => changed(value());
  let waiting = 0;
  const node = el("form", { class: "filters", role: "search", "aria-label": "Alerts", on: { submit: (event) => { event.preventDefault(); clearTimeout(waiting); tellNow(); } } },
    el("label", { class: "field" }, el("span", {}, "Category"), category),
    el("fieldset", { class: "field chips" }, el("legend", {}, "State"), chip("", "All").node, [...states.values()].map((one) => one.node)),
    el("label", { class: "field grow" }, el("span", {}, "Search"), search),
    note);
  node.addEventListener("change", (event) => { if (event.target !== search) tellNow(); });
  search.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(tellNow, AFTER_TYPING); });

  const all = node.querySelector("input[type=radio][value='']");
  const offered = new Set();
  const api = {
    node,
    value,
    /** Offer these names too; at most so many, since whoever names a task's classes may name many. */
    categories(names) {
      const before = offered.size;
      for (const name of names) if (name && offered.size < MOST_CATEGORIES) offered.add(name);
      if (offered.size === before && category.options.length) return;
      const chosen = category.value;
      replace(category, el("option", { value: "" }, "All categories"), [...offered].sort().map((name) => el("option", { value: name }, visible(name, 60))));
      category.value = chosen;
    },
    set({ category: named = "", state = "", address = "", text = "" }) {
      api.categories([named]);
      category.value = named;
      (states.get(state)?.input ?? all).checked = true;
      search.value = address || text;
      searched(search.value, note);
    },
  };
  api.categories([]);
  api.set(initial);
  return api;
}

function chip(value, label) {
  const input = el("input", { type: "radio", name: "alert-state", value });
  return { input, node: el("label", { class: "chip" }, input, el("span", {}, label)) };
}

function searched(typed, note) {
  const text = typed.trim();
  setText(note, "");
  if (!/^0x[0-9a-f]{30,}$/i.test(text)) return { address: "", text };
  const read = readAddress(text);
  if (read.address) return { address: read.address, text: "" };
  setText(note, read.problem);
  return { address: "", text };
}
