"""The row of an address: int64 features of its merged statistics, none of which tells when it was active.

A feature names what it reads. One that reads a border (a first or last time or place) may do so only as a `Span`, the
difference of the two, cut at 30 days: a longer one would tell how long before the end of the data an account began.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anomalyhive.errors import BadSetting
from anomalyhive.metrics.addresses import as_text
from anomalyhive.metrics.compact import OWNER_SHIFT, Compact
from anomalyhive.metrics.merging import collapsed
from anomalyhive.metrics.partial import Partial
from anomalyhive.metrics.sketching import RANK_BITS, REGISTER_BITS, WEIGHT_BITS, estimates
from anomalyhive.metrics.statistics import COLUMNS, DAY, GAP_NAMES, NONE_YET, SKETCHES, STATISTICS, TellsEra

Ints = NDArray[np.int64]

LONGEST = 30 * DAY
"""Seconds at which durations are cut."""

BORDERS = frozenset(one.name for one in STATISTICS if one.border)
DISTINCT = tuple(f"distinct_{name}" for name, _, _ in SKETCHES)
MARKED = {"other": "counterparties", "amount": "amounts", "token": "tokens"}
"""Mark of a sketch -> what is counted by it."""

KNOWN = frozenset((*COLUMNS, *DISTINCT))


@dataclass(frozen=True, eq=False)
class Feature:
    """``of`` makes int64 (n,) of the columns ``reads``, each int64 (n,), and sees no others."""

    name: str
    unit: str
    reads: tuple[str, ...]
    of: Callable[..., Ints]

    def __post_init__(self) -> None:
        """Raise TellsEra for one that reads a border, BadSetting for one that reads what there is not."""
        for column in self.reads:
            if column not in KNOWN:
                raise BadSetting(f"feature {self.name} reads {column!r}, which no address has")
            if column in BORDERS and not isinstance(self, Span):
                raise TellsEra(f"feature {self.name} reads {column}, which tells the era: use a Span")


class Span(Feature):
    """The seconds from a first to a last time, cut at LONGEST."""

    def __init__(self, name: str, first: str, last: str) -> None:
        """Raise TellsEra for two that are not a first and last time: their difference would keep what each tells."""
        if (first, last) != ("first_time", "last_time"):
            raise TellsEra(f"feature {name} takes {first} from {last}: a Span is from first_time to last_time")
        super().__init__(name, "seconds", (first, last), _span)


def _span(first: Ints, last: Ints) -> Ints:
    return np.where(last < first, 0, np.minimum(last - first, LONGEST))


def _plain(name: str, unit: str) -> Feature:
    return Feature(name, unit, (name,), lambda column: np.where((column == NONE_YET) | (column < 0), 0, column))


def _cut(name: str) -> Feature:
    return Feature(
        name, "seconds", (name,), lambda one: np.where((one == NONE_YET) | (one < 0), 0, np.minimum(one, LONGEST))
    )


def _ratio(name: str, part: str, whole: Sequence[str], unit: str = "1/1024") -> Feature:
    """1024 * part / sum of whole, rounded down; 0 where there is no whole. Both are below 2^58, so it is exact."""

    def of(first: Ints, *rest: Ints) -> Ints:
        total = sum(rest, start=np.zeros_like(first))
        # 1024 * part has to fit: the quotient of larger sums needs fewer of their bits.
        shift = np.where((first | total) >= np.int64(1) << 52, 10, 0)
        bottom = total >> shift
        return np.where(bottom > 0, ((first >> shift) << 10) // np.maximum(bottom, 1), 0)

    return Feature(name, unit, (part, *whole), of)


def _sided() -> Iterable[Feature]:
    for side, other in (("sent", "received"), ("received", "sent")):
        yield _plain(side, "transactions")
        for name in ("micro", "most", "least"):
            yield _plain(f"{side}_{name}", "microether")
        yield _ratio(f"{side}_mean", f"{side}_micro", (side,), "microether/1024")
        yield _ratio(f"{side}_most_share", f"{side}_most", (f"{side}_micro",))
        for size in range(8):
            yield _ratio(f"{side}_size_{size}_share", f"{side}_size_{size}", (side,))
        for name, unit in (
            ("magnitude", "bits of gwei/1024"),
            ("magnitude_2", "bits^2 of gwei/1024"),
            ("zeros", "decimal zeros of wei/1024"),
            ("failed", "1/1024"),
            ("called", "1/1024"),
            ("approve", "1/1024"),
            ("transfer", "1/1024"),
            ("transfer_from", "1/1024"),
            ("input_magnitude", "bits of bytes/1024"),
            ("plain", "1/1024"),
            ("gas_magnitude", "bits of gas/1024"),
            ("gas_used_share", "sixteenths/1024"),
        ):
            yield _ratio(f"{side}_{name}_mean", f"{side}_{name}", (side,), unit)
        yield _plain(f"{side}_created", "transactions")
        for quarter in range(0, 24, 6):
            yield _ratio(f"{side}_hours_{quarter}_share", f"{side}_hours_{quarter}", (side,))
        yield _ratio(f"distinct_{side}_amounts_share", f"distinct_{side}_amounts", (side,))
        yield _ratio(f"{side}_share", side, ("sent", "received"))
        yield _plain(f"token_{side}", "token transfers")
        yield _plain(f"token_{side}_zero", "token transfers")
        yield _ratio(f"{side}_per_{other}_micro", f"{side}_micro", (f"{other}_micro",))
    yield _ratio("distinct_sent_to_share", "distinct_sent_to", ("sent",))
    yield _ratio("distinct_received_from_share", "distinct_received_from", ("received",))
    yield _plain("to_itself", "transactions")


def _successions() -> Iterable[Feature]:
    gaps = tuple(f"gap_{name}" for name in GAP_NAMES)
    for name in gaps:
        yield _ratio(f"{name}_share", name, gaps)
    yield _cut("gap_least")
    yield _cut("gap_most")
    for name in (
        *(f"passed_on_{name}" for name in ("10m", "1h", "1d", "more")),
        "received_twice",
        "sent_then_received",
        "sent_twice",
    ):
        yield _ratio(f"{name}_share", name, gaps)
    yield Span("life", "first_time", "last_time")
    yield Feature(
        "started_by_sending",
        "0 or 1",
        ("sent", "received"),
        lambda sent, received: ((sent > 0) & (received == 0)).astype(np.int64),
    )


def _counts() -> Iterable[Feature]:
    for name, (_, _, mark) in zip(DISTINCT, SKETCHES, strict=True):
        yield Feature(name, f"about as many {MARKED[mark]}", (name,), lambda column: column)
    yield Feature(
        "both_ways",
        "about as many counterparties",
        ("distinct_sent_to", "distinct_received_from", "distinct_counterparties"),
        lambda to, sources, all_: np.maximum(0, to + sources - all_),
    )


FEATURES = (*_sided(), *_successions(), *_counts())
"""Every feature, in the fixed order of the columns."""

NAMES = tuple(one.name for one in FEATURES)


@dataclass(frozen=True, eq=False)
class AddressRows:
    """Addresses (n,) ascending, and their features int64 (n, F) with the names and units of the columns."""

    addresses: tuple[str, ...]
    features: Ints
    names: tuple[str, ...]
    units: tuple[str, ...]


def rows(part: Partial, features: Sequence[Feature] = FEATURES) -> AddressRows:
    """The rows of all addresses of a partial: a function of the events alone, however they were cut and merged."""
    return rows_of(part.compact, features)


def rows_of(part: Compact, features: Sequence[Feature] = FEATURES) -> AddressRows:
    """As `rows`."""
    whole = collapsed(part)
    made = made_of({**whole.values, **_distinct(whole)}, len(whole.owners), features)
    addresses = tuple(as_text(whole.names).to_pylist())
    return AddressRows(addresses, made, tuple(f.name for f in features), tuple(f.unit for f in features))


def made_of(columns: Mapping[str, Ints], count: int, features: Sequence[Feature] = FEATURES) -> Ints:
    """The features int64 (n, F) of ``count`` addresses, from the columns (n,) of KNOWN."""
    made = np.empty((count, len(features)), dtype=np.int64)
    for index, one in enumerate(features):
        made[:, index] = one.of(*(columns[name] for name in one.reads))
    return made


def _distinct(part: Compact) -> Mapping[str, Ints]:
    """Estimates (n,) of every sketch."""
    # Owner and sketch together: the number of a row in a table of all sketches.
    place = part.marks >> RANK_BITS + REGISTER_BITS
    rows_, sketches = len(part.names), 1 << OWNER_SHIFT - RANK_BITS - REGISTER_BITS
    filled = np.bincount(place, minlength=rows_ * sketches).astype(np.int64)
    weights = np.zeros(rows_ * sketches, dtype=np.int64)
    rank = part.marks & (1 << RANK_BITS) - 1
    np.add.at(weights, place, np.int64(1) << (WEIGHT_BITS - np.minimum(rank, WEIGHT_BITS)))
    found = estimates(filled, weights).reshape(rows_, sketches)
    return {name: found[:, number] for number, name in enumerate(DISTINCT)}
