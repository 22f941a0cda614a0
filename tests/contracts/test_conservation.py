"""No token is made or lost: what nodes can claim, what returns and what is in escrow is what was paid in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from dues import Item, of_seat, of_shard
from logs import logged
from stages import SMALL, judge, run_out, staffed, task_view, view

from anomalyhive.chain.views import Phase
from anomalyhive.protocol import split_reward
from rehearsal import SUPPLY, Node, Rehearsal, Round

ODD = {"reward": 10**18 + 7, "trainer_bps": 6667, "tolerance": 3}
"""A reward that nothing divides."""

SCORES = [
    {0: [7, 11, 13, 17, 19], 1: [7, 11, 13, 17, 19], 2: [8, 12, 14, 16, 18]},
    {0: [7, 11, 13, 17, 19], 1: [7, 11, 13, 17, 19], 2: [255, 1, 255, 1, 255]},
    {0: [0, 0, 3, 5, 0], 1: [0, 0, 3, 5, 0], 2: [0, 0, 3, 5, 0]},
    {0: [1, 1, 1, 1, 90], 1: [90, 1, 1, 1, 1], 2: [1, 1, 90, 1, 1]},
]


@pytest.mark.parametrize("scores", SCORES, ids=["all paid", "one strays", "most rejected", "nobody paid"])
def test_shares_and_what_returns_add_up_to_the_reward(
    rehearsal: Rehearsal,
    hive: Any,
    token: Any,
    trainers: Sequence[Node],
    validators: Sequence[Node],
    scores: dict[int, list[int]],
) -> None:
    task = staffed(rehearsal, trainers, validators, escrow=1, **ODD)
    round_ = rehearsal.reach(task, Phase.ATTEST, scores)
    rehearsal.attest(round_, 0, b"\x01" * 32)
    [final] = logged(rehearsal.attest(round_, 1, b"\x01" * 32), "RoundFinalized")
    earned = [hive.earned(*round_.key, 0, shard) for shard in range(5)]
    earned += [hive.earned(*round_.key, 1, seat) for seat in range(3)]
    assert sum(earned) + final["returned"] == ODD["reward"]
    assert task_view(hive, task)["escrow"] == final["returned"]
    assert token.balanceOf(hive) == ODD["reward"]
    claim_all(rehearsal, round_)
    assert token.balanceOf(hive) == final["returned"]


def claim_all(rehearsal: Rehearsal, round_: Round) -> None:
    """Everybody claims what pays, up to the round; nobody left its slot since."""
    claims: dict[int, list[Item]] = {}
    for shard, one in round_.updates.items():
        claims.setdefault(one.node, []).append(of_shard(round_.task, shard, through=round_.number))
    for seat, verdict in round_.verdicts.items():
        claims.setdefault(verdict.node, []).append(of_seat(round_.task, seat, through=round_.number))
    for node, items in claims.items():
        if any(rehearsal.hive.earned(*round_.key, *item[1:3]) for item in items):
            rehearsal.hive.claim(node, items, {"from": rehearsal.sponsor})


def test_tokens_are_conserved_over_final_cancelled_and_slashed_rounds(
    rehearsal: Rehearsal, hive: Any, registry: Any, token: Any, trainers: Sequence[Node], validators: Sequence[Node]
) -> None:
    task = staffed(rehearsal, trainers, validators, escrow=4, **ODD)
    final = rehearsal.reach(task, Phase.FINAL, SCORES[1])
    run_out(hive, rehearsal.open(task))
    hive.cancelRound(task, 2, {"from": rehearsal.sponsor})
    slashing = rehearsal.reach(task, Phase.REVEAL, SCORES[0])
    for seat in (0, 1):
        rehearsal.reveal(slashing, seat)
    del slashing.verdicts[2]
    run_out(hive, slashing)
    [slashed] = logged(rehearsal.tally(slashing), "SeatSlashed")
    for seat in (0, 1):
        rehearsal.attest(slashing, seat, rehearsal.model_of(slashing))
    for round_ in (final, slashing):
        claim_all(rehearsal, round_)
    hive.withdrawEscrow(task, escrow := task_view(hive, task)["escrow"], {"from": rehearsal.sponsor})
    assert escrow >= 2 * ODD["reward"]
    assert token.balanceOf(hive) == 0
    assert token.totalSupply() == SUPPLY - slashed["burned"]
    keys = [key for node in rehearsal.nodes for key in (node.owner, node.operator)]
    assert sum(token.balanceOf(one) for one in (*keys, rehearsal.sponsor, registry)) == token.totalSupply()


def test_two_tasks_never_pay_from_each_others_escrow(
    rehearsal: Rehearsal, hive: Any, trainers: Sequence[Node], validators: Sequence[Node]
) -> None:
    tasks = [staffed(rehearsal, trainers, validators, escrow=1, **ODD) for _ in range(2)]
    round_ = rehearsal.open(tasks[0])
    for shard in range(5):
        rehearsal.submit(round_, shard)
    judge(rehearsal, round_, SCORES[0])
    rehearsal.tally(round_)
    for seat in (0, 1):
        rehearsal.attest(round_, seat, b"\x01" * 32)
    claim_all(rehearsal, round_)
    assert task_view(hive, tasks[1])["escrow"] == ODD["reward"]
    with_reward = rehearsal.reach(tasks[1], Phase.FINAL, SCORES[0])
    claim_all(rehearsal, with_reward)
    assert sum(task_view(hive, task)["escrow"] for task in tasks) == rehearsal.token.balanceOf(hive)


# The largest reward


LARGEST = 2**88 - 1


@pytest.fixture(scope="module")
def rich(HiveToken: Any, NodeRegistry: Any, Hive: Any, accounts: Any) -> Rehearsal:
    """A hive of a token of which there is enough for the largest reward."""
    return Rehearsal((HiveToken, NodeRegistry, Hive), list(accounts), supply=4 * LARGEST)


@pytest.mark.parametrize("bps", [0, 1, 5000, 9999, 10_000])
@pytest.mark.parametrize("score", [1, 255])
def test_largest_reward_is_paid_to_the_last_unit_and_disturbs_nothing_beside_it(
    rich: Rehearsal, score: int, bps: int
) -> None:
    trainer, validator = rich.register(), rich.register()
    task = staffed(rich, [trainer], [validator], **SMALL, escrow=1, reward=LARGEST, trainer_bps=bps)
    round_ = rich.reach(task, Phase.FINAL, {0: [score]})
    shares = split_reward(LARGEST, bps, score, 1)
    found = view(rich.hive, round_)
    assert (found["rate"], found["share"], found["worth"], found["paid"]) == (shares.rate, shares.share, score, 1)
    returned = shares.returned(LARGEST, score, 1)
    assert 0 <= returned < 255
    assert task_view(rich.hive, task)["escrow"] == returned
    for node, item, amount in (
        (trainer, of_shard(task, 0), shares.rate * score),
        (validator, of_seat(task, 0), shares.share),
    ):
        if amount:
            rich.hive.claim(node.number, [item], {"from": rich.sponsor})
        assert rich.token.balanceOf(node.owner) == amount
    assert rich.token.balanceOf(rich.hive) == returned
