"""What one cell of a CSV means: a number, a label, or a fault with its name."""

from __future__ import annotations

import math
from enum import Enum

LABELS = {"0": 0, "1": 1, "0.0": 0, "1.0": 1, "false": 0, "true": 1}
"""The two classes as files write them, lower case; pandas makes 0.0 and 1.0 of 0 and 1 beside a gap."""

ABSENT = frozenset({"", "na", "n/a", "nan", "-nan", "null", "none"})
"""Words for "no value", lower case: what pandas, R, SQL and Python write."""

SHOWN = 40
"""Characters of an offending value that a message shows."""


class Fault(Enum):
    """Why a cell is not a number that can be learned from."""

    ABSENT = "no value"
    INFINITE = "infinity"
    OVERFLOW = "a number beyond float64 (about 1.8e308)"
    TEXT = "text"


def parse_number(text: str, missing: float | None) -> float | Fault:
    """The finite number of a cell; ``missing`` stands in for an absent value unless None.

    Decimal notation alone: Python's float() would also take 1_000 and digits of other scripts, which no other
    reader of the same file would.
    """
    if text.strip().lower() in ABSENT:
        return Fault.ABSENT if missing is None else missing
    if "_" in text or not text.isascii():
        return Fault.TEXT
    try:
        number = float(text)
    except ValueError:
        return Fault.TEXT
    if math.isfinite(number):
        return number
    return Fault.INFINITE if "inf" in text.lower() else Fault.OVERFLOW


def parse_numbers(cells: list[str]) -> list[float] | None:
    """All cells as finite numbers, or None if any needs a closer look. The fast path of parse_number."""
    joined = "".join(cells)
    if "_" in joined or not joined.isascii():
        return None
    try:
        numbers = [float(cell) for cell in cells]
    except ValueError:
        return None
    return numbers if all(map(math.isfinite, numbers)) else None


def parse_label(text: str) -> int | None:
    """0 or 1, or None if the text is no label."""
    return LABELS.get(text.strip().lower())


def shown(value: str) -> str:
    """The value as a message shows it: quoted, on one line, shortened."""
    return repr(value if len(value) <= SHOWN else value[:SHOWN] + "…")
