// The box into which an address is put, to see what the hive thinks of it.

import { readAddress } from "../address.js";
import { el, setText } from "../dom.js";

/** A form that goes to an address's page, or says what is wrong with what was typed. */
export function lookup(typed = "") {
  const note = el("p", { id: "lookup-note", class: "small note", role: "alert" });
  const input = el("input", { type: "search", id: "lookup-address", value: typed || null, placeholder: "0x…", autocomplete: "off", autocapitalize: "off", spellcheck: "false", maxlength: "200", "aria-describedby": "lookup-note" });
  const judge = () => {
    const read = readAddress(input.value);
    setText(note, read.problem ?? "");
    if (read.problem) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
    return read.address;
  };
  input.addEventListener("input", () => { if (note.textContent) judge(); });
  return el("form", { class: "lookup", role: "search", "aria-label": "Look up an address", on: { submit: (event) => {
    event.preventDefault();
    const address = judge();
    if (address) location.hash = `#/address/${address}`;
    else input.focus();
  } } },
    el("label", { for: "lookup-address", class: "small" }, "Look up an address"),
    el("div", { class: "lookup-row" }, input, el("button", { type: "submit", class: "button" }, "Look up")),
    note);
}
