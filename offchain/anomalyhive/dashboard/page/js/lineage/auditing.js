// An audit, started from here: what it is at, how far it is, and what it found. It is one for the whole lineage; each
// model's panel also says what of it is about that model.

import { el, replace, setText, visible } from "../dom.js";
import { number } from "../format.js";
import { checksTable, verdictOf } from "./findings.js";

/** Milliseconds between two looks at an audit that is running. */
const LOOK = 700;

/** The audit that this tab knows of: `{ id, newest }`, `newest` the last final round when it began. Leaving loses it not. */
let known = null;

/** The panel beside a model: `{ node, stop() }`. `newest` is the round of the newest model. */
export function auditPanel(model, newest, context) {
  const body = el("div");
  const node = el("section", { class: "card", "aria-labelledby": "audit-title" }, el("h2", { id: "audit-title" }, "Audit"),
    el("p", { class: "faint" }, "An audit trusts nobody: it makes every model again from genesis, derives every digest, sum, median and reward, and compares."), body);
  const panel = { node, body, model, newest, context, timer: 0, stopped: false, stop() { panel.stopped = true; clearTimeout(panel.timer); } };
  if (known) follow(panel);
  else offer(panel);
  return panel;
}

function offer(panel, problem = null) {
  const { context, body } = panel;
  if (context.hive?.offers?.audits === false) {
    return replace(body, el("p", {}, "This dashboard cannot audit from here: it has the chain and none of the content. On a run's folder, an export or a store, the command does: ", el("code", {}, "anomalyhive audit"), "."));
  }
  if (!context.authorised) {
    return replace(body, el("p", {}, "To run one from here, open the address that ", el("code", {}, "anomalyhive dashboard"), " printed: it carries the token of this dashboard behind #token=."));
  }
  const words = problem?.status === 401 ? "The token of this tab is of an earlier start: open the address that the command printed last." : problem?.message;
  return replace(body, problem && el("p", { class: "bad", role: "alert" }, visible(words, 500)),
    el("p", {}, el("button", { type: "button", class: "button main", on: { click: () => begin(panel) } }, problem ? "Try again" : "Run an audit")));
}

async function begin(panel) {
  panel.body.querySelectorAll("button").forEach((button) => { button.disabled = true; });
  try {
    const { id } = await panel.context.api.post("/v1/audits", { model: panel.model.digest });
    known = { id, newest: panel.newest };
  } catch (error) {
    // One audit at a time: if somebody has begun one, that is the one to watch.
    const running = error.status === 409 ? /audit ([0-9a-f]+) is running/.exec(error.message) : null;
    if (!running) return panel.stopped ? null : offer(panel, error);
    known = { id: running[1], newest: panel.newest };
  }
  return panel.stopped ? null : follow(panel);
}

function follow(panel) {
  const audit = known;
  const view = progressView(panel);
  replace(panel.body, view.node);
  const look = async () => {
    try {
      const found = await panel.context.api.get(`/v1/audits/${encodeURIComponent(audit.id)}`);
      if (panel.stopped) return;
      view.update(found, audit);
      if (found.state === "running") panel.timer = setTimeout(look, LOOK);
    } catch (error) {
      if (panel.stopped) return;
      if (error.passing) panel.timer = setTimeout(look, LOOK * 4);
      else {
        known = null; // A server that was started anew knows nothing of it.
        offer(panel, error);
      }
    }
  };
  look();
}

function progressView(panel) {
  const bar = el("progress", { max: 1, value: 0, "aria-label": "Progress of the audit" });
  const words = el("p", { role: "status" }, "The audit begins.");
  const verdict = el("div");
  const table = checksTable();
  const again = el("p", { hidden: true }, el("button", { type: "button", class: "button", on: { click: () => begin(panel) } }, "Run another audit"));
  return {
    node: el("div", {}, verdict, bar, words, table.node, again),
    update(found, audit) {
      const ended = found.state !== "running";
      bar.hidden = ended;
      again.hidden = !ended;
      bar.max = Math.max(found.total, 1);
      bar.value = found.done;
      setText(words, ended ? "" : `It is at ${visible(found.stage, 60)}: ${number(found.done)} of ${number(found.total)}.`);
      words.hidden = ended;
      table.update(found.checks ?? []);
      if (ended) replace(verdict, verdictOf(found, panel.model, audit.newest));
    },
  };
}
