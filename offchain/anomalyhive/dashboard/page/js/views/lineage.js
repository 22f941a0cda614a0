// The chain of models from genesis.

import { el, replace } from "../dom.js";

/** Shows the lineage. */
export async function show(root) {
  replace(root, el("h1", {}, "Lineage"));
}
