// An audit, started from here: what it checks, how far it is, and what it found.

import { el, keyed, replace, setText, stranger, visible } from "../dom.js";
import { count, number } from "../format.js";

/** Milliseconds between two looks at an audit that is running. */
const LOOK = 800;

/** Failures of a check that are shown; the rest is in the report of the command. */
const MOST = 20;

/** Audits of this tab, by the digest of their model, so that leaving the view and coming back loses none. */
const known = new Map();

/** The panel about a model: `{ node, stop() }`. */
export function auditPanel(model, context) {
  const body = el("div");
  const node = el("section", { class: "card", "aria-labelledby": "audit-title" }, el("h2", { id: "audit-title" }, "Audit"),
    el("p", { class: "faint" }, "An audit trusts nobody: it makes this model and all before it again from genesis, derives every digest, sum, median and reward, and compares."), body);
  const panel = { node, body, model, context, timer: 0, stopped: false, stop() { panel.stopped = true; clearTimeout(panel.timer); } };
  const running = known.get(model.digest);
  if (running) follow(panel, running);
  else offer(panel);
  return panel;
}

function offer(panel, problem = null) {
  const { context, body } = panel;
  if (context.hive?.offers?.audits === false) {
    return replace(body, el("p", {}, "This dashboard cannot audit from here. On a run's folder, an export or a store of the content, the command does: ", el("code", {}, "anomalyhive audit"), "."));
  }
  if (!context.authorised) {
    return replace(body, el("p", {}, "To run one from here, open the address that ", el("code", {}, "anomalyhive dashboard"), " printed: it carries the token of this dashboard behind #token=."));
  }
  return replace(body, problem && el("p", { class: "bad", role: "alert" }, visible(problem.message, 500)),
    el("p", {}, el("button", { type: "button", class: "button main", on: { click: () => begin(panel) } }, problem ? "Try again" : "Audit this model")));
}

async function begin(panel) {
  const button = panel.body.querySelector("button");
  button.disabled = true;
  try {
    const { id } = await panel.context.api.post("/v1/audits", { model: panel.model.digest });
    known.set(panel.model.digest, id);
    if (!panel.stopped) follow(panel, id);
  } catch (error) {
    if (!panel.stopped) offer(panel, error);
  }
}

function follow(panel, id) {
  const view = progressView(panel);
  replace(panel.body, view.node);
  const look = async () => {
    try {
      const audit = await panel.context.api.get(`/v1/audits/${encodeURIComponent(id)}`);
      if (panel.stopped) return;
      view.update(audit);
      if (!finished(audit)) panel.timer = setTimeout(look, LOOK);
    } catch (error) {
      if (panel.stopped) return;
      if (error.passing) panel.timer = setTimeout(look, LOOK * 4);
      else {
        known.delete(panel.model.digest);
        offer(panel, error);
      }
    }
  };
  look();
}

function finished(audit) {
  return !["queued", "waiting", "running", "pending"].includes(audit.state);
}

function progressView(panel) {
  const bar = el("progress", { max: 1, value: 0, "aria-label": "Progress of the audit" });
  const words = el("p", { role: "status" }, "The audit begins.");
  const verdict = el("div", {});
  const rows = el("tbody");
  const put = keyed(rows, (one) => one.name, checkRow);
  const again = el("button", { type: "button", class: "button", hidden: true, on: { click: () => { known.delete(panel.model.digest); begin(panel); } } }, "Audit again");
  const table = el("div", { class: "scroll", hidden: true }, el("table", {}, el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Holds"), el("th", { scope: "col" }, "Check"), el("th", { scope: "col", class: "n" }, "Checked"), el("th", { scope: "col", class: "n" }, "Failed"))), rows));
  return {
    node: el("div", {}, verdict, bar, words, table, el("p", {}, again)),
    update(audit) {
      const checks = audit.checks ?? [];
      bar.max = Math.max(audit.total ?? 1, 1);
      bar.value = finished(audit) ? bar.max : audit.done ?? 0;
      setText(words, told(audit));
      table.hidden = checks.length === 0;
      put(checks);
      bar.hidden = finished(audit);
      again.hidden = !finished(audit);
      if (finished(audit)) replace(verdict, result(audit));
    },
  };
}

function told(audit) {
  if (audit.state === "failed" || audit.problem) return visible(audit.problem ?? "The audit could not be finished.", 500);
  if (finished(audit)) return `${count((audit.checks ?? []).length, "check")}; ${number((audit.checks ?? []).reduce((sum, one) => sum + (one.checked ?? 0), 0))} things were looked at.`;
  return `${number(audit.done ?? 0)} of ${number(audit.total ?? 0)} done.`;
}

function result(audit) {
  const failed = (audit.checks ?? []).filter((one) => one.failed > 0).length;
  if (audit.state === "failed" || audit.problem) return el("div", { class: "verdict no" }, el("strong", {}, "The audit could not be finished"));
  return failed === 0
    ? el("div", { class: "verdict yes" }, el("strong", {}, "✓ The lineage holds"), el("p", {}, "Everything that was checked is what it should be."))
    : el("div", { class: "verdict no" }, el("strong", {}, "✗ The lineage does not hold"), el("p", {}, `${count(failed, "check")} failed; below is what and where.`));
}

function checkRow() {
  const mark = el("td", { class: "mark" });
  const title = el("td", { class: "words" });
  const [checked, failed] = [el("td", { class: "n" }), el("td", { class: "n" })];
  return {
    node: el("tr", {}, mark, title, checked, failed),
    update(one) {
      const tone = one.failed ? "bad" : one.checked ? "good" : "faint";
      mark.className = `mark ${tone}`;
      setText(mark, one.failed ? "✗ no" : one.checked ? "✓ yes" : "– nothing");
      const failures = one.failures ?? [];
      replace(title, visible(one.title ?? one.name, 200), failures.length ? el("ul", { class: "faults" }, failures.slice(0, MOST).map((each) => el("li", { class: "bad" }, stranger(wording(each), 600)))) : null,
        failures.length > MOST ? el("p", { class: "bad small" }, `and ${number(failures.length - MOST)} more`) : null);
      setText(checked, number(one.checked));
      setText(failed, number(one.failed));
    },
  };
}

function wording(failure) {
  return typeof failure === "string" ? failure : failure?.words ?? failure?.failure ?? JSON.stringify(failure);
}
