"""Rounds as a node sees them, and what it does, for its watchers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from anomalyhive.chain.signer import Mined
from anomalyhive.chain.views import Phase, Reveal, Role, RoundView, Submission, Tallied
from anomalyhive.node.watching import Standing, Watcher

NODE = 7
STANDING = Standing(node=NODE, operator="0x" + "ab" * 20, balance=15 * 10**17, open_transactions=2)

EMPTY = RoundView(
    task=1,
    round=1,
    phase=Phase.TRAIN,
    ends_at=1_000,
    now=900,
    seed=bytes(32),
    base=bytes(32),
    submissions={},
    committed={},
    reveals={},
    tallied=None,
    attested={},
    slashed={},
    model=bytes(32),
    paid=frozenset(),
    returned=0,
    opened_in=1,
    drawn=bytes(32),
)


def view(phase: Phase = Phase.TRAIN, round_: int = 1, **changes: Any) -> RoundView:
    return replace(EMPTY, phase=phase, round=round_, **changes)


def judged(phase: Phase, round_: int = 1, **changes: Any) -> RoundView:
    """A round whose updates are counted: this node's of shard 0 is accepted, that of shard 2 rejected.

    It sits on seats 0, which is paid, 2, which is not, and 3, which was slashed.
    """
    given: dict[str, Any] = {
        "submissions": {
            shard: Submission(shard, node, bytes(32), bytes(96)) for shard, node in enumerate((NODE, 8, NODE))
        },
        "committed": {0: NODE, 1: 8, 2: NODE, 3: NODE},
        "reveals": {seat: Reveal(seat, node, bytes(3), bytes(32)) for seat, node in ((0, NODE), (1, 8), (2, NODE))},
        "tallied": Tallied({0: 200, 1: 100, 2: 0}, 300, 1, 1, frozenset({0, 1}), bytes(96)),
        "paid": frozenset({0, 1}),
        "slashed": {3: 50},
    }
    return view(phase, round_, **{**given, **changes})


def mined(function: str = "submitUpdate", gas: int = 60_000, price: int = 10**9) -> Mined:
    receipt: Any = {"transactionHash": b"\x0e" * 32, "effectiveGasPrice": price}
    return Mined(function, gas, 12, receipt)


def busy(watcher: Watcher, text: str = "trouble") -> None:
    """Everything that a watcher can hear, with a stranger's text in the error."""
    watcher.stood(STANDING)
    watcher.looked(1, None, 10, 0.5)
    watcher.looked(1, view(), 11, 1.5)
    watcher.acted(1, 1, Phase.TRAIN, Role.TRAIN, "train")
    watcher.acted(1, 0, Phase.NONE, None, "takeShard 3")
    watcher.mined(mined(), "update/1/1/0")
    watcher.looked(1, judged(Phase.FINAL), 12, 2.5)
    watcher.rewarded(1, 25 * 10**17)
    watcher.failed("claim of task 1", ValueError(text))
    watcher.watched(100, 12, 3, 0)
    watcher.watched(110, 2, 0, 1)
    watcher.delivered("ops", "begun", "", 3)
    watcher.delivered("ops", "delivered", "HTTP status 200", -1)
    watcher.delivered("ops", "dead", text, 4)
    watcher.idle(2_000)
