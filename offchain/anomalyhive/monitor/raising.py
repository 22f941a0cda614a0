"""From scores to alerts: which are raised, which renewed, which are over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from anomalyhive.ingestion.chains import Chain
from anomalyhive.metrics.chunks import TOKEN_TRANSFERS, TRANSACTIONS
from anomalyhive.monitor.alert import MOST_TRANSACTIONS, Alert
from anomalyhive.monitor.entries import RENEWED, BlockRow, Ended, Score
from anomalyhive.monitor.models import Learned, Opinion

SIDES = {
    TRANSACTIONS: ("from_address", "to_address", "receipt_contract_address"),
    TOKEN_TRANSFERS: ("from_address", "to_address"),
}
NAMED = {TRANSACTIONS: "hash", TOKEN_TRANSFERS: "transaction_hash"}
"""Table -> where it names an address, and the transaction."""

RENEWED_AFTER = 2
"""An alert is renewed once a half of its life is over: not in every block, and before it ends."""


@dataclass(frozen=True)
class Raised:
    """What scores of a block give: the scores themselves, alerts, and those that are live no more."""

    scores: Sequence[Score]
    alerts: Sequence[Alert] = ()
    ended: Sequence[Ended] = ()


@dataclass(frozen=True)
class Terms:
    """An alert holds for ``life`` seconds, and names so many ``reasons`` at the most."""

    life: int
    reasons: int


def transactions_of(tables: Mapping[str, pa.Table]) -> dict[str, list[str]]:
    """The transactions that touch each address, in the order of the block; MOST_TRANSACTIONS of them at the most."""
    found: dict[str, dict[str, None]] = {}
    for name, table in tables.items():
        hashes = table.column(NAMED[name]).to_pylist()
        for side in SIDES[name]:
            for address, hash_ in zip(table.column(side).to_pylist(), hashes, strict=True):
                if address is not None:
                    found.setdefault(address, {})[hash_] = None
    order: dict[str, int] = {}
    for name, table in tables.items():
        for hash_, place in zip(
            table.column(NAMED[name]).to_pylist(), table.column("transaction_index").to_pylist(), strict=True
        ):
            order[hash_] = place
    return {address: sorted(some, key=lambda one: order[one])[:MOST_TRANSACTIONS] for address, some in found.items()}


def scores_of(
    block: BlockRow, addresses: Sequence[str], opinion: Opinion, model: str, hashes: Mapping[str, Sequence[str]]
) -> list[Score]:
    """The scores of addresses at a block."""
    return [
        Score(
            address=address,
            block_number=block.number,
            block_hash=block.hash,
            time=block.time,
            transaction_hash=next(iter(hashes.get(address, ())), ""),
            probability_bp=opinion.points[at],
            category=opinion.categories[at],
            model=model,
        )
        for at, address in enumerate(addresses)
    ]


def raised(
    chain: Chain,
    block: BlockRow,
    scores: Sequence[Score],
    opinion: Opinion,
    learned: Learned,
    live: Mapping[str, Alert],
    hashes: Mapping[str, Sequence[str]],
    terms: Terms,
) -> tuple[list[Alert], list[Ended]]:
    """The alerts that follow from scores, and what they end; ``live`` are the live alerts about the addresses."""
    due, ended = [], []
    for at, score in enumerate(scores):
        before = live.get(score.address)
        if opinion.called[at]:
            if before is None or _renews(before, learned.digest, block.time):
                due.append(at)
            if before is not None and due and due[-1] == at:
                ended.append(Ended(before.id, RENEWED))
        elif before is not None and score.probability_bp < learned.threshold.cleared_bp:
            ended.append(Ended(before.id, "cleared"))
    if not due:
        return [], ended
    told = learned.reasons(opinion.images[due], terms.reasons)
    alerts = [
        _alert(chain, block, scores[at], opinion.indexes[at], learned, reasons, hashes, terms.life)
        for at, reasons in zip(due, told, strict=True)
    ]
    return alerts, ended


def _alert(
    chain: Chain,
    block: BlockRow,
    score: Score,
    category_index: int,
    learned: Learned,
    reasons: tuple[str, ...],
    hashes: Mapping[str, Sequence[str]],
    life: int,
) -> Alert:
    assert chain.chain_id is not None
    return Alert(
        chain_id=chain.chain_id,
        address=score.address,
        block_number=block.number,
        block_hash=block.hash,
        transactions=tuple(hashes.get(score.address, ())),
        probability_bp=max(score.probability_bp, 1),
        category=score.category,
        category_index=category_index,
        reasons=reasons,
        model=learned.digest,
        round=learned.round,
        raised_at=block.time,
        expires_at=block.time + life,
    )


def expired(alerts: Iterable[Alert], ended: Sequence[Ended]) -> list[Ended]:
    """Alerts whose time is over, but for those that have ended otherwise."""
    otherwise = {one.alert_id for one in ended}
    return [Ended(one.id, "expired") for one in alerts if one.id not in otherwise]


def _renews(before: Alert, model: str, time: int) -> bool:
    """Whether it is time for an alert to take the place of an earlier one."""
    life = before.expires_at - before.raised_at
    return before.model != model or (time - before.raised_at) * RENEWED_AFTER >= life
