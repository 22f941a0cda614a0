"""Drawings of a lineage as inline SVG: no text of a stranger is in them, and every number also stands beside them.

Charts are stretched to the width of the page (``preserveAspectRatio="none"``), so they hold no text, and their strokes
keep their width (``vector-effect``). Presentation attributes and classes alone: the policy of the page allows no style
attribute.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, pi
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

if TYPE_CHECKING:
    from anomalyhive.audit.page.shaping import PageRound

WIDTH, HEIGHT = 1000, 240
"""Of a chart, in its own units."""

WIDEST = 60
"""Of a bar, in the same units."""

RING = 20
"""Radius of the ring around a model, in pixels."""

MEASURES = (("average_precision", "Average precision", "one"), ("roc_auc", "ROC-AUC", "two"))


def link(one: PageRound) -> Markup:
    """A round as a link of the chain: the model as a disc, and around it a ring of accepted, rejected and missing."""
    taken = one.said["participation"]
    parts = [
        ("accepted", int(taken["accepted"])),
        ("rejected", len(one.rejected)),
        ("missing", one.missing),
    ]
    end = one.said["end"]
    mark = '<path class="cross" d="M29 19l18 18M47 19l-18 18"/>' if end == "cancelled" else ""
    return Markup(
        '<svg class="link {}" width="76" height="56" viewBox="0 0 76 56" aria-hidden="true">'
        '<path class="chain" d="M0 28h76"/><circle class="ground" cx="38" cy="28" r="24"/>{}'
        '<circle class="model" cx="38" cy="28" r="14"/>{}<text x="38" y="32">{}</text></svg>'
    ).format(end, _ring(parts), Markup(mark), one.said["round"])  # noqa: S704 - a constant


def _ring(parts: Sequence[tuple[str, int]]) -> Markup:
    """Arcs of one circle, clockwise from the top, each as long as its share."""
    whole, round_about = sum(count for _, count in parts), 2 * pi * RING
    drawn, begun = Markup(), 0.0
    for name, count in parts:
        if count:
            length = round_about * count / whole
            drawn += Markup(
                '<circle class="arc {}" cx="38" cy="28" r="{}" transform="rotate(-90 38 28)"'
                ' stroke-dasharray="{:.2f} {:.2f}" stroke-dashoffset="{:.2f}"/>'
            ).format(name, RING, length, round_about - length, -begun)
            begun += length
    return drawn


def quality(rounds: Sequence[PageRound]) -> Markup:
    """Both measures over the rounds, with the figures at the axes; a round without a model leaves a gap."""
    values = {
        name: [None if (found := one.said["quality"]) is None else _number(found[name]) for one in rounds]
        for name, _, _ in MEASURES
    }
    known = [value for series in values.values() for value in series if value is not None]
    low = min(floor(min(known, default=0.0) * 10) / 10, 0.9)
    drawn = _grid() + Markup().join(_line(values[name], low, 1.0, style) for name, _, style in MEASURES)
    return _figure(drawn, f"{low:.1f}", "1.0", rounds)


def participation(rounds: Sequence[PageRound]) -> Markup:
    """A bar for each round: accepted at the bottom, rejected above, missing on top."""
    most = max((int(one.said["participation"]["shards"]) for one in rounds), default=1)
    step = WIDTH / max(len(rounds), 1)
    wide = min(step * 0.8, WIDEST)
    drawn = Markup()
    for index, one in enumerate(rounds):
        taken = one.said["participation"]
        counts = {
            "accepted" if one.said["end"] == "final" else "idle": int(taken["accepted"]),
            "rejected": len(one.rejected),
            "open": int(taken["submitted"]) - int(taken["accepted"]) - len(one.rejected),
            "missing": one.missing,
        }
        top = float(HEIGHT)
        for name, count in counts.items():
            height = HEIGHT * count / most
            top -= height
            if count > 0:
                drawn += Markup('<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>').format(
                    name, (index + 0.5) * step - wide / 2, top, wide, height
                )
    return _figure(drawn, "0", f"{most:,}", rounds)


def bar(share: float) -> Markup:
    """A bar as long as a share of 1."""
    return Markup(
        '<svg class="bar" width="96" height="10" viewBox="0 0 96 10" aria-hidden="true">'
        '<rect class="track" width="96" height="10"/><rect width="{:.1f}" height="10"/></svg>'
    ).format(96 * min(max(share, 0.0), 1.0))


def _number(text: str | None) -> float | None:
    return None if text is None else float(text)


def _grid() -> Markup:
    lines = "".join(f"M0 {HEIGHT * part // 4}H{WIDTH}" for part in range(5))
    return Markup('<path class="grid" vector-effect="non-scaling-stroke" d="{}"/>').format(lines)


def _line(values: Sequence[float | None], low: float, high: float, style: str) -> Markup:
    """A line through the values that are known, and a dot on each."""
    step = WIDTH / max(len(values), 1)
    path, dots, drawing = [], [], False
    for index, value in enumerate(values):
        if value is None:
            drawing = False
            continue
        x, y = (index + 0.5) * step, HEIGHT * (high - value) / (high - low)
        path.append(f"{'L' if drawing else 'M'}{x:.1f} {y:.1f}")
        dots.append(f"M{x:.1f} {y:.1f}h0")
        drawing = True
    return Markup(
        '<path class="line {0}" vector-effect="non-scaling-stroke" d="{1}"/>'
        '<path class="dots {0}" vector-effect="non-scaling-stroke" d="{2}"/>'
    ).format(style, "".join(path), "".join(dots))


def _figure(drawn: Markup, low: str, high: str, rounds: Sequence[PageRound]) -> Markup:
    """A chart with its figures beside it in HTML, where they stay as large as any text."""
    first, last = (rounds[0].said["round"], rounds[-1].said["round"]) if rounds else ("", "")
    return Markup(
        '<div class="chart"><span class="high">{}</span><span class="low">{}</span>'
        '<svg viewBox="0 0 {} {}" preserveAspectRatio="none" aria-hidden="true">{}</svg>'
        '<span class="first">round {}</span><span class="last">{}</span></div>'
    ).format(high, low, WIDTH, HEIGHT, drawn, first, escape(str(last)) if last != first else "")
