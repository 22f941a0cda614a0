"""What a page looks like to those who hear it, see little, or read it while it changes: measured in the browser."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Page

LEAST_CONTRAST, LEAST_OF_LARGE = 4.5, 3.0
"""WCAG 2.2, 1.4.3: of texts, and of those of at least 24 px or bold of at least 18.66 px."""

_CONTRAST = """([least, large]) => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const light = (colour) => colour.slice(0, 3).map((one) => one / 255)
    .map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4))
    .reduce((sum, one, index) => sum + one * [0.2126, 0.7152, 0.0722][index], 0);
  const ground = (node) => {
    for (let one = node; one; one = one.parentElement) {
      const found = rgba(getComputedStyle(one).backgroundColor);
      if (found[3] > 0.99) return found;
    }
    return [255, 255, 255, 1];
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim();
    const node = walker.currentNode.parentElement;
    if (!text || !node.checkVisibility() || node.closest(".away, [disabled], noscript, script")) continue;
    if (node.closest(".disc-number")) continue; // a number on a drawing; the link's name says it, too
    const style = getComputedStyle(node);
    const a = light(rgba(node instanceof SVGElement ? style.fill : style.color));
    const b = light(ground(node));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const size = parseFloat(style.fontSize);
    const wanted = size >= 24 || (size >= 18.66 && style.fontWeight >= 700) ? large : least;
    if (ratio < wanted) found.push(`${ratio.toFixed(2)}: ${text.slice(0, 40)}`);
  }
  return found;
}"""

_NAMELESS = """() => [...document.querySelectorAll("a, button, input, select, summary, [tabindex='0']")]
  .filter((node) => node.checkVisibility())
  .filter((node) => {
    const labelled = node.getAttribute("aria-labelledby");
    const name = node.getAttribute("aria-label") || (labelled && document.getElementById(labelled)?.textContent)
      || node.labels?.[0]?.textContent || node.textContent;
    return !name.trim();
  })
  .map((node) => node.outerHTML.slice(0, 120))"""


def faint_texts(page: Page) -> list[str]:
    """Texts with too little contrast, each after its ratio."""
    found: list[str] = page.evaluate(_CONTRAST, [LEAST_CONTRAST, LEAST_OF_LARGE])
    return found


def nameless(page: Page) -> list[str]:
    """What can be acted on and has no name to be read out."""
    found: list[str] = page.evaluate(_NAMELESS)
    return found


@dataclass(frozen=True)
class Shifts:
    """Scripts that measure how far things move by themselves (the Layout Instability API)."""

    START: str = """() => {
      window.shifted = 0;
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
      }).observe({ type: "layout-shift", buffered: false });
    }"""
    SUM: str = "new Promise((done) => setTimeout(() => done(window.shifted), 300))"


shifts = Shifts()
