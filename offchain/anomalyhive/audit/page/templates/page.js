"use strict";
(() => {
  const told = document.getElementById("told");
  let forget = 0;
  const tell = (text) => {
    told.textContent = text;
    clearTimeout(forget);
    forget = setTimeout(() => { told.textContent = ""; }, 4000);
  };
  const select = (code) => {
    const range = document.createRange();
    range.selectNodeContents(code);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
  };
  const copy = async (code) => {
    const text = code.textContent;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      select(code);
      // The older way, for pages that a browser does not call secure.
      if (!document.execCommand("copy")) return tell("It is selected: copy it with the keyboard.");
    }
    return tell(`Copied ${text.slice(0, 10)}…`);
  };
  // Buttons come where they can be seen: a page of ten thousand digests would be slow with all of them.
  const dress = (root) => {
    for (const code of root.querySelectorAll("code:not([data-dressed])")) {
      const closed = code.closest("details:not([open])");
      if (closed && closed !== root) continue;
      code.dataset.dressed = "";
      const button = document.createElement("button");
      button.type = "button";
      button.className = "copy";
      button.textContent = "copy";
      button.setAttribute("aria-label", `Copy ${code.textContent.slice(0, 10)}`);
      button.addEventListener("click", () => copy(code));
      code.after(button);
    }
  };
  document.addEventListener("toggle", (event) => { if (event.target.open) dress(event.target); }, true);
  const openTarget = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target instanceof HTMLDetailsElement) {
      target.open = true;
      target.scrollIntoView();
    }
  };
  addEventListener("hashchange", openTarget);
  for (const input of document.querySelectorAll("input[data-filter]")) {
    const rows = [...document.querySelectorAll(`#${input.dataset.filter} > [data-text]`)];
    input.addEventListener("input", () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      let left = 0;
      for (const row of rows) {
        row.hidden = !words.every((word) => row.dataset.text.includes(word));
        if (!row.hidden) left += 1;
      }
      tell(`${left} of ${rows.length}`);
    });
  }
  document.documentElement.classList.add("scripted");
  dress(document);
  openTarget();
})();
