// What GET /v1/me says, as the view of the node uses it: one shape, whatever is missing.

import { readAddress } from "../address.js";

/** Amounts are decimal texts in 1e-18 tokens; `owner` is in small letters, or null. */
export function readMe(answer) {
  if (!answer?.present) return { present: false };
  const node = answer.node ?? answer;
  const earnings = answer.earnings ?? {};
  const amount = (value) => (/^\d+$/.test(String(value)) ? String(value) : "0");
  const paused = new Set(answer.paused ?? []);
  return {
    present: true,
    number: Number(node.id ?? node.number ?? 0),
    home: answer.home ?? null,
    owner: readAddress(String(node.owner ?? "")).address ?? null,
    operator: readAddress(String(node.operator ?? "")).address ?? null,
    state: node.state ?? null,
    stake: amount(node.stake),
    running: answer.running ?? null,
    roles: (answer.roles ?? node.roles ?? []).map((one) => (typeof one === "string" ? { role: one, paused: paused.has(one) } : one)),
    earned: amount(earnings.earned ?? answer.earned),
    claimed: amount(earnings.claimed ?? answer.claimed),
    unclaimed: amount(answer.unclaimed ?? earnings.unclaimed),
    token: answer.token ?? null,
    journal: answer.journal ?? [],
    doctor: answer.doctor ?? null,
  };
}
