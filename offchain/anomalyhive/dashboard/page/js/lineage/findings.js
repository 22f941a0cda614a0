// What an audit found: its verdict, what of it is about one model, and every check with what failed.

import { el, keyed, replace, setText, stranger, visible } from "../dom.js";
import { count, number } from "../format.js";

/** Failures of a check that are shown; the rest is in the report of the command. */
const MOST = 20;

/** The verdict of an audit that has ended, as one reads it beside a model; `newest` is the last round that it covered. */
export function verdictOf(audit, model, newest) {
  if (audit.state === "failed") {
    return box("no", "The audit could not be made", visible(audit.problem ?? "Nobody says why.", 500));
  }
  const failed = audit.checks.filter((one) => one.failed > 0);
  const looked = audit.checks.reduce((sum, one) => sum + one.checked, 0);
  const words = audit.holds
    ? `All ${count(audit.checks.length, "check")} hold; ${count(looked, "thing")} were looked at.`
    : `${count(failed.length, "check")} of ${number(audit.checks.length)} failed; below is what and where.`;
  return box(audit.holds ? "yes" : "no", audit.holds ? "✓ The lineage holds" : "✗ The lineage does not hold", words, about(audit, model, newest, failed));
}

function box(tone, title, ...words) {
  return el("div", { class: `verdict ${tone}`, role: "status" }, el("strong", {}, title), words.filter(Boolean).map((one) => el("p", {}, one)));
}

/** What the audit says of this model. */
function about(audit, model, newest, failed) {
  const name = `the model of round ${number(model.round)}`;
  if (model.round > newest) return `It began before ${name} was final: run another one for that.`;
  if (audit.holds) return `So does ${name}: it is, bit for bit, what its parent and its sum give.`;
  const named = failed.reduce((sum, one) => sum + one.failures.filter((text) => names(text, model)).length, 0);
  return named ? `${count(named, "failure")} ${named === 1 ? "names" : "name"} ${name} or its round.` : `None of what is listed names ${name} or its round; what came before it may.`;
}

function names(text, model) {
  return text.includes(model.digest) || new RegExp(`\\bround ${model.round}\\b`).test(text);
}

/** `{ node, update(checks) }`. */
export function checksTable() {
  const rows = el("tbody");
  const put = keyed(rows, (one) => one.name, row);
  const heads = el("tr", {}, el("th", { scope: "col" }, "Holds"), el("th", { scope: "col" }, "Check"), el("th", { scope: "col", class: "n" }, "Checked"), el("th", { scope: "col", class: "n" }, "Failed"));
  const node = el("div", { class: "scroll", hidden: true, tabindex: "0", role: "region", "aria-label": "Checks of the audit" }, el("table", { class: "cards" }, el("thead", {}, heads), rows));
  return {
    node,
    update(checks) {
      node.hidden = checks.length === 0;
      put(checks);
    },
  };
}

function row() {
  const mark = el("td", { class: "mark" });
  const title = el("td", { class: "words" });
  const checked = el("td", { class: "n", data: { label: "Checked" } });
  const failed = el("td", { class: "n", data: { label: "Failed" } });
  return {
    node: el("tr", {}, mark, title, checked, failed),
    update(one) {
      mark.className = `mark ${one.failed ? "bad" : one.checked ? "good" : "faint"}`;
      setText(mark, one.failed ? "✗ no" : one.checked ? "✓ yes" : "– nothing");
      replace(title, visible(one.title ?? one.name, 200), faults(one));
      setText(checked, number(one.checked));
      setText(failed, number(one.failed));
    },
  };
}

function faults({ failures = [], failed }) {
  if (failures.length === 0) return null;
  const shown = failures.slice(0, MOST);
  return [el("ul", { class: "faults" }, shown.map((each) => el("li", { class: "bad" }, stranger(each, 600)))),
    failed > shown.length ? el("p", { class: "bad small" }, `and ${number(failed - shown.length)} more, all in the report of the command`) : null];
}
