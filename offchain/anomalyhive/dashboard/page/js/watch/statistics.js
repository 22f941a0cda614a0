// The statistics of an address: every number that the model looks at, folded until somebody asks.

import { el, replace, setText, visible } from "../dom.js";
import { count, number } from "../format.js";

/** The part, hidden until something is known; `draw` takes [{name, value, unit}], and leaves alone what is open. */
export function statisticsPart() {
  const search = el("input", { type: "search", placeholder: "sent, received, gas …", maxlength: "60", autocomplete: "off" });
  const told = el("span", { class: "faint small", role: "status" });
  const many = el("span", { class: "faint" });
  const body = el("tbody");
  const node = el("section", { class: "card", hidden: true, "aria-label": "Statistics" },
    el("details", {},
      el("summary", {}, el("h2", { class: "inline" }, "Statistics"), " ", many),
      el("div", { class: "row" }, el("label", {}, "Filter by name", search), told),
      el("div", { class: "scroll" }, el("table", {},
        el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Statistic"), el("th", { scope: "col", class: "n" }, "Value"), el("th", { scope: "col" }, "Unit"))),
        body))));
  let names = null;
  let lines = [];

  const choose = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const line of lines) line.node.hidden = !words.every((word) => line.text.includes(word));
    const shown = lines.filter((line) => !line.node.hidden).length;
    setText(told, words.length ? `${number(shown)} of ${number(lines.length)}` : "");
  };
  search.addEventListener("input", choose);

  return {
    node,
    draw(rows) {
      node.hidden = rows.length === 0;
      const key = JSON.stringify(rows.map((one) => [one.name, one.unit]));
      if (key !== names) {
        names = key;
        lines = rows.map(lineOf);
        replace(body, lines.map((line) => line.node));
        setText(many, `${count(rows.length, "number")} that the model looks at`);
        choose();
      }
      rows.forEach((one, place) => setText(lines[place].value, visible(number(one.value), 100)));
    },
  };
}

function lineOf({ name, unit }) {
  const value = el("td", { class: "n" });
  return {
    text: String(name).toLowerCase(),
    value,
    node: el("tr", {}, el("th", { scope: "row" }, el("code", {}, visible(name, 100))), value, el("td", { class: "faint" }, visible(unit ?? "", 80))),
  };
}
