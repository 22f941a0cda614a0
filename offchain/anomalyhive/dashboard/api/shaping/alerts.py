"""Alerts and risks as they are answered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from anomalyhive.chain.feed_views import Risk as FeedRisk
from anomalyhive.dashboard.api.schemas.alerts import Alert, Anomaly, Bucket, OnChain, Peak, Score, State, Statistic
from anomalyhive.dashboard.api.shaping.names import digest_or_none
from anomalyhive.monitor.entries import Score as Kept
from anomalyhive.monitor.reading import AlertEntry, WatchReader
from anomalyhive.monitor.reading import Bucket as Stretch

MOST_PEAKS, MOST_NAMED = 40, 10
"""Peaks that are told, and alerts of each that are named."""


def alert_of(entry: AlertEntry) -> Alert:
    """An alert with what became of it."""
    said = entry.alert
    return Alert(
        **{**vars(said), "transactions": list(said.transactions), "reasons": list(said.reasons)},
        id=said.id,
        state=cast(State, entry.state),
        ended_at=entry.ended_at,
        ended_why=entry.ended_why,
        posted_tx=entry.posted_tx,
    )


def score_of(kept: Kept) -> Score:
    """A score that was kept."""
    return Score(
        block=kept.block_number,
        time=kept.time,
        probability_bp=kept.probability_bp,
        category=kept.category,
        model=kept.model.removeprefix("0x"),
    )


def statistics_of(row: Sequence[tuple[str, int, str]] | None) -> list[Statistic] | None:
    """The statistics of an address; some are too large for the numbers of JSON."""
    return None if row is None else [Statistic(name=name, value=str(value), unit=unit) for name, value, unit in row]


def anomaly_of(reader: WatchReader, stretches: Sequence[Stretch], threshold: int | None) -> Anomaly:
    """Buckets and the peaks among them."""
    high = [one for one in stretches if threshold is not None and one.highest_bp >= threshold]
    highest = sorted(high, key=lambda one: (-one.highest_bp, one.highest_block))[:MOST_PEAKS]
    return Anomaly(
        buckets=[
            Bucket(**{name: getattr(one, name) for name in Bucket.model_fields})  # the same words on both sides
            for one in stretches
        ],
        peaks=[_peak(reader, one) for one in sorted(highest, key=lambda one: one.highest_block)],
        threshold_bp=threshold,
    )


def _peak(reader: WatchReader, one: Stretch) -> Peak:
    block = one.highest_block
    rows = reader.blocks(block, block + 1)
    named = reader.alerts(limit=MOST_NAMED, since=block, until=block + 1)
    return Peak(
        block=block,
        time=rows[0].time if rows else one.from_time,
        bp=one.highest_bp,
        alerts=[entry.alert.id for entry in named],
    )


def on_chain_of(risk: FeedRisk, classes: Sequence[str]) -> OnChain:
    """What a feed says; ``classes`` are the names of the task's labels."""
    index = risk.category
    name = "unknown" if index == 0 else classes[index] if index < len(classes) else f"category {index}"
    return OnChain(
        flagged=risk.flagged,
        appealed=risk.appealed,
        probability_bp=risk.probability,
        category=name,
        category_index=index,
        model=digest_or_none(risk.model),
        expiry=risk.expiry or None,
        monitors=risk.monitors,
    )
