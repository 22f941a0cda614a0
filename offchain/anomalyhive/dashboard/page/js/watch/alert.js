// One alert, as a card: what it says, of whom, since when, and why; what ended it, if anything did.

import { shortAddress, checksummed } from "../address.js";
import { copyButton, digest, el, replace, setAttribute, setText, stranger, visible } from "../dom.js";
import { absolute, basisPoints, number, relative } from "../format.js";
import { severity, why } from "./words.js";

/** Reasons that stand there at once; the others open. */
const FIRST_REASONS = 3;

const TONES = { live: "bad", expired: "", withdrawn: "warn" };

/** `{ node, update(alert), tick() }`; `update` keeps the element, so focus and selection stay. */
export function alertCard(alert) {
  const state = el("span", { class: "tag" });
  const ended = el("span", { class: "ended" });
  const age = el("time", { datetime: iso(alert.raised_at), title: absolute(alert.raised_at) });
  const expiry = el("dd");
  const ends = el("dd");
  const posted = el("dd");
  const node = el("article", { class: "alert-card card", tabindex: "-1", id: cardId(alert.id), "aria-label": `Alert about ${visible(alert.address, 60)}` },
    el("div", { class: "alert-head" },
      el("span", { class: "probability", data: { severity: severity(alert.probability_bp) } }, basisPoints(alert.probability_bp)),
      el("span", { class: "category" }, stranger(alert.category, 120)),
      addressLink(alert.address),
      state,
      ended,
      el("span", { class: "when faint" }, age)),
    reasonsOf(alert.reasons ?? []),
    el("details", { class: "more" },
      el("summary", {}, "Block, transactions, model"),
      facts(alert, { expiry, ends, posted })));
  let shown = alert;
  const card = {
    node,
    update(next) {
      shown = next;
      setAttribute(node, "data-state", next.state ?? "live");
      setText(state, next.state ?? "live");
      setAttribute(state, "class", `tag ${TONES[next.state ?? "live"] ?? ""}`);
      // Beside the state, where there is room, so that its coming moves little.
      setText(ended, next.state === "withdrawn" ? visible(why(next.ended_why), 200) : "");
      setText(ends, next.ended_at ? `${absolute(next.ended_at)}: ${visible(why(next.ended_why), 200)}` : "not yet");
      replace(posted, next.posted_tx ? digest(next.posted_tx, "transaction") : "nowhere on a chain, as far as this watch knows");
      card.tick();
    },
    tick() {
      setText(age, relative(shown.raised_at));
      setText(expiry, `${absolute(shown.expires_at)} (${relative(shown.expires_at)})`);
    },
  };
  card.update(alert);
  return card;
}

/** The id of an alert's element: alerts are named by hexadecimal digests, whatever else comes is no id. */
export function cardId(id) {
  return `alert-${String(id).replace(/[^0-9a-zA-Z]/g, "").slice(0, 64)}`;
}

/** A link to an address's page; a text that is no address is shown and leads nowhere. */
export function addressLink(address) {
  if (!/^0x[0-9a-f]{40}$/.test(String(address))) return stranger(address, 80);
  return el("span", { class: "digest" },
    el("a", { class: "address", href: `#/address/${address}`, title: checksummed(address) }, el("code", {}, shortAddress(address))),
    copyButton(checksummed(address), `address ${shortAddress(address)}`));
}

/** Reasons in words, the strongest first. */
export function reasonsOf(reasons, first = FIRST_REASONS) {
  if (!reasons.length) return el("p", { class: "faint small" }, "No reasons were given.");
  const line = (text) => el("li", {}, reasonOf(text));
  const rest = reasons.slice(first);
  return el("div", { class: "reasons" },
    el("ul", {}, reasons.slice(0, first).map(line)),
    rest.length > 0 && el("details", {},
      el("summary", {}, `${number(rest.length)} more ${rest.length === 1 ? "reason" : "reasons"}`),
      el("ul", {}, rest.map(line))));
}

/** A reason's words, and before them how far it moved the score where it says so, such as "(+0.81)" at its end. */
function reasonOf(text) {
  const found = /^(.*) \(([+-])(\d{1,4}\.\d\d)\)$/.exec(String(text));
  if (!found) return [el("span", {}), stranger(text, 400)];
  const [, words, sign, size] = found;
  const up = sign === "+";
  return [
    el("span", { class: `push ${up ? "up" : "down"}`, title: `${up ? "raises" : "lowers"} the score by ${size} (in logits)` }, el("span", { class: "away" }, up ? "raises by " : "lowers by "), `${up ? "+" : "−"}${size}`),
    stranger(words, 400),
  ];
}

function facts(alert, { expiry, ends, posted }) {
  const rows = [
    ["Raised", absolute(alert.raised_at)],
    ["Expires", expiry],
    ["Ended", ends],
    ["Block", [el("span", { class: "number" }, number(alert.block_number)), " ", digest(alert.block_hash, "block hash")]],
    ["Transactions", (alert.transactions ?? []).slice(0, 20).map((hash) => el("div", {}, digest(hash, "transaction")))],
    ["Model", [modelLink(alert.model), alert.round ? ` of round ${number(alert.round)}` : ""]],
    ["Posted", posted],
    ["Id", digest(alert.id, "alert")],
  ];
  const left = (alert.transactions ?? []).length - 20;
  if (left > 0) rows[4][1].push(el("div", { class: "faint" }, `and ${number(left)} more`));
  return el("dl", { class: "facts" }, rows.map(([name, value]) => [el("dt", {}, name), value instanceof Element && value.tagName === "DD" ? value : el("dd", {}, value)]));
}

/** A model's digest that leads to its place in the lineage. */
export function modelLink(model) {
  const text = String(model ?? "");
  if (!/^[0-9a-f]{64}$/i.test(text)) return stranger(text || "unknown", 80);
  return el("span", { class: "digest" },
    el("a", { href: `#/lineage/${text}`, title: text }, el("code", {}, `${text.slice(0, 8)}…${text.slice(-5)}`)),
    copyButton(text, `model ${text.slice(0, 10)}`));
}

function iso(seconds) {
  const date = new Date(Number(seconds) * 1000);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}
