// The parts of "My node" besides the rewards: who it is, its roles, what the doctor says, its journal.

import { checksummed } from "../address.js";
import { copyButton, digest, el, replace, stranger, visible } from "../dom.js";
import { absolute, count, number, relative, tokens } from "../format.js";
import { empty } from "../states.js";

const ROLES = {
  train: ["Train", "learns from its shard and submits updates"],
  validate: ["Validate", "judges the updates of others"],
  monitor: ["Monitor", "scores new blocks and raises alerts"],
  audit: ["Audit", "replays the lineage from genesis"],
};

const HEALTH = {
  good: ["good", "✓", "fine"],
  bad: ["bad", "✗", "wrong"],
  unknown: ["warn", "?", "could not be looked at"],
};

/** What the server says of a check → its tone. */
const STATES = { ok: "good", wrong: "bad", unknown: "unknown" };

/** What became of a transaction → the tone of its tag. */
const JOURNAL = { open: "one", mined: "good", confirmed: "good", failed: "bad", replaced: "" };

/** Who the node is and what it has at stake. */
export function identity(me, unit) {
  const address = (name, value) => [el("dt", {}, name), el("dd", {}, value ? [el("code", { class: "wraps" }, checksummed(value)), copyButton(checksummed(value), `address of the ${name.toLowerCase()}`)] : el("span", { class: "faint" }, "not known"))];
  return [
    me.problem ? el("p", { class: "note warn-note" }, "The node could not be looked at just now: ", visible(me.problem, 300)) : null,
    el("h2", { id: "identity-title" }, me.number ? `Node ${number(me.number)}` : "Not registered yet"),
    el("dl", { class: "facts" },
      el("dt", {}, "State"), el("dd", {}, me.state ? stranger(me.state, 60) : "not registered", me.running === null ? null : [", ", me.running ? "its process runs" : "its process does not run"]),
      el("dt", {}, "Stake"), el("dd", {}, tokens(me.stake, unit)),
      address("Owner", me.owner), address("Operator", me.operator),
      el("dt", {}, "Earned"), el("dd", {}, tokens(me.earned, unit), ", of which ", tokens(me.claimed, unit), " claimed"),
      me.home ? [el("dt", {}, "Home"), el("dd", {}, el("code", { class: "wraps" }, visible(me.home, 300)))] : null),
  ];
}

/** The roles, each with the button that pauses or starts it; `turn(role, pause)` does it. */
export function roles(me, { authorised, busy, turn }) {
  if (!me.roles.length) return empty("It has no role.", "Give it one in node.toml, and start it anew.");
  return el("ul", { class: "roles" }, me.roles.map((one) => {
    const [name, words] = ROLES[one.role] ?? [one.role, ""];
    const next = one.paused ? "Start" : "Pause";
    return el("li", {},
      el("div", {}, el("span", { class: "strong" }, visible(name, 40)), " ",
        el("span", { class: `tag ${one.paused ? "warn" : "good"}` }, one.paused ? "paused" : "on"),
        el("div", { class: "faint small" }, words)),
      el("button", { type: "button", class: "button", disabled: busy || !authorised, "aria-label": `${next} the role ${visible(one.role, 40)}`, on: { click: () => turn(one.role, !one.paused) } }, next));
  }));
}

/** Each check of the doctor in words. */
export function doctor(checks) {
  if (checks === null) return empty("The doctor has not looked yet.", "It looks every two minutes; anomalyhive doctor does it at once.");
  const read = checks.map((one) => ({ ...one, tone: STATES[one.state] ?? "unknown" }));
  const wrong = read.filter((one) => one.tone === "bad").length;
  const of = (tone) => read.filter((one) => one.tone === tone);
  const list = (some) => el("ul", { class: "checks" }, some.map(checkOf));
  return [
    el("p", { class: "strong" }, wrong ? `${count(wrong, "thing")} to see to` : "Nothing is wrong."),
    list(of("bad")), list(of("unknown")),
    of("good").length > 0 && el("details", {}, el("summary", {}, `${count(of("good").length, "check")} without a complaint`), list(of("good"))),
  ];
}

function checkOf({ check, tone, words, remedy }) {
  const [colour, sign, word] = HEALTH[tone];
  return el("li", {},
    el("span", { class: `check-sign ${colour}`, "aria-hidden": "true" }, sign),
    el("div", {}, el("span", { class: "strong" }, visible(String(check).replaceAll("_", " "), 60)), el("span", { class: "away" }, `: ${word}. `),
      words ? el("div", {}, stranger(words, 600)) : tone === "unknown" ? el("span", { class: "faint" }, ` ${word}`) : null,
      remedy ? el("div", { class: "faint" }, "→ ", stranger(remedy, 400)) : null));
}

/** The latest entries of the journal: what was sent for which purpose, and what became of it. */
export function journal(entries, now) {
  if (!entries.length) return empty("The journal is empty.", "Every transaction is written there before it is sent.");
  return el("div", { class: "scroll" }, el("table", { class: "journal" },
    el("thead", {}, el("tr", {}, ["Purpose", "State", "Nonce", "When", "Block", "Transaction"].map((name) => el("th", { scope: "col", class: ["Nonce", "Block"].includes(name) ? "n" : null }, name)))),
    el("tbody", {}, entries.map((entry) => el("tr", {},
      el("th", { scope: "row" }, stranger(entry.purpose, 120)),
      el("td", {}, el("span", { class: `tag ${JOURNAL[entry.state] ?? ""}` }, visible(entry.state, 30))),
      el("td", { class: "n" }, number(entry.nonce)),
      el("td", {}, el("time", { title: absolute(entry.at) }, relative(entry.at, now))),
      el("td", { class: "n" }, number(entry.block)),
      el("td", {}, digest(entry.transaction, "transaction")))))));
}

/** Where the token of this dashboard is put in, for who may start and pause roles. */
export function tokenForm(authorise) {
  const field = el("input", { type: "password", autocomplete: "off", spellcheck: "false", maxlength: "200", id: "dashboard-token" });
  const note = el("p", { class: "small note", role: "alert" });
  return el("form", { class: "token-form", on: { submit: (event) => {
    event.preventDefault();
    const typed = field.value.trim().replace(/^.*[#&?]token=/, "");
    if (/^[A-Za-z0-9_.~-]{1,200}$/.test(typed)) authorise(typed);
    else { replace(note, typed ? "This is no token: it has letters, digits and _ . ~ - alone." : "Paste the token first."); field.focus(); }
  } } },
    el("p", { class: "small faint" }, "To start and pause roles this page needs the dashboard’s token. It stands in the address that the command printed, after #token=, and in the file dashboard.token."),
    el("div", { class: "row" }, el("label", { for: "dashboard-token" }, "Token"), field, el("button", { type: "submit", class: "button" }, "Use it")),
    note);
}
