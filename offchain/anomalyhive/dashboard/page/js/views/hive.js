// The hive as it is now, and how it came here: the round in progress with its clock and who takes part, quality,
// participation, rewards and gas. Everything follows the live stream; elements stay where they are.

import { el, replace, setText, stranger } from "../dom.js";
import { phaseClock } from "../hive/clock.js";
import { history } from "../hive/history.js";
import { rewards } from "../hive/rewards.js";
import { roundsTable } from "../hive/rounds.js";
import { learning, now, over, phaseOf, place, progress, WHAT_IT_IS } from "../hive/story.js";
import { strip } from "../hive/strip.js";
import { tiles } from "../hive/tiles.js";
import { empty, failed, skeleton } from "../states.js";

/** Rounds that charts and figures are made of. */
const MOST = 1000;

/** Seconds after which times such as "3 min ago" are told anew. */
const AGEING = 20;

/** Shows the hive; see main.js for what a view is given. */
export async function show(root, params, context) {
  const body = el("div", { class: "stack" }, skeleton(8));
  const learned = el("span");
  replace(root, el("h1", {}, "What the hive is doing"), el("p", { class: "lead" }, WHAT_IT_IS, " ", learned), body);
  const state = { rounds: new Map(), current: null, nodes: [], parts: null, pending: null, planned: 0 };
  const reload = () => load(body, state, context).catch((error) => fail(body, state, error, reload, context));
  context.listen("round", (round) => heard(round, body, state, context));
  context.listen("resumed", reload);
  context.listen("hive", () => {
    showLearning(learned, context.hive);
    if (state.parts) plan(body, state, context);
  });
  context.listen("tick", (time) => {
    state.parts?.clock.tick(time);
    if (state.parts && Math.floor(time) % AGEING === 0) plan(body, state, context);
  });
  showLearning(learned, context.hive);
  await reload();
  return () => cancelAnimationFrame(state.planned);
}

function showLearning(node, hive) {
  const said = learning(hive);
  if (!said || node.childElementCount) return;
  replace(node, "This one learns ", said.label ? ["the label ", stranger(said.label, 60)] : "from", said.classes ? [" (", stranger(said.classes, 300), ")"] : null,
    `${said.mode} with the learner `, stranger(said.learner, 60), ".");
}

/** All of it anew. Rounds that are told meanwhile wait, for the answers may be older than they are, or newer. */
async function load(body, state, context) {
  state.pending = [];
  try {
    await fetchAll(state, context);
  } finally {
    const waited = state.pending;
    state.pending = null;
    for (const round of waited) if (isLater(round, state)) take(round, state);
  }
  draw(body, state, context);
}

async function fetchAll(state, { api, signal }) {
  const [rounds, nodes] = await Promise.all([
    api.list("/v1/rounds", { most: MOST, signal }),
    api.list("/v1/nodes", { most: MOST, signal }),
  ]);
  const latest = rounds.items[0]?.round ?? 0;
  const current = latest ? await api.get(`/v1/rounds/${latest}`, { signal }) : null;
  Object.assign(state, { rounds: new Map(rounds.items.map((one) => [one.round, one])), nodes: nodes.items, current });
}

function isLater(round, { current }) {
  return !current || round.round > current.round || (round.round === current.round && progress(round) >= progress(current));
}

function fail(body, state, error, retry, { signal }) {
  // What was there stays: the banner already says that it may be old.
  if (signal.aborted || state.parts) return;
  replace(body, failed(error, retry, "The hive could not be read."));
}

function take(round, state) {
  state.rounds.set(round.round, { ...state.rounds.get(round.round), ...round, participants: undefined });
  if (!state.current || round.round >= state.current.round) state.current = round;
}

function heard(round, body, state, context) {
  if (state.pending) return void state.pending.push(round);
  const before = state.rounds.get(round.round);
  take(round, state);
  plan(body, state, context);
  if (over(round) && phaseOf(before) !== phaseOf(round)) refreshNodes(body, state, context);
}

/** Draw before the next frame: of many acts at once, the last is what is seen. */
function plan(body, state, context) {
  state.planned ||= requestAnimationFrame(() => {
    state.planned = 0;
    draw(body, state, context);
  });
}

/** Earnings change when a round ends, not before. */
async function refreshNodes(body, state, context) {
  try {
    state.nodes = (await context.api.list("/v1/nodes", { most: MOST, signal: context.signal })).items;
    plan(body, state, context);
  } catch (error) {
    if (!context.signal.aborted) console.warn(error.message);
  }
}

function build(body) {
  const parts = { clock: phaseClock(), trainers: strip("Trainers", "trainer", "shard"), validators: strip("Validators", "validator", "seat"), tiles: tiles(), history: history(), rewards: rewards(), rounds: roundsTable() };
  parts.title = el("h2", { class: "now-title" });
  parts.sentence = el("p", { class: "now-words" });
  parts.aloud = el("span", { class: "away", role: "status" });
  parts.nobody = el("div", { hidden: true });
  parts.round = el("div", {}, parts.title, parts.sentence, parts.clock.node, parts.trainers.node, parts.validators.node);
  replace(body, el("section", { class: "card now", "aria-label": "The round in progress" }, parts.aloud, parts.nobody, parts.round),
    parts.tiles.node, parts.history.node, parts.rewards.node, parts.rounds.node);
  return parts;
}

function nobody(hive) {
  return hive && !hive.head
    ? empty("The hive has not been read yet", "As soon as its chain answers, its rounds appear here.")
    : empty("No round was opened yet", "The first one opens when the task's reward is in its escrow and nodes hold its shards and seats.");
}

function draw(body, state, context) {
  if (context.signal.aborted) return;
  state.parts ??= build(body);
  const { parts, current } = state;
  const { hive } = context;
  parts.nobody.hidden = current !== null;
  if (!current) replace(parts.nobody, nobody(hive));
  parts.round.hidden = current === null;
  if (current) {
    setText(parts.title, place(current, hive));
    setText(parts.sentence, now(current, hive));
    setText(parts.aloud, `${place(current, hive)}: ${phaseOf(current)}`);
    parts.clock.update(current);
    parts.clock.tick(context.now());
    parts.trainers.update(current.participants ?? [], hive?.token);
    parts.validators.update(current.participants ?? [], hive?.token);
  }
  const rounds = [...state.rounds.values()].sort((a, b) => a.round - b.round);
  parts.tiles.update(rounds, hive, state.nodes);
  parts.history.update(rounds);
  parts.rewards.update(state.nodes, hive?.token);
  parts.rounds.update(rounds, hive, context.now());
}
