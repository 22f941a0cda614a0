"""What is measured of an alert feed: posting, asking, an appeal and its votes, and what is paid. Always the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from eth_utils.crypto import keccak

from anomalyhive.chain.views import Phase
from anomalyhive.protocol import vote_hash
from gas_floor import call_cost
from rehearsal import TOKEN, VALIDATE, Node, Rehearsal

MONITOR = 4
"""Role of INodeRegistry."""

POSTS = 24
"""The most that a feed can have."""

STAND, VOTE, REVEAL = 1000, 2000, 3000
"""Seconds."""

# Posts, quorum, categories, longest life, then as above, least stake, reward, reward of a vote, bond.
RULES = (POSTS, 2, 8, 86_400, STAND, VOTE, REVEAL, TOKEN, TOKEN, TOKEN, 3 * TOKEN)

FOREVER = 2**40 - 1
"""An expiry, which the feed cuts."""

BATCHES = (1, 10, 50)
"""Alerts in a transaction."""

Figures = dict[str, int]


def feed(stage: Rehearsal, container: Any, chain: Any, figures: Figures) -> None:
    """A feed of a task with one final round, whose posts are taken one after the other."""
    trainer, validators = stage.register(), [stage.register(VALIDATE) for _ in range(3)]
    task = stage.create(escrow=1, shards=1, update_quota=1, min_updates=1)
    stage.settle_in(task, [trainer], validators)
    stage.reach(task, Phase.FINAL)
    sponsor = {"from": stage.sponsor}
    made = container.deploy(stage.hive, task, RULES, sponsor)
    stage.token.approve(made, 10_000 * TOKEN, sponsor)
    made.fund(1000 * TOKEN, sponsor)
    monitors = [stage.register(MONITOR) for _ in range(POSTS)]
    post(made, monitors, figures)
    ask(made, monitors, figures)
    chain.sleep(STAND + 1)
    settle(made, monitors[0], sponsor, figures)
    appeal(stage, made, validators, chain)
    everything_else(stage, made, monitors, sponsor)


def post(made: Any, monitors: Sequence[Node], figures: Figures) -> None:
    """New alerts and renewals, of which others have said nothing yet; then two monitors agree."""
    by = {"from": monitors[0].operator}
    made.takePost(0, by)
    made.postAlerts(0, 1, rows(9_999, 1), by)  # notes the round's model
    for size in BATCHES:
        for manner in ("new", "renewed"):
            used = int(made.postAlerts(0, 1, rows(100 * size, size), by).gas_used)
            figures[f"alerts, {size} {manner}: each"] = -(-used // size)
    made.takePost(1, {"from": monitors[1].operator})
    for size in BATCHES:
        used = int(made.postAlerts(1, 1, rows(100 * size, size), {"from": monitors[1].operator}).gas_used)
        figures[f"alerts, {size} that another said before: each"] = -(-used // size)


def ask(made: Any, monitors: Sequence[Node], figures: Figures) -> None:
    """What `riskOf` costs a contract that asks, by how many have said something of the address."""
    [[subject, *_]] = rows(100, 1)
    for number, node in enumerate(monitors):
        if number >= 2:
            made.takePost(number, {"from": node.operator})
            # In descending order, which is the most to sort.
            made.postAlerts(number, 1, rows(100, 1, probability=9_000 - number), {"from": node.operator})
        if number + 1 in (3, POSTS):
            asked = made.riskOf.transact(subject, {"from": node.operator})
            figures[f"risk by {number + 1} monitors, without the transaction"] = call_cost(asked)


def settle(made: Any, node: Node, sponsor: Any, figures: Figures) -> None:
    """Alerts that two monitors agreed on, and what they have earned."""
    for size in BATCHES[1:]:
        subjects = [one[0] for one in rows(100 * size, size)]
        figures[f"settle {size} alerts: each"] = -(-int(made.settle(0, subjects, sponsor).gas_used) // size)
    made.claim(node.number, sponsor)


def appeal(stage: Rehearsal, made: Any, validators: Sequence[Node], chain: Any) -> None:
    """Against two alerts, which is upheld; against other two, which are overturned."""
    salt = keccak(text="salt")
    for number, (start, uphold) in enumerate(((1000, True), (5000, False)), start=1):
        made.appeal(rows(start, 1)[0][0], keccak(text="evidence"), {"from": stage.sponsor})
        for seat, node in enumerate(validators):
            hidden = vote_hash(made.address, number, seat, node.number, uphold, salt)
            made.commitVote(number, seat, hidden, {"from": node.operator})
        chain.sleep(VOTE)
        for seat, node in enumerate(validators):
            made.revealVote(number, seat, node.number, uphold, salt, {"from": node.operator})
        chain.sleep(REVEAL)
        made.decide(number, {"from": stage.sponsor})
    made.fetchBonds(stage.sponsor, {"from": stage.sponsor})


def everything_else(stage: Rehearsal, made: Any, monitors: Sequence[Node], sponsor: Any) -> None:
    """The functions that a day on which all goes well does not need."""
    zero, one = monitors[0], monitors[1]
    made.retract(zero.number, 0, [rows(9_999, 1)[0][0]], {"from": zero.operator})
    made.refreshPost(0, sponsor)
    made.releasePost(0, {"from": zero.operator})
    stage.registry.requestExit(one.number, {"from": one.owner})
    made.freePost(1, sponsor)
    made.withdrawEscrow(TOKEN, sponsor)


def rows(start: int, count: int, probability: int = 9_000) -> list[tuple[str, int, int, int]]:
    """Alerts about addresses of their own from ``start`` on."""
    return [(f"0x{keccak(text=f'subject {start + i}')[:20].hex()}", probability, 1, FOREVER) for i in range(count)]
