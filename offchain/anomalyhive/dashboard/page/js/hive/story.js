// What is going on, in sentences for somebody who never heard of a hive.

import { count, listed, number } from "../format.js";

export const PHASES = ["train", "judge", "reveal", "tally", "attest"];

/** What happens in a phase, as a heading and for the one who wonders. */
export const MEANING = {
  train: ["Train", "trainers send what they learned"],
  judge: ["Judge", "validators check it, hidden from one another"],
  reveal: ["Reveal", "validators show their verdicts"],
  tally: ["Tally", "the contract counts and splits the pay"],
  attest: ["Attest", "validators confirm the new model"],
};

export const WHAT_IT_IS = "A hive is a group of computers that together learn to tell fraud from honest use of a blockchain. "
  + "Each learns from its own part of the data; contracts record who contributed what, check it, and pay for it in tokens.";

/** The name of a round's phase in small letters, whatever the server writes. */
export function phaseOf(round) {
  return String(round?.phase ?? "").toLowerCase();
}

/** Whether a round has come to an end. */
export function over(round) {
  return ["final", "cancelled"].includes(phaseOf(round));
}

/** How many have done what a phase is for, and how many end it early or are needed: `{ done, of }`, or null. */
export function tally(round, phase) {
  const entry = round.phases?.find((one) => one.name.toLowerCase() === phase);
  return entry ? { done: entry.done ?? 0, of: entry.quota || entry.needed || null } : null;
}

function counted(round, phase, verb) {
  const found = tally(round, phase);
  if (!found) return "";
  return ` ${number(found.done)}${found.of ? ` of ${number(found.of)}` : ""} ${found.done === 1 ? "has" : "have"} ${verb}.`;
}

const ORDER = ["none", ...PHASES, "stalled", "final", "cancelled"];

/** How far a round has come, to compare two tellings of the same one: its phase first, then the acts in it. */
export function progress(round) {
  const acts = (round.phases ?? []).reduce((sum, one) => sum + (one.done ?? 0), 0);
  return ORDER.indexOf(phaseOf(round)) * 1e6 + acts;
}

const NOW = {
  train: (round) => `Trainers are learning, each from its own data.${counted(round, "train", "sent an update")}`,
  judge: (round) => `Validators are checking ${count(round.updates, "update")}.${counted(round, "judge", "committed a verdict")}`,
  reveal: (round) => `Validators are revealing what they found.${counted(round, "reveal", "revealed a verdict")}`,
  tally: () => "The contract is about to count: which updates are accepted, and who is paid.",
  attest: (round) => `${count(round.accepted, "update")} ${round.accepted === 1 ? "was" : "were"} accepted; validators are confirming the model made of them.${counted(round, "attest", "attested it")}`,
  final: (round, hive) => `Its new model was made of ${number(round.accepted)} of ${count(round.updates, "update")}. ${next(round, hive)}`,
  cancelled: (round, hive) => `It could not be finished, so it made no model and its reward went back to the escrow. ${next(round, hive)}`,
  stalled: () => "Too few took part in time, so it cannot go on; anybody may cancel it, and its reward goes back to the escrow.",
};

function next(round, hive) {
  if (hive?.rounds_total && round.round >= hive.rounds_total) return `All ${count(hive.rounds_total, "round")} are done.`;
  return "The next round opens when somebody opens it and its reward is in the escrow.";
}

/** The sentence about the round in progress. */
export function now(round, hive) {
  const say = NOW[phaseOf(round)];
  return say ? say(round, hive) : `It stands at ${phaseOf(round) || "an unknown phase"}.`;
}

/** "Round 7 of 20". */
export function place(round, hive) {
  return `Round ${number(round.round)}${hive?.rounds_total ? ` of ${number(hive.rounds_total)}` : ""}`;
}

/** What is learned, in one sentence; null where the spec is not known. */
export function learning(hive) {
  if (!hive?.learner) return null;
  const classes = hive.classes?.length ? listed(hive.classes.map(String), "or") : "";
  const mode = hive.data_mode ? ` from ${hive.data_mode} data` : "";
  return { learner: hive.learner, label: hive.label, mode, classes };
}
