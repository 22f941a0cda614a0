// What is said of alerts, in words of the glossary.

/** States of an alert, in the order of the filter. */
export const STATES = [
  ["live", "Live"],
  ["expired", "Expired"],
  ["withdrawn", "Withdrawn"],
];

const WHY = {
  orphaned: "the chain gave up its block",
  retracted: "the monitor took it back",
  expired: "its time was over and nothing renewed it",
  cleared: "the model no longer calls this address dangerous",
  renewed: "another alert about the same address took its place",
};

/** Why an alert ended. A reason that is none of ours is shown as it came. */
export function why(reason) {
  return WHY[reason] ?? String(reason ?? "no reason was given");
}

/** Where a probability stands, for its colour alone; the number stands beside it. */
export function severity(bp, threshold = 5000) {
  if (bp === null || bp === undefined) return "none";
  if (bp >= 9000) return "high";
  return bp >= threshold ? "raised" : "low";
}

/** Whether an alert would be in a list with this filter; as GET /v1/alerts chooses. */
export function matches(alert, { category = "", state = "", address = "", text = "", from_block: first = null, to_block: last = null } = {}) {
  if ((first !== null && alert.block_number < first) || (last !== null && alert.block_number > last)) return false;
  if (category && alert.category !== category) return false;
  if (state && alert.state !== state) return false;
  if (address && alert.address !== address) return false;
  // What became of it is no part of what it says.
  const { state: _, ended_at: __, ended_why: ___, posted_tx: ____, ...said } = alert;
  return JSON.stringify(said).toLowerCase().includes(text.toLowerCase());
}
