// The hive as it is now, and how it came here: the round in progress with its clock and who takes part, quality,
// participation, rewards and gas. Everything follows the live stream; elements stay where they are.

import { el, replace, setText, stranger } from "../dom.js";
import { phaseClock } from "../hive/clock.js";
import { history } from "../hive/history.js";
import { rewards } from "../hive/rewards.js";
import { roundsTable } from "../hive/rounds.js";
import { learning, now, phaseOf, place, WHAT_IT_IS } from "../hive/story.js";
import { strip } from "../hive/strip.js";
import { tiles } from "../hive/tiles.js";
import { empty, failed, skeleton } from "../states.js";
import { total } from "../format.js";

/** Rounds that charts and figures are made of. */
const MOST = 1000;

/** Shows the hive; see main.js for what a view is given. */
export async function show(root, params, context) {
  const body = el("div", { class: "stack" }, skeleton(8));
  const learned = el("span");
  replace(root, el("h1", {}, "What the hive is doing"), el("p", { class: "lead" }, WHAT_IT_IS, " ", learned), body);
  const state = { rounds: new Map(), current: null, nodes: [], parts: null };
  const reload = () => fetchAll(state, context).then(() => draw(body, state, context), (error) => fail(body, state, error, reload, context));
  context.listen("round", (round) => heard(round, body, state, context));
  context.listen("resumed", reload);
  context.listen("hive", () => showLearning(learned, context.hive));
  context.listen("tick", (time) => state.parts?.clock.tick(time));
  showLearning(learned, context.hive);
  await reload();
}

function showLearning(node, hive) {
  const said = learning(hive);
  if (!said || node.childElementCount) return;
  replace(node, "This one learns ", said.label ? ["the label ", stranger(said.label, 60)] : "from", said.classes ? [" (", stranger(said.classes, 300), ")"] : null,
    `${said.mode} with the learner `, stranger(said.learner, 60), ".");
}

async function fetchAll(state, { api, signal }) {
  const [series, newest, nodes] = await Promise.all([
    api.list("/v1/rounds", { most: MOST, signal }),
    api.list("/v1/rounds", { most: 1, signal }),
    api.list("/v1/nodes", { most: MOST, signal }),
  ]);
  state.rounds = new Map([...series.items, ...newest.items].map((one) => [one.round, one]));
  state.nodes = nodes.items;
  const latest = Math.max(...state.rounds.keys(), 0);
  state.current = latest ? await api.get(`/v1/rounds/${latest}`, { signal }) : null;
}

function fail(body, state, error, retry, { signal }) {
  // What was there stays: the banner already says that it may be old.
  if (signal.aborted || state.parts) return;
  replace(body, failed(error, retry, "The hive could not be read."));
}

function heard(round, body, state, context) {
  state.rounds.set(round.round, { ...state.rounds.get(round.round), ...round, participants: undefined });
  const fresh = !state.current || round.round >= state.current.round;
  const ended = fresh && state.current && phaseOf(round) !== phaseOf(state.current) && ["final", "cancelled", "attest"].includes(phaseOf(round));
  if (fresh) state.current = round;
  draw(body, state, context);
  if (ended) refreshNodes(body, state, context);
}

/** Earnings change when a round is tallied or ends, not before. */
async function refreshNodes(body, state, context) {
  try {
    state.nodes = (await context.api.list("/v1/nodes", { most: MOST, signal: context.signal })).items;
    draw(body, state, context);
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
  parts.tiles.update(rounds, hive, state.nodes.length ? total(state.nodes.map((one) => one.earned)) : null);
  parts.history.update(rounds);
  parts.rewards.update(state.nodes, hive?.token);
  parts.rounds.update(rounds, hive, context.now());
}
