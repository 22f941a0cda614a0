"""A curve over the rounds, drawn with letters."""

from __future__ import annotations

from collections.abc import Sequence

EIGHTHS = " ▁▂▃▄▅▆▇█"
HEIGHT = 8
"""Lines of a chart."""

WIDEST = 60
"""Columns of a chart: of more rounds, every second or third and so on is shown, and always the last."""

LEAST_SPAN = 0.01
MOST_SPAN = 0.2
"""The chart shows at most this much below the highest value: what is lower is at the bottom."""


def chart(values: Sequence[float], mark: float | None, mark_name: str) -> list[str]:
    """The lines of a bar chart of ``values``, a dashed line at ``mark``, and the axis in numbers."""
    shown = _thinned(values)
    high = max([*shown, *([] if mark is None else [mark])])
    low = max(min(shown), high - MOST_SPAN)
    low = min(low, high - LEAST_SPAN)
    unit = (high - low) / (HEIGHT * 8)
    filled = [max(round((value - low) / unit), 1) for value in shown]
    marked = None if mark is None else min(max(int((mark - low) / unit / 8), 0), HEIGHT - 1)
    lines = []
    for level in reversed(range(HEIGHT)):
        cells = [EIGHTHS[min(max(count - 8 * level, 0), 8)] for count in filled]
        if level == marked:
            cells = ["╌" if cell == " " else cell for cell in cells]
        label = f"{low + (level + 1) * unit * 8:.3f}"
        lines.append(f"{label} │{''.join(cell * 2 for cell in cells)}{f' ╌ {mark_name}' if level == marked else ''}")
    lines.append(f"      └{'──' * len(shown)} round {len(values)}")
    return lines


def _thinned(values: Sequence[float]) -> list[float]:
    step = -(-len(values) // WIDEST)
    return list(values[len(values) - 1 :: -step])[::-1]
