// The page: the frame around the views, what they share, and the way from an address to a view.
//
// A view is js/views/NAME.js and exports `async function show(root, params, context)`:
//   root     the element to draw in; empty it first (`replace(root, …)` of dom.js). Begin with an <h1>.
//   params   what the route's pattern names (router.js) and `query`, the URLSearchParams behind "?" of the hash
//   context  what makeContext below gives:
//     api      get(path, {query, signal}), post(path, body), list(path, {query, most}) → {items, next}; throws Problem
//     hive     the latest /v1/hive, or null before the first answer; token units: `context.hive.token`
//     listen(kind, fn)   fn(detail) at every event of /v1/events of that kind, and for "resumed" (the stream was away:
//              load again), "hive" (a new /v1/hive) and "tick" (every second; detail is the chain's time); it ends
//              by itself when the view is left
//     now()    the chain's time in Unix seconds, as far as it is known
//     signal   aborted when the view is left: hand it to api calls
//     title(words)       the name of the browser's tab
//     setQuery(object)   change "?…" of the address without drawing anew
//     authorised         whether this tab has the dashboard's token, without which nothing can be started or paused
//     authorise(token)   give it to this tab, or take it away with null
// It returns a function that cleans up, or nothing. If that function has a property `changed(params)`, the router calls
// it when the address changes within the same view, instead of drawing anew; focus and scroll are then the view's.
//
// Views: hive, lineage; alerts, address and node stand beside them. Texts of strangers go through `stranger()` or
// `visible()` of dom.js, amounts through `tokens()` of format.js, charts through charts.js, and what is not there yet,
// empty or broken through states.js.

import { createApi } from "./api.js";
import { digest, el, replace, setText, stranger } from "./dom.js";
import { absolute, number } from "./format.js";
import { Live } from "./live.js";
import { createRouter } from "./router.js";
import { showBanner, showLink, skeleton } from "./states.js";
import { themeSwitch } from "./switching.js";
import { keepToken, takeToken } from "./token.js";

let token = takeToken();
const api = createApi(() => token);
const live = new Live();
const bus = new EventTarget();
const chain = { hive: null, time: 0, at: 0 };

const router = createRouter(document.getElementById("main"), (signal) => ({
  api,
  signal,
  get authorised() { return token !== null; },
  authorise(given) { token = given; keepToken(given); },
  get hive() { return chain.hive; },
  now: chainTime,
  title(words) { document.title = `${words} · AnomalyHive`; },
  setQuery,
  listen(kind, heard) {
    const from = kind === "hive" || kind === "tick" ? bus : live;
    from.addEventListener(kind, (event) => heard(event.detail), { signal });
  },
}));

/** The chain's clock: the time of its last block, and what has passed here since we heard of it. */
function chainTime() {
  return chain.time === 0 ? Date.now() / 1000 : chain.time + (Date.now() - chain.at) / 1000;
}

function heardBlock(time, age = 0) {
  if (Number.isFinite(time) && time + age >= chain.time) Object.assign(chain, { time: time + age, at: Date.now() });
}

function setQuery(query) {
  const given = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== "");
  const path = location.hash.split("?", 1)[0] || "#/hive";
  history.replaceState(null, "", given.length ? `${path}?${new URLSearchParams(given)}` : path);
}

async function refresh() {
  chain.hive = await api.get("/v1/hive");
  const head = chain.hive.head;
  // A chain that makes blocks on demand may be far from this clock: its own last block is what its deadlines go by.
  if (head) heardBlock(head.time, Math.min(Math.max(head.age_seconds ?? 0, 0), 30));
  showFrame();
  bus.dispatchEvent(new CustomEvent("hive", { detail: chain.hive }));
}

const quietly = (work) => work().catch((error) => console.warn(error.message));

function showFrame() {
  const { hive } = chain;
  const connected = hive?.connected !== false;
  const problem = hive ? hive.problem ?? (connected ? null : "its endpoint is away") : null;
  showLink(document.getElementById("link"), live.state, !connected);
  const asOf = hive?.head ? `block ${number(hive.head.block)}, ${absolute(hive.head.time)}` : null;
  showBanner(document.getElementById("banner"), { state: live.state, problem, connected, asOf, retry: () => live.retry() });
  if (hive) showAbout(hive);
}

const about = {};

function showAbout(hive) {
  if (about.hive !== hive.hive) {
    about.hive = hive.hive;
    about.block = el("span");
    replace(document.getElementById("about"),
      el("span", {}, "Hive ", digest(hive.hive, "address of the hive")),
      el("span", {}, "Chain ", stranger(hive.chain ?? hive.chain_id, 60)),
      about.block,
      hive.version ? el("span", {}, "AnomalyHive ", stranger(hive.version, 30)) : null,
      el("a", { href: "/openapi.json" }, "API"));
  }
  setText(about.block, hive.head ? `Block ${number(hive.head.block)}` : "No block yet");
}

function listenToAll() {
  live.addEventListener("state", showFrame);
  live.addEventListener("resumed", () => quietly(refresh));
  live.addEventListener("connection", (event) => {
    if (chain.hive) Object.assign(chain.hive, event.detail);
    showFrame();
    quietly(refresh);
  });
  let soon = 0;
  live.addEventListener("round", () => {
    // What the hive counts changes with its rounds; of many acts at once one question is enough.
    clearTimeout(soon);
    soon = setTimeout(() => quietly(refresh), 500);
  });
  live.addEventListener("block", ({ detail }) => {
    if (chain.hive) chain.hive.head = { ...chain.hive.head, block: detail.number, time: detail.time };
    heardBlock(detail.time);
    showFrame();
  });
  setInterval(() => bus.dispatchEvent(new CustomEvent("tick", { detail: chainTime() })), 1000);
}

async function start() {
  document.getElementById("skip").addEventListener("click", () => document.getElementById("main").focus());
  themeSwitch(document.getElementById("theme"));
  listenToAll();
  showFrame();
  live.open();
  replace(document.getElementById("main"), skeleton());
  // Views say by themselves what they cannot load; the frame only lacks its figures until the server answers.
  await quietly(refresh);
  await router.start();
}

start();
