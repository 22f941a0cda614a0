"""The events of one block as columns of partial statistics, in NumPy: what `metrics.partial` does with an engine.

An engine plans a query before it runs it, which takes longer than a block's few events. The same statistics are
written here a second time as arrays; tests hold both against each other, column by column, on real blocks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from anomalyhive.metrics.statistics import (
    COLUMNS,
    DAY,
    GAP_BOUNDS,
    GAP_NAMES,
    HOUR,
    MERGES,
    MINUTE,
    NEUTRAL,
    NONE_YET,
    SKETCHES,
)

Ints = NDArray[np.int64]

AT = {name: index for index, name in enumerate(COLUMNS)}
NEUTRALS = np.array([NEUTRAL[MERGES[name]] for name in COLUMNS], dtype=np.int64)
"""The statistics (S,) of an address without any event."""

COUNTED = (
    "zeros", "failed", "called", "approve", "transfer", "transfer_from", "input_magnitude", "plain", "gas_magnitude",
    "gas_used_share", "created",
)  # fmt: skip
"""What of an event is added up on the side on which the address stands."""

PASSED_ON = (("10m", 0, 10 * MINUTE), ("1h", 10 * MINUTE, HOUR), ("1d", HOUR, DAY), ("more", DAY, NONE_YET))
TURNS = (("received_twice", 0), ("sent_then_received", 2), ("sent_twice", 3))


def of_events(events: Mapping[str, Ints]) -> Ints:
    """The statistics int64 (S, n) of each event alone; those of succession are neutral."""
    made = np.repeat(NEUTRALS[:, None], len(events["place"]), axis=1)
    for name, values in (*_sided(events, "sent"), *_sided(events, "received")):
        made[AT[name]] = values
    made[AT["to_itself"]] = events["sent"] * events["alone"]
    here = events["track"] == 0
    for column in ("place", "time"):
        made[AT[f"first_{column}"]] = np.where(here, events[column], NONE_YET)
        made[AT[f"last_{column}"]] = np.where(here, events[column], -1)
    return made


def _sided(events: Mapping[str, Ints], side: str) -> Iterator[tuple[str, Ints]]:
    on, micro, size, hour = (events[name] for name in (side, "micro", "size", "hour"))
    there = on == 1
    yield side, on
    yield f"{side}_micro", on * micro
    yield f"{side}_most", np.where(there, micro, -1)
    yield f"{side}_least", np.where(there & (size > 0), micro, NONE_YET)
    for one in range(8):
        yield f"{side}_size_{one}", (there & (size == one)) * 1
    yield f"{side}_magnitude", on * events["magnitude"]
    yield f"{side}_magnitude_2", on * events["magnitude"] * events["magnitude"]
    for name in COUNTED:
        yield f"{side}_{name}", on * events[name]
    for quarter in range(0, 24, 6):
        yield f"{side}_hours_{quarter}", (there & (hour >= quarter) & (hour < quarter + 6)) * 1
    tokens = events[f"token_{side}"]
    yield f"token_{side}", tokens
    yield f"token_{side}_zero", ((tokens == 1) & (size == 0)) * 1


def of_successions(gap: Ints, turn: Ints) -> Mapping[str, Ints]:
    """The statistics of succession (n,) by name; ``gap`` (seconds) is -1 where nothing comes before."""
    there = gap >= 0
    kind = np.searchsorted(GAP_BOUNDS, gap, side="right")
    made = {f"gap_{name}": (there & (kind == index)) * 1 for index, name in enumerate(GAP_NAMES)}
    made["gap_least"] = np.where(there, gap, NONE_YET)
    made["gap_most"] = gap
    for name, low, high in PASSED_ON:
        made[f"passed_on_{name}"] = ((gap >= low) & (gap < high) & (turn == 1)) * 1
    for name, which in TURNS:
        made[name] = (there & (turn == which)) * 1
    return made


def marks_of(events: Mapping[str, Ints]) -> Iterator[tuple[int, NDArray[np.bool_], Ints]]:
    """For each sketch its number, which events leave a mark in it (n,), and the marks of all events (n,)."""
    for number, (_, on, mark) in enumerate(SKETCHES):
        counted = events[on] == 1 if on else events["track"] == (1 if mark == "token" else 0)
        yield number, counted & (events[mark] >= 0), events[mark]
