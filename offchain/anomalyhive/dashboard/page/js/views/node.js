// My node: roles, stake, rewards, what the doctor says, the journal. Rewards are claimed with the owner's wallet.

import { el, replace, tell, visible } from "../dom.js";
import { failed, skeleton } from "../states.js";
import { ClaimPanel } from "../node/claiming.js";
import { doctor, identity, journal, roles, tokenForm } from "../node/parts.js";
import { readMe } from "../node/reading.js";

/** Seconds between two loads; the server itself looks at the node every ten. */
const BETWEEN = 5;

/** The view; see main.js for what a view is given. */
export async function show(root, params, context) {
  const state = { me: null, busy: false, note: null, ticks: 0 };
  const part = (labelled) => el("section", { class: "card", "aria-labelledby": labelled });
  const parts = { identity: part("identity-title"), roles: part("roles-title"), doctor: part("doctor-title"), journal: part("journal-title") };
  const rewards = new ClaimPanel(context, () => load());
  replace(root, el("h1", {}, "My node"), skeleton(8));

  async function load() {
    try {
      const me = readMe(await context.api.get("/v1/me", { signal: context.signal }));
      const first = state.me === null;
      state.me = me;
      if (!me.present) return nobody(root);
      if (first) frame();
      draw();
    } catch (error) {
      // Once shown, it stays: the banner says that it may be old.
      if (!context.signal.aborted && state.me === null) replace(root, el("h1", {}, "My node"), failed(error, load));
    }
    return undefined;
  }

  function frame() {
    replace(root, el("h1", {}, "My node"),
      el("div", { class: "node-grid" },
        el("div", { class: "stack" }, parts.identity, rewards.node),
        el("div", { class: "stack" }, parts.roles, parts.doctor)),
      parts.journal);
  }

  const drawn = new Map();
  function once(name, key, make) {
    const text = JSON.stringify(key);
    if (drawn.get(name) === text) return;
    drawn.set(name, text);
    replace(parts[name], make());
  }

  function draw() {
    const { me } = state;
    const unit = context.hive?.token ?? {};
    once("identity", [me, unit], () => identity(me, unit));
    drawRoles();
    rewards.update(me);
    once("doctor", me.doctor, () => [el("h2", { id: "doctor-title" }, "What the doctor says"), doctor(me.doctor)]);
    once("journal", [me.journal, Math.floor(context.now() / 60)], () => [el("h2", { id: "journal-title" }, "Journal"), journal(me.journal, context.now())]);
  }

  function drawRoles() {
    const { me, busy, note } = state;
    once("roles", [me.roles, busy, note, context.authorised], () => [
      el("h2", { id: "roles-title" }, "Roles"),
      roles(me, { authorised: context.authorised, busy, turn }),
      note && el("p", { class: "note bad-note", role: "alert" }, visible(note, 300)),
      context.authorised ? null : tokenForm((token) => { context.authorise(token); state.note = null; drawRoles(); }),
    ]);
  }

  async function turn(role, pause) {
    Object.assign(state, { busy: true, note: null });
    drawRoles();
    try {
      await context.api.post(`/v1/me/roles/${encodeURIComponent(role)}/${pause ? "pause" : "resume"}`, {}, { signal: context.signal });
      tell(`The role ${visible(role, 40)} is ${pause ? "paused" : "on"}.`);
    } catch (error) {
      if (context.signal.aborted) return;
      if (error.status === 401) context.authorise(null);
      state.note = error.message;
    }
    state.busy = false;
    await load();
    drawRoles();
    // The button that was pressed is another one now.
    parts.roles.querySelector(`button[aria-label$="role ${CSS.escape(visible(role, 40))}"]`)?.focus();
  }

  context.listen("hive", () => { if (state.me?.present) draw(); });
  context.listen("tick", () => {
    state.ticks += 1;
    if (state.ticks % BETWEEN || state.busy || document.visibilityState !== "visible") return;
    load();
  });
  await load();
  return () => rewards.stop();
}

function nobody(root) {
  replace(root, el("h1", {}, "My node"), el("div", { class: "state empty" },
    el("div", { class: "comb", "aria-hidden": "true" }, "⬡ ⬡ ⬡"),
    el("p", { class: "strong" }, "This dashboard looks at a hive, and at no node of yours."),
    el("p", { class: "faint" }, "Start it with the folder of your node to see its stake, its journal and what the doctor says, and to claim what it has earned:"),
    el("p", {}, el("code", {}, "anomalyhive dashboard … --home ~/.anomalyhive"))));
}
