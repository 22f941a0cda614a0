// The hive as it is now: what a stranger sees first.

import { el, replace } from "../dom.js";
import { loaded } from "../states.js";

/** Shows the round in progress. */
export async function show(root, params, context) {
  const body = el("div", { class: "stack" });
  replace(root, el("h1", {}, "The hive now"), body);
  await loaded(body, context, () => context.api.list("/v1/rounds", { most: 1, signal: context.signal }),
    ({ items }) => el("p", {}, items.length ? `Round ${items[0].round}, ${items[0].phase}` : "No round was opened yet."));
}
