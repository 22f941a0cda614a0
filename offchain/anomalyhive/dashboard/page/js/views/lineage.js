// The models of the hive as a chain that one can walk, and what each was made from.

import { el, replace, setText } from "../dom.js";
import { count, number } from "../format.js";
import { auditPanel } from "../lineage/auditing.js";
import { chain, place } from "../lineage/chain.js";
import { genesisCard, modelCard } from "../lineage/model.js";
import { empty, failed, skeleton } from "../states.js";

/** Models that the chain shows; older ones are reached by the links to parents. */
const MOST = 1000;

const WORDS = "Each model is its parent and the sum of the updates that the hive accepted, and nothing else: whoever has the "
  + "updates can make it again and compare every bit. Choose a model, or walk with the arrow keys.";

/** Shows the lineage; see main.js for what a view is given. */
export async function show(root, params, context) {
  const detail = el("div", { "aria-live": "off" });
  const state = { models: [], genesis: null, chosen: null, cache: new Map(), audit: null, detail, context, focus: false };
  state.strip = chain((digest) => {
    state.focus = true;
    location.replace(place(digest));
  });
  state.said = el("span", { class: "away", role: "status" });
  const body = el("div", { class: "stack" }, skeleton(4));
  replace(root, el("h1", {}, "Lineage"), el("p", { class: "lead" }, WORDS), state.said, body);
  const load = async () => {
    try {
      await fetchModels(state);
      begin(body, state);
      await choose(state, state.chosen ?? params.digest);
    } catch (error) {
      if (!context.signal.aborted && state.models.length === 0) replace(body, failed(error, load, "The lineage could not be read."));
    }
  };
  context.listen("round", (round) => round.model && !state.models.some((one) => one.digest === round.model) && load());
  context.listen("resumed", load);
  await load();
  return leaving(state);
}

function leaving(state) {
  const cleanup = () => state.audit?.stop();
  cleanup.changed = ({ digest }) => choose(state, digest);
  return cleanup;
}

/** The chain, oldest first, with genesis where it is known. */
async function fetchModels(state) {
  const { api, signal } = state.context;
  const [models, lineage] = await Promise.all([
    api.list("/v1/models", { most: MOST, signal }),
    api.get("/v1/lineage", { query: { limit: 1 }, signal }),
  ]);
  state.genesis = lineage.genesis ?? null;
  const chained = models.items.toReversed();
  const whole = models.next === null && state.genesis !== null && chained[0]?.digest !== state.genesis;
  state.models = whole ? [{ digest: state.genesis, round: 0, updates: 0, accepted: 0, rejected: 0 }, ...chained] : chained;
}

function begin(body, state) {
  if (state.models.length === 0) {
    replace(body, empty("There is no model yet", "The first one comes when the first round is final."));
  } else if (!state.strip.node.isConnected) {
    replace(body, el("section", { class: "card" }, el("div", { class: "row apart" }, el("h2", {}, "The chain of models"), legend()), state.strip.node), state.detail);
    replace(state.detail, skeleton(6));
  }
  state.strip.update(state.models);
}

function legend() {
  return el("ul", { class: "legend" }, el("li", { class: "tone-good" }, "accepted"), el("li", { class: "tone-bad" }, "rejected"));
}

/** Show a model, the newest if none is named. */
async function choose(state, wanted) {
  const digest = wanted ?? state.models.at(-1)?.digest;
  if (!digest) return;
  const same = state.chosen === digest && state.audit !== null;
  state.chosen = wanted ?? null;
  state.strip.choose(digest, state.focus);
  state.focus = false;
  if (same) return;
  await showModel(state, digest);
}

async function showModel(state, digest) {
  const { detail, context } = state;
  detail.setAttribute("aria-busy", "true");
  state.wanted = digest;
  try {
    const model = digest === state.genesis ? null : await fetched(state, digest);
    if (context.signal.aborted || state.wanted !== digest) return;
    draw(state, digest, model);
  } catch (error) {
    if (context.signal.aborted || state.wanted !== digest) return;
    state.audit?.stop();
    replace(detail, failed(error, () => showModel(state, digest), "This model could not be read."));
  } finally {
    if (state.wanted === digest) detail.removeAttribute("aria-busy");
  }
}

/** Models are final, so that what was read once stays true. */
async function fetched(state, digest) {
  const { api, signal } = state.context;
  if (!state.cache.has(digest)) state.cache.set(digest, await api.get(`/v1/models/${encodeURIComponent(digest)}`, { signal }));
  return state.cache.get(digest);
}

function draw(state, digest, model) {
  const { detail, context, models } = state;
  state.audit?.stop();
  state.audit = null;
  if (!model) {
    setText(state.said, "Genesis");
    context.title("Genesis");
    return replace(detail, genesisCard(digest));
  }
  const at = models.findIndex((one) => one.digest === digest);
  state.audit = auditPanel(model, models.at(-1)?.round ?? model.round, context);
  context.title(`Model of round ${model.round}`);
  setText(state.said, `Model of round ${number(model.round)}, ${number(model.accepted)} of ${count(model.updates, "update")} accepted`);
  const before = at > 0 ? models[at - 1] : null;
  return replace(detail, el("div", { class: "stack" }, modelCard(model, { before, after: models[at + 1], hive: context.hive }), state.audit.node));
}
