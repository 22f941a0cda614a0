// Elements, made of text and attributes alone. Nothing here parses HTML: what strangers wrote can only become text.

const SVG = "http://www.w3.org/2000/svg";

/** The texts of strangers have no invisible characters here: controls and bidirectional marks become codes. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu;

/**
 * An element. `attributes`: `class`, `on` (event → listener), `data` (name → text), `css` (custom property → text);
 * all others as they are, left out if null or false. `children`: nodes, texts, numbers, lists of them; null is left out.
 */
export function el(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** The same for SVG. */
export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) attribute(node, name, value);
  append(node, children);
  return node;
}

function attribute(node, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name === "on") {
    for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
  } else if (name === "data") {
    for (const [key, text] of Object.entries(value)) node.dataset[key] = text;
  } else if (name === "css") {
    for (const [key, text] of Object.entries(value)) node.style.setProperty(key, text);
  } else {
    refuse(name, value);
    node.setAttribute(name, value === true ? "" : String(value));
  }
}

/** A guard for the writers of views: no script comes in by an attribute, and no link leads off this server. */
function refuse(name, value) {
  if (/^on/i.test(name) || name === "style" || name === "srcdoc") throw new TypeError(`attribute ${name} is not allowed`);
  if ((name === "href" || name === "src") && !/^(#|\/(?!\/)|blob:)/.test(String(value))) {
    throw new TypeError(`${name} leads off this server: ${value}`);
  }
}

function append(node, children) {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    if (Array.isArray(child)) append(node, child);
    else node.append(child instanceof Node ? child : String(child));
  }
}

/** Put these in the place of all that the node held. */
export function replace(node, ...children) {
  node.replaceChildren();
  append(node, children);
  return node;
}

/** Set a text only if it changed, so that a live page disturbs neither a selection nor a screen reader. */
export function setText(node, text) {
  const wanted = String(text);
  if (node.textContent !== wanted) node.textContent = wanted;
}

/** Set or take away an attribute only if it changed. */
export function setAttribute(node, name, value) {
  if (value === null || value === undefined || value === false) node.removeAttribute(name);
  else if (node.getAttribute(name) !== String(value)) {
    refuse(name, value);
    node.setAttribute(name, value === true ? "" : String(value));
  }
}

/** A stranger's text as it may be shown: codes for what cannot be seen, and its direction kept to itself. */
export function stranger(text, most = 1000) {
  return el("bdi", { class: "stranger" }, visible(text, most));
}

/** The same as a plain text, for names of elements. */
export function visible(text, most = 1000) {
  const given = String(text ?? "");
  const cut = given.length > most ? `${given.slice(0, most)}…` : given;
  return cut.replace(INVISIBLE, (one) => `\\u{${one.codePointAt(0).toString(16)}}`);
}

/**
 * A list that lives: `update(items)` keeps the element of every key, so that focus, scroll and selection stay.
 * `make(item)` gives `{ node, update(item) }`.
 */
export function keyed(parent, key, make) {
  let known = new Map();
  return (items) => {
    const next = new Map();
    items.forEach((item, index) => {
      const name = key(item);
      const entry = known.get(name) ?? make(item);
      entry.update?.(item);
      next.set(name, entry);
      if (parent.children[index] !== entry.node) parent.insertBefore(entry.node, parent.children[index] ?? null);
    });
    for (const [name, entry] of known) if (!next.has(name)) entry.node.remove();
    known = next;
  };
}

/** Say something shortly, to eyes and to screen readers. */
export function tell(text) {
  const told = document.getElementById("told");
  told.textContent = text;
  clearTimeout(tell.forget);
  tell.forget = setTimeout(() => { told.textContent = ""; }, 4000);
}

/** A button that copies `text`; `what` names it for who does not see what it stands beside. */
export function copyButton(text, what) {
  return el("button", { type: "button", class: "copy", "aria-label": `Copy ${what}`, on: { click: () => copy(text, what) } }, "copy");
}

async function copy(text, what) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    if (!copiedTheOldWay(text)) return tell(`The browser does not let ${what} be copied.`);
  }
  return tell(`Copied ${what}`);
}

/** For pages that a browser does not call secure, such as http on another name than localhost. */
function copiedTheOldWay(text) {
  const field = el("textarea", { class: "away", readonly: true, "aria-hidden": "true" }, text);
  const before = document.activeElement;
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  before?.focus();
  return done;
}

/** A digest, CID or address: shortened for the eye, whole in the title and on copy. `what`: "model", "CID of the model". */
export function digest(value, what, most = 14) {
  if (!value) return el("span", { class: "faint" }, "none");
  const text = visible(value, 300);
  const short = text.length > most + 1 ? `${text.slice(0, most - 6)}…${text.slice(-5)}` : text;
  return el("span", { class: "digest" }, el("code", { title: text }, short), copyButton(String(value), `${what} ${text.slice(0, 10)}`));
}
