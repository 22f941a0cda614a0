// What each node earned, as a table with bars.

import { meter } from "../charts.js";
import { el, keyed, replace, setText, visible } from "../dom.js";
import { number, share, tokens } from "../format.js";

/** `{ node, update(nodes, token) }`. */
export function rewards() {
  const body = el("tbody");
  const units = el("p", { class: "faint small" });
  const place = keyed(body, (one) => String(one.id), row);
  const node = el("section", { class: "card", "aria-labelledby": "rewards" }, el("h2", { id: "rewards" }, "Rewards by node"), units,
    el("div", { class: "scroll", tabindex: "0", role: "region", "aria-labelledby": "rewards" }, el("table", { class: "cards" },
      el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Node"), el("th", { scope: "col", class: "n" }, "Earned"), el("th", { scope: "col", class: "bar-column" }, el("span", { class: "away" }, "Share")),
        el("th", { scope: "col", class: "n" }, "To claim"), el("th", { scope: "col", class: "n" }, "Accepted"), el("th", { scope: "col", class: "n" }, "Verdicts"), el("th", { scope: "col", class: "n" }, "Stake"))),
      body)));
  return {
    node,
    update(nodes, token) {
      const most = nodes.reduce((best, one) => (BigInt(one.earned ?? 0) > best ? BigInt(one.earned ?? 0) : best), 0n).toString();
      setText(units, `Earned, to claim and stake in ${token?.symbol ?? "tokens"}, cut to two decimals.`);
      place(nodes.map((one) => ({ ...one, most, decimals: token?.decimals })));
      if (nodes.length === 0) replace(body, el("tr", {}, el("td", { colspan: 7, class: "faint" }, "No node has registered yet.")));
    },
  };
}

function row() {
  const name = el("bdi");
  const roles = el("span", { class: "faint small" });
  const bar = meter("gold");
  const cells = ["Earned", "To claim", "Accepted", "Verdicts", "Stake"].map((label) => el("td", { class: "n", data: { label } }));
  const node = el("tr", {}, el("th", { scope: "row", class: "words" }, name, el("br"), roles), cells[0], el("td", { class: "bar-column" }, bar.node), cells.slice(1));
  return {
    node,
    update(one) {
      setText(name, visible(one.name || one.metadata?.name || `Node ${one.id}`, 120));
      setText(roles, [...(one.roles ?? []), ...(one.state && one.state !== "active" ? [one.state] : [])].join(", "));
      bar.update(share(one.earned, one.most));
      setText(cells[0], tokens(one.earned, one));
      setText(cells[1], tokens(one.unclaimed, one));
      setText(cells[2], one.updates ? `${number(one.accepted)} of ${number(one.updates)}` : "–");
      setText(cells[3], one.verdicts ? number(one.verdicts) : "–");
      setText(cells[4], tokens(one.stake, one));
    },
  };
}
