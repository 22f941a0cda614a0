"""Every statistic of an address: what it reads of an event, its unit, and how two of it merge.

All merges are commutative and associative: a sum, a minimum or a maximum of int64, each with its neutral element. The
statistics of succession need more: the gap across the border of two chunks follows from the last event of the
earlier one and the first of the later, which the border statistics keep (see `partial`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from anomalyhive.errors import BadSetting
from anomalyhive.metrics.events import EVENT_COLUMNS

NONE_YET = 1 << 62
"""Neutral element of a minimum, and above every value."""

NEUTRAL = {"sum": 0, "min": NONE_YET, "max": -1}
"""Merge -> neutral element."""

MINUTE, HOUR, DAY = 60, 3600, 86400
GAP_BOUNDS = (1, MINUTE, 10 * MINUTE, HOUR, 6 * HOUR, DAY, 7 * DAY, 30 * DAY)
"""Seconds from which a gap is of class 1 to 8; class 0 is the same block."""

GAP_NAMES = ("0s", "1m", "10m", "1h", "6h", "1d", "7d", "30d", "more")
"""Upper ends of the classes."""


class TellsEra(BadSetting):
    """A statistic or a feature would tell when an address was active, which gives the label away."""


@dataclass(frozen=True, eq=False)
class Statistic:
    """One column of partial statistics.

    ``of`` is an integer expression over one event, of the columns ``reads``. ``border`` marks those that may read a
    time or a place, because features see only differences of them.
    """

    name: str
    unit: str
    merge: str
    reads: tuple[str, ...]
    of: nw.Expr
    border: bool = False

    def __post_init__(self) -> None:
        """Raise TellsEra for one that reads the era without being kept as a border, BadSetting for a wrong merge."""
        if self.merge not in NEUTRAL:
            raise BadSetting(f"statistic {self.name}: merge {self.merge!r} is none of {', '.join(NEUTRAL)}")
        for column in self.reads:
            if column not in EVENT_COLUMNS:
                raise BadSetting(f"statistic {self.name} reads {column!r}, which no event has")
            if EVENT_COLUMNS[column][1] and not self.border:
                raise TellsEra(f"statistic {self.name} reads {column}, which tells the era: use a difference")


@dataclass(frozen=True, eq=False)
class Succession:
    """A statistic of two events of an address in succession, with a gap (seconds) from ``low`` to below ``high``.

    ``turn`` is 2 * (earlier was sent) + (later is sent), None where it does not matter. Those that are merged by sum
    count such pairs; the others are the least or the greatest gap. A gap is -1 where there is no earlier event.
    """

    name: str
    unit: str
    merge: str
    low: int = 0
    high: int = NONE_YET
    turn: int | None = None

    @property
    def of(self) -> nw.Expr:
        """An integer expression of the columns ``gap`` and ``turn``."""
        inside = (nw.col("gap") >= self.low) & (nw.col("gap") < self.high)
        if self.turn is not None:
            inside = inside & (nw.col("turn") == self.turn)
        return _when(inside, 1 if self.merge == "sum" else nw.col("gap"), NEUTRAL[self.merge])

    def of_arrays(self, gap: NDArray[np.int64], turn: NDArray[np.int64]) -> NDArray[np.int64]:
        """The same of arrays (n,)."""
        inside = (gap >= self.low) & (gap < self.high)
        if self.turn is not None:
            inside = inside & (turn == self.turn)
        return inside.astype(np.int64) if self.merge == "sum" else np.where(inside, gap, NEUTRAL[self.merge])


def _when(condition: nw.Expr, value: nw.Expr | int = 1, otherwise: int = 0) -> nw.Expr:
    return nw.when(condition).then(nw.lit(value) if isinstance(value, int) else value).otherwise(nw.lit(otherwise))


def _sided() -> Iterable[Statistic]:
    """What is counted for sent and received transactions alike."""
    for side in ("sent", "received"):
        on = nw.col(side)

        def total(name: str, unit: str, *reads: str, of: nw.Expr, side: str = side, on: nw.Expr = on) -> Statistic:
            return Statistic(f"{side}_{name}", unit, "sum", (side, *reads), on * of)

        yield Statistic(side, "transactions", "sum", (side,), on)
        yield total("micro", "microether", "micro", of=nw.col("micro"))
        yield Statistic(f"{side}_most", "microether", "max", (side, "micro"), _when(on == 1, nw.col("micro"), -1))
        yield Statistic(
            f"{side}_least",
            "microether",
            "min",
            (side, "micro", "size"),
            _when((on == 1) & (nw.col("size") > 0), nw.col("micro"), NONE_YET),
        )
        for size in range(8):
            yield Statistic(
                f"{side}_size_{size}",
                "transactions",
                "sum",
                (side, "size"),
                _when((on == 1) & (nw.col("size") == size)),
            )
        yield total("magnitude", "bits of gwei", "magnitude", of=nw.col("magnitude"))
        yield total("magnitude_2", "bits^2 of gwei", "magnitude", of=nw.col("magnitude") * nw.col("magnitude"))
        yield total("zeros", "decimal zeros of wei", "zeros", of=nw.col("zeros"))
        yield total("failed", "transactions", "failed", of=nw.col("failed"))
        yield total("called", "transactions", "called", of=nw.col("called"))
        yield total("approve", "transactions", "approve", of=nw.col("approve"))
        yield total("transfer", "transactions", "transfer", of=nw.col("transfer"))
        yield total("transfer_from", "transactions", "transfer_from", of=nw.col("transfer_from"))
        yield total("input_magnitude", "bits of bytes", "input_magnitude", of=nw.col("input_magnitude"))
        yield total("plain", "transactions", "plain", of=nw.col("plain"))
        yield total("gas_magnitude", "bits of gas", "gas_magnitude", of=nw.col("gas_magnitude"))
        yield total("gas_used_share", "sixteenths", "gas_used_share", of=nw.col("gas_used_share"))
        yield total("created", "transactions", "created", of=nw.col("created"))
        for quarter in range(4):
            yield Statistic(
                f"{side}_hours_{6 * quarter}",
                "transactions",
                "sum",
                (side, "hour"),
                _when((on == 1) & (nw.col("hour") >= 6 * quarter) & (nw.col("hour") < 6 * quarter + 6)),
            )
        tokens = nw.col(f"token_{side}")
        yield Statistic(f"token_{side}", "token transfers", "sum", (f"token_{side}",), tokens)
        yield Statistic(
            f"token_{side}_zero",
            "token transfers",
            "sum",
            (f"token_{side}", "size"),
            _when((tokens == 1) & (nw.col("size") == 0)),
        )
    yield Statistic("to_itself", "transactions", "sum", ("sent", "alone"), nw.col("sent") * nw.col("alone"))


def _borders() -> Iterable[Statistic]:
    """First and last transaction: their place (odd where it was sent) and time."""
    for column in ("place", "time"):
        unit = EVENT_COLUMNS[column][0]
        here = nw.col("track") == 0
        reads = ("track", column)
        yield Statistic(f"first_{column}", unit, "min", reads, _when(here, nw.col(column), NONE_YET), border=True)
        yield Statistic(f"last_{column}", unit, "max", reads, _when(here, nw.col(column), -1), border=True)


def _successions() -> Iterable[Succession]:
    for name, low, high in zip(GAP_NAMES, (0, *GAP_BOUNDS), (*GAP_BOUNDS, NONE_YET), strict=True):
        yield Succession(f"gap_{name}", "gaps", "sum", low, high)
    yield Succession("gap_least", "seconds", "min")
    yield Succession("gap_most", "seconds", "max")
    low = 0
    for name, high in (("10m", 10 * MINUTE), ("1h", HOUR), ("1d", DAY), ("more", NONE_YET)):
        yield Succession(f"passed_on_{name}", "gaps", "sum", low, high, turn=1)
        low = high
    for name, turn in (("received_twice", 0), ("sent_then_received", 2), ("sent_twice", 3)):
        yield Succession(name, "gaps", "sum", turn=turn)


STATISTICS: tuple[Statistic, ...] = (*_sided(), *_borders())
"""Those of single events, in their fixed order."""

SUCCESSIONS: tuple[Succession, ...] = tuple(_successions())
"""Those of two events in succession."""

MERGES = {
    **{one.name: one.merge for one in STATISTICS},
    **{one.name: one.merge for one in SUCCESSIONS},
}
"""Column -> sum, min or max."""

COLUMNS = tuple(MERGES)
"""The columns of partial statistics, in their fixed order."""

UNITS = {**{one.name: one.unit for one in STATISTICS}, **{one.name: one.unit for one in SUCCESSIONS}}
"""Column -> unit."""

SKETCHES = (
    ("sent_to", "sent", "other"),
    ("received_from", "received", "other"),
    ("counterparties", "", "other"),
    ("sent_amounts", "sent", "amount"),
    ("received_amounts", "received", "amount"),
    ("tokens", "", "token"),
    ("token_receivers", "token_sent", "other"),
    ("token_senders", "token_received", "other"),
)
"""What is counted distinctly: name, the column that must be 1 (or none: of transactions for counterparties), mark."""

VERSION = 1
"""Goes up when an expression changes its meaning under the same name."""

DEFINITIONS = {
    "version": VERSION,
    "columns": [[name, UNITS[name], MERGES[name]] for name in COLUMNS],
    "sketches": [list(one) for one in SKETCHES],
}
"""What a digest of the statistics is made from."""
