"""What is known of an address: by the watch of this machine first, by the chain else."""

from __future__ import annotations

from typing import Literal

from anomalyhive.dashboard.api.board import Board
from anomalyhive.dashboard.api.schemas.alerts import OnChain, Risk
from anomalyhive.dashboard.api.shaping.alerts import on_chain_of
from anomalyhive.errors import AnomalyHiveError
from anomalyhive.monitor.entries import Score
from anomalyhive.monitor.reading import AlertEntry

WHOLE = 10_000
"""Basis points."""

MOST_LIVE = 20

Verdict = Literal["flagged", "clear"]


def risk_of(board: Board, address: str) -> Risk:
    """What watch and feed say of an address (lower case)."""
    score, threshold, live, problem = _watched(board, address)
    on_chain, silent = _flagged(board, address)
    bp, category, model, block, as_of = None, None, None, None, None
    source: Literal["watch", "feed", "none"] = "none"
    if score is not None:
        source, bp, category = "watch", score.probability_bp, score.category
        model, block, as_of = score.model.removeprefix("0x"), score.block_number, score.time
    elif on_chain is not None and on_chain.monitors:
        head = board.latest.head
        source, bp, category = "feed", on_chain.probability_bp, on_chain.category
        model, as_of = on_chain.model, None if head is None else head.time
    return Risk(
        address=address,
        probability_bp=bp,
        probability=None if bp is None else bp / WHOLE,
        verdict=_verdict(score, threshold, on_chain),
        category=category,
        reasons=list(live[0].alert.reasons) if live else [],
        model=model,
        block=block,
        as_of=as_of,
        source=source,
        on_chain=on_chain,
        problem="; ".join(one for one in (problem, silent) if one) or None,
        alerts=[one.alert.id for one in live],
    )


def _verdict(
    score: Score | None, threshold: int | None, on_chain: OnChain | None
) -> Literal["flagged", "clear"] | None:
    if on_chain is not None and on_chain.flagged:
        return "flagged"
    if score is not None and threshold is not None:
        return "flagged" if score.probability_bp >= threshold else "clear"
    return "clear" if on_chain is not None and on_chain.monitors else None


def _watched(board: Board, address: str) -> tuple[Score | None, int | None, list[AlertEntry], str | None]:
    """Latest score, threshold and live alerts, and why they could not be had."""
    if board.watching is None:
        return None, None, [], None
    try:
        with board.watching.reader() as reader:
            live = reader.alerts(MOST_LIVE, address=address, state="live")
            return reader.latest(address), reader.about().threshold_bp, live, None
    except AnomalyHiveError:
        return None, None, [], "the watch cannot be read now"


def _flagged(board: Board, address: str) -> tuple[OnChain | None, str | None]:
    if board.feeding is None:
        return None, None
    risk, problem = board.feeding.risk_of(address)
    spec = board.latest.spec
    return None if risk is None else on_chain_of(risk, () if spec is None else spec.classes), problem
