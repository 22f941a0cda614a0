"""The hive as it is answered."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from anomalyhive.dashboard.api.schemas.hive import Head, Hive, Offers, Token
from anomalyhive.dashboard.live.snapshot import Snapshot

SYMBOL, DECIMALS = "HIVE", 18
"""Of HiveToken: constants of its code."""


def this_version() -> str:
    """The version of this program."""
    try:
        return version("anomalyhive")
    except PackageNotFoundError:
        return "unknown"


def head_of(snapshot: Snapshot, clock: float) -> Head | None:
    """The latest block and its age at ``clock`` (unix seconds)."""
    head = snapshot.head
    return None if head is None else Head(block=head.number, time=head.time, age_seconds=max(int(clock) - head.time, 0))


def hive_of(snapshot: Snapshot, offers: Offers, clock: float) -> Hive:
    """The hive at ``clock`` (unix seconds)."""
    place, book, spec = snapshot.deployment, snapshot.book, snapshot.spec
    return Hive(
        mode=snapshot.mode,
        hive=None if place is None else place.hive,
        registry=None if place is None else place.registry,
        chain_id=None if place is None else place.chain_id,
        chain=snapshot.chain,
        head=head_of(snapshot, clock),
        task=None if book is None else book.number,
        sponsor=None if book is None else book.sponsor,
        spec=None if book is None else book.spec.hex(),
        learner=None if spec is None else spec.learner,
        label=None if spec is None else spec.label,
        classes=[] if spec is None else list(spec.classes),
        columns=None if spec is None else len(spec.columns),
        rounds_total=None if book is None else book.config.rounds or None,
        rounds_final=0 if book is None else book.finals,
        rounds_opened=0 if book is None else len(book.rounds),
        escrow="0" if book is None else str(book.escrow),
        reward="0" if book is None else str(book.config.reward),
        shards=None if book is None else book.config.shards,
        seats=None if book is None else book.config.seats,
        quorum=None if book is None else book.config.quorum,
        connected=snapshot.connected,
        problem=snapshot.problem,
        data_mode=None if spec is None else "private" if spec.mode == "private" else "public",
        token=Token(symbol=SYMBOL, decimals=DECIMALS, address=None if place is None else place.token),
        offers=offers,
        version=this_version(),
    )
