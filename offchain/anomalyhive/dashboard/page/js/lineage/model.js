// One model: what it was made from, by whose updates, who attested it, and how good it is.

import { digest, el, stranger } from "../dom.js";
import { basisPoints, count, fraction, listed, measure, number, quality } from "../format.js";
import { place } from "./chain.js";

/** The whole of a model as /v1/models/{digest} tells it; `parent` is the entry of the model before it, if there is one. */
export function modelCard(model, { before, after, hive }) {
  return el("div", { class: "stack" },
    el("section", { class: "card", "aria-labelledby": "model-title" },
      el("div", { class: "row apart" }, el("h2", { id: "model-title" }, `Model of round ${number(model.round)}`), neighbours(before, after)),
      el("p", {}, stranger(sentence(model.derivation?.words))),
      derivation(model),
      el("h3", {}, "What it is"),
      facts(model, before)),
    contributions(model, hive));
}

function sentence(words) {
  const text = String(words ?? "");
  return text === "" ? "" : `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function neighbours(before, after) {
  const step = (model, words, rel) => model && el("a", { class: "button", href: place(model.digest), rel }, words);
  const name = (model) => (model.round === 0 ? "genesis" : `round ${number(model.round)}`);
  return el("div", { class: "row" }, step(before, before && `← ${name(before)}`, "prev"), step(after, after && `${name(after)} →`, "next"));
}

/** Parent and sum, and what comes of them. */
function derivation(model) {
  const { derivation: from = {} } = model;
  const box = (title, words, ...parts) => el("div", { class: "box" }, el("span", { class: "strong" }, title), el("span", { class: "faint small" }, words), parts);
  return el("div", { class: "derivation" },
    box("Parent", from.parent || model.parent ? "the model before" : "not in this store", pointer(from.parent ?? model.parent, "parent")),
    el("span", { class: "sign", "aria-label": "and" }, "+"),
    box("Sum", `of ${count(model.accepted, "accepted update")}`, from.sum ? digest(from.sum, "root of the sum") : null,
      model.commitment_sum ? el("span", { class: "small" }, el("span", { class: "faint" }, "commitment "), digest(model.commitment_sum, "sum of the commitments")) : el("span", { class: "faint small" }, "this chain cannot add commitments")),
    el("span", { class: "sign", "aria-label": "give" }, "="),
    box("This model", "weights", model.weights_digest ? digest(model.weights_digest, "weights") : el("span", { class: "faint small" }, "not in this store")));
}

function pointer(parent, what) {
  return parent ? el("span", {}, digest(parent, what), " ", el("a", { href: place(parent), class: "small" }, "see it")) : null;
}

function facts(model, before) {
  return el("dl", { class: "facts" },
    el("dt", {}, "Digest"), el("dd", {}, digest(model.digest, "digest of the model", 30)),
    el("dt", {}, "CID"), el("dd", {}, digest(model.cid, "CID of the model", 30)),
    el("dt", {}, "Attested by"), el("dd", {}, model.attested_by?.length ? listed(model.attested_by.map((one) => `node ${one}`)) : "nobody yet"),
    el("dt", {}, "Updates"), el("dd", {}, `${number(model.accepted)} accepted, `, model.rejected ? el("span", { class: "bad" }, `${number(model.rejected)} rejected`) : "none rejected"),
    Object.entries(model.quality ?? {}).map(([name, value]) => [el("dt", {}, measure(name)), el("dd", {}, quality(value), change(value, before?.quality?.[name]))]),
    model.quality ? null : [el("dt", {}, "Quality"), el("dd", {}, "nobody measured it")]);
}

/** How much better or worse than its parent. */
function change(value, old) {
  const [a, b] = [fraction(value), fraction(old)];
  if (a === null || b === null) return null;
  const by = a - b;
  return el("span", { class: "faint small" }, ` ${by < 0 ? "−" : "+"}${Math.abs(by).toFixed(4)} against its parent`);
}

function contributions(model, hive) {
  const all = model.contributions ?? [];
  const columns = ["Shard", "Node", "Judged", "Score", "Rows", "Part of the sum", "Update"];
  return el("section", { class: "card", "aria-labelledby": "updates-title" },
    el("h2", { id: "updates-title" }, "Updates that were offered to it"),
    all.length === 0 ? el("p", { class: "faint" }, "None is known.") : el("div", { class: "scroll", tabindex: "0", role: "region", "aria-labelledby": "updates-title" },
      el("table", { class: "cards" }, el("thead", {}, el("tr", {}, columns.map((one, index) => el("th", { scope: "col", class: [0, 3, 4, 5].includes(index) ? "n" : null }, one)))),
        el("tbody", {}, all.map(contribution)))),
    el("p", { class: "faint small" }, hive?.data_mode === "public" ? "Validators hold an update against the rows of its shard. " : "",
      "The score, from 0 to 255, says how much an update tells; 0 rejects it."));
}

function contribution(one) {
  const labelled = (label, text) => el("td", { class: "n", data: { label } }, text);
  return el("tr", {},
    labelled("Shard", number(one.shard)),
    el("th", { scope: "row", class: "words" }, stranger(one.name || `node ${one.node}`, 200)),
    el("td", { class: "words" }, el("span", { class: one.accepted ? "tag good" : "tag bad" }, one.accepted ? "✓ accepted" : "✗ rejected"),
      one.reason ? el("div", { class: "bad small" }, stranger(one.reason, 600)) : null),
    labelled("Score", number(one.score)),
    labelled("Rows", number(one.rows)),
    labelled("Part of the sum", basisPoints(one.share_bp)),
    el("td", { class: "nowrap" }, el("div", {}, digest(one.digest, `update of shard ${one.shard}`)), el("div", { class: "small" }, el("span", { class: "faint" }, "CID "), digest(one.cid, `CID of the update of shard ${one.shard}`))));
}

/** The model that nothing was added to. */
export function genesisCard(given) {
  return el("section", { class: "card" }, el("h2", {}, "Genesis"),
    el("p", {}, "The first model: it follows from the task's spec alone, before anybody learned anything. All others come from it, each by the sum of a round."),
    el("dl", { class: "facts" }, el("dt", {}, "Digest"), el("dd", {}, digest(given, "digest of genesis", 30))));
}
