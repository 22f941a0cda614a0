// The switch between light, dark, and what the system says.

import { el, replace } from "./dom.js";

const KEY = "anomalyhive.theme";
const NEXT = { system: "light", light: "dark", dark: "system" };
const SIGNS = { system: ["◐", "System"], light: ["○", "Light"], dark: ["●", "Dark"] };

/** Turns a button into the switch. */
export function themeSwitch(button) {
  const chosen = () => document.documentElement.dataset.theme ?? "system";
  const show = () => {
    const [sign, word] = SIGNS[chosen()];
    replace(button, sign, el("span", { class: "word" }, ` ${word}`));
    button.setAttribute("aria-label", `Colours: ${chosen()}. Switch to ${NEXT[chosen()]}`);
  };
  button.addEventListener("click", () => {
    choose(NEXT[chosen()]);
    show();
  });
  show();
}

function choose(theme) {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  try {
    if (theme === "system") localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, theme);
  } catch {
    // Nothing may be kept: the choice holds for this page.
  }
}
