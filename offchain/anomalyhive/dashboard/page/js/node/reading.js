// What GET /v1/me says, as the view of the node uses it.

import { readAddress } from "../address.js";

/** Amounts are decimal texts in 1e-18 tokens; `owner` and `operator` are in small letters, or null. */
export function readMe(answer) {
  if (!answer?.present) return { present: false };
  const { earned, claimed, unclaimed } = answer.earnings;
  const address = (text) => readAddress(String(text ?? "")).address ?? null;
  const { home, state, stake, running, roles, journal, doctor, problem } = answer;
  return {
    present: true, number: answer.id ?? 0, owner: address(answer.owner), operator: address(answer.operator),
    home, state, stake, running, roles, earned, claimed, unclaimed, journal, doctor, problem,
  };
}
