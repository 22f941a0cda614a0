"""The numbers of statistics of raw transactions as a person reads them: shares, ether, days, with their unit."""

from __future__ import annotations

import numpy as np

from anomalyhive.core.features import from_image
from anomalyhive.metrics.features import FEATURES
from anomalyhive.metrics.statistics import DAY, HOUR, MINUTE
from anomalyhive.raw.detecting import FEDERATED, score_of
from anomalyhive.raw.joining import FINE_DOUBLINGS

UNITS = {one.name: one.unit for one in FEATURES}

SCALE = "/1024"
"""How the unit of a ratio ends: its numbers are in that part of it."""

MICROETHER = 10**6
"""Of one ether."""

SPANS = ((DAY, "d"), (HOUR, "h"), (MINUTE, "min"))
"""Seconds from which a duration is told in a longer unit."""


def with_unit(column: str, image: int) -> str:
    """The number of an image of a statistic, as `raw.joining.as_images` makes it, with its unit.

    >>> import numpy as np
    >>> from anomalyhive.core.features import to_image
    >>> with_unit("received_plain_mean", int(to_image(np.array([512.0]))[0]))
    '0.5'
    """
    if column in FEDERATED:
        return f"{score_of(image):.2f} (higher is stranger)"
    unit = UNITS[column]
    value = float(from_image(np.array([image], dtype=np.int64))[0]) * 2.0 ** FINE_DOUBLINGS.get(unit, 0)
    if unit.endswith(SCALE):
        value, unit = value / 1024, unit.removesuffix(SCALE)
    if unit == "microether":
        return f"{value / MICROETHER:.6g} ether"
    if unit == "seconds":
        return _duration(int(value))
    if unit == "1" or unit.startswith("0 or 1"):
        return f"{value:.3g}"
    if unit.startswith("about as many"):
        return f"about {value:,.0f}"
    if value == 1:
        what, of, rest = unit.partition(" of ")
        return f"1 {what.removesuffix('s')}{of}{rest}"
    return f"{value:,.0f} {unit}" if value == int(value) else f"{value:.3g} {unit}"


def _duration(seconds: int) -> str:
    for size, name in SPANS:
        if seconds >= size:
            return f"{seconds / size:.3g} {name}"
    return f"{seconds} s"
