// Which view is shown: the part of the address behind "#/". Views are loaded when they are first wanted.

import { el, replace } from "./dom.js";
import { failed, skeleton } from "./states.js";

/** Segments of an address → view. ":name" is a parameter; one that ends in "?" may be missing. */
const ROUTES = [
  { segments: ["hive"], view: "hive", title: "Hive" },
  { segments: ["lineage", ":digest?"], view: "lineage", title: "Lineage" },
  { segments: ["alerts", ":id?"], view: "alerts", title: "Alerts" },
  { segments: ["address", ":address"], view: "address", title: "Address" },
  { segments: ["node"], view: "node", title: "My node" },
];

const HOME = "#/hive";

/** Milliseconds after the first view for the others to be fetched, so that they can be opened when the server is away. */
const AHEAD = 2000;

/** The code of a view could not be fetched. */
class Unfetched extends TypeError {}

async function code(view) {
  try {
    return await import(`./views/${view}.js`);
  } catch (cause) {
    throw new Unfetched(`js/views/${view}.js could not be loaded`, { cause });
  }
}

/** `{ view, title, params, query }` of a hash such as "#/alerts?state=live", or null where nothing is. */
export function match(hash) {
  const [path, search = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  const given = path.split("/").filter(Boolean).map(decoded);
  for (const { segments, view, title } of ROUTES) {
    const params = read(segments, given);
    if (params) return { view, title, params, query: new URLSearchParams(search) };
  }
  return null;
}

function decoded(segment) {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function read(segments, given) {
  if (given.length > segments.length) return null;
  const params = {};
  for (const [index, segment] of segments.entries()) {
    if (segment.startsWith(":")) {
      if (given[index] === undefined && !segment.endsWith("?")) return null;
      params[segment.replace(/^:|\?$/g, "")] = given[index] ?? null;
    } else if (segment !== given[index]) return null;
  }
  return params;
}

/**
 * Shows the view of the address now and at every change. `context` gives a view all that it needs; each showing has
 * its own, made by `makeContext(signal)`. Call `start()` once; `again()` shows the same address anew.
 */
export function createRouter(root, makeContext) {
  let shown = null;
  let first = true;

  async function show() {
    const route = match(location.hash || HOME);
    if (shown && route && shown.view === route.view && shown.changed) {
      return void shown.changed({ ...route.params, query: route.query });
    }
    leave();
    mark(route?.view);
    document.title = `${route?.title ?? "Not found"} · AnomalyHive`;
    if (!route) return arrive(unknown(root));
    const leaving = new AbortController();
    const mine = { view: route.view, leaving, cleanup: null, changed: null };
    shown = mine;
    replace(root, skeleton());
    await enter(mine, route, leaving.signal);
  }

  async function enter(mine, route, signal) {
    try {
      const { show: draw } = await code(route.view);
      if (signal.aborted) return;
      const drawing = draw(root, { ...route.params, query: route.query }, makeContext(signal));
      // The heading is there before what it heads is loaded: whoever goes on by keyboard meanwhile is not called back.
      arrive();
      const cleanup = await drawing;
      if (signal.aborted) return void cleanup?.();
      Object.assign(mine, { cleanup, changed: cleanup?.changed ?? null });
    } catch (error) {
      if (signal.aborted) return;
      console.warn(`the view ${route.view} failed`, error);
      // A browser may remember that a module could not be had: only loading the page again asks anew.
      const retry = error instanceof Unfetched ? () => location.reload() : again;
      replace(root, failed(error, retry, `The view “${route.title}” could not be shown.`));
    }
  }

  function leave() {
    shown?.leaving.abort();
    shown?.cleanup?.();
    shown = null;
  }

  function again() {
    leave();
    return show();
  }

  /** Whoever reads by ear or keyboard stands at the new heading; on the first page the browser does it. */
  function arrive() {
    const heading = root.querySelector("h1");
    if (!first && heading) {
      heading.tabIndex = -1;
      heading.focus({ preventScroll: true });
      scrollTo(0, 0);
    }
    first = false;
  }

  return {
    start() {
      addEventListener("hashchange", show);
      setTimeout(() => ROUTES.forEach(({ view }) => code(view).catch(() => {})), AHEAD);
      return show();
    },
    again,
  };
}

/** Which link of the menu is that of the view: an address belongs to its alerts. */
function mark(view) {
  const wanted = view === "address" ? "alerts" : view;
  for (const link of document.querySelectorAll("#views a")) {
    if (link.dataset.view === wanted) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

function unknown(root) {
  replace(root, el("div", { class: "state" },
    el("h1", {}, "There is no such page"),
    el("p", {}, "Nothing of this dashboard stands at this address."),
    el("p", {}, el("a", { class: "button", href: HOME }, "To the hive"))));
}
