"""A token whose burn fails, floods or calls back holds up no round, and slashed stake reaches nobody (P2, P9, P15)."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

import brownie
import pytest
from actor import Actor, Call, Moment, call
from books import stake_of, surplus
from bystanders import Founding
from logs import logged
from stages import phase_of, run_out, staffed, task_view

from anomalyhive.chain.views import Phase
from rehearsal import BASE, STAKE, TRAIN, VALIDATE, Node, Rehearsal, Round

SLASH = BASE.slash_amount


class Manner(IntEnum):
    """How Cinder burns: see Cinder.sol."""

    PROPER = 0
    IDLE = 1
    REFUSE = 2
    EXHAUST = 3
    FLOOD_RETURN = 4
    FLOOD_REVERT = 5
    HEAVY = 6


Scene = tuple[Rehearsal, int, Sequence[Node]]


def settled(found: Founding, token: str) -> Scene:
    """A task of one trainer and three validators, and the four of them; two reveals are a quorum."""
    rehearsal = found(token)
    nodes = [rehearsal.register(TRAIN), *(rehearsal.register(VALIDATE) for _ in range(3))]
    one = {"shards": 1, "update_quota": 1, "min_updates": 1}
    return rehearsal, staffed(rehearsal, nodes[:1], nodes[1:], **one), nodes


@pytest.fixture(scope="module")
def cinder(found: Founding) -> Scene:
    """Its token's burn can fail in any manner."""
    return settled(found, "Cinder")


@pytest.fixture(scope="module")
def hooked(found: Founding) -> Scene:
    """Its token calls somebody before and after a burn."""
    return settled(found, "Hooked")


def withheld(scene: Scene, seats: Sequence[int]) -> Round:
    """A round in which all commit and these seats do not reveal, at the end of the reveal phase."""
    rehearsal, task, _ = scene
    round_ = rehearsal.reach(task, Phase.REVEAL)
    for seat in seats:
        del round_.verdicts[seat]
    for seat in round_.verdicts:
        rehearsal.reveal(round_, seat)
    run_out(rehearsal.hive, round_)
    return round_


def stakes(scene: Scene) -> list[int]:
    """Of the three validators."""
    rehearsal, _, nodes = scene
    return [stake_of(rehearsal.registry, node.number) for node in nodes[1:]]


CASES = [
    (Manner.PROPER, 0, 1),
    (Manner.IDLE, 0, 0),
    (Manner.REFUSE, 0, 0),
    (Manner.FLOOD_RETURN, 60_000, 1),
    (Manner.FLOOD_REVERT, 60_000, 0),
    (Manner.HEAVY, 30_000, 1),
]
"""The manner, its weight, and how much of a slash it burns."""


@pytest.mark.parametrize(("manner", "weight", "burns"), CASES, ids=[one[0].name for one in CASES])
@pytest.mark.parametrize("seats", [(0,), (1, 2), (0, 1, 2)], ids=["one", "two", "all"])
def test_burn_in_whatever_manner_ends_the_round_and_pays_nobody(
    cinder: Scene, manner: Manner, weight: int, burns: int, seats: Sequence[int]
) -> None:
    rehearsal, task, _ = cinder
    rehearsal.token.set(manner, weight, {"from": rehearsal.sponsor})
    supply, escrow = rehearsal.token.totalSupply(), task_view(rehearsal.hive, task)["escrow"]
    round_ = withheld(cinder, seats)
    if len(seats) == 1:
        transaction = rehearsal.tally(round_)
        assert phase_of(rehearsal.hive, round_) is Phase.ATTEST
    else:
        transaction = rehearsal.hive.cancelRound(*round_.key, {"from": rehearsal.sponsor})
        assert phase_of(rehearsal.hive, round_) is Phase.CANCELLED
        assert task_view(rehearsal.hive, task)["escrow"] == escrow
    assert [one["seat"] for one in logged(transaction, "SeatSlashed")] == list(seats)
    assert stakes(cinder) == [STAKE - SLASH * (seat in seats) for seat in range(3)]
    assert supply - rehearsal.token.totalSupply() == burns * len(seats) * SLASH
    # What was slashed and not burned stays in the registry, beyond what it owes.
    assert surplus(rehearsal) == (0, (1 - burns) * len(seats) * SLASH)


def test_burn_that_uses_up_all_gas_holds_up_no_round_of_one_slash(cinder: Scene) -> None:
    rehearsal, _, _ = cinder
    rehearsal.token.set(Manner.EXHAUST, 0, {"from": rehearsal.sponsor})
    round_ = withheld(cinder, (2,))
    rehearsal.tally(round_)
    assert phase_of(rehearsal.hive, round_) is Phase.ATTEST
    assert stakes(cinder) == [STAKE, STAKE, STAKE - SLASH]
    assert surplus(rehearsal) == (0, SLASH)


@pytest.mark.parametrize("manner", [Manner.FLOOD_RETURN, Manner.FLOOD_REVERT], ids=lambda one: one.name)
def test_data_that_a_burn_floods_with_is_not_copied(cinder: Scene, manner: Manner) -> None:
    rehearsal, _, _ = cinder
    size = 80_000
    words = size // 32
    memory = 3 * words + words**2 // 512
    # Both lines of the token's setting are written already, so that the one tally reads what the other does.
    rehearsal.token.set(Manner.IDLE, size, {"from": rehearsal.sponsor})
    round_ = withheld(cinder, (0,))
    idle = rehearsal.tally(round_).gas_used
    brownie.chain.undo()
    rehearsal.token.set(manner, size, {"from": rehearsal.sponsor})
    run_out(rehearsal.hive, round_)
    flooded = rehearsal.tally(round_).gas_used
    # The token pays for its memory once. Copying it would cost as much again in the registry.
    assert memory - 1000 < flooded - idle < memory + 15_000


def test_token_without_a_burn_holds_up_no_round(found: Founding) -> None:
    scene = settled(found, "Mute")
    rehearsal = scene[0]
    round_ = withheld(scene, (0, 1, 2))
    rehearsal.hive.cancelRound(*round_.key, {"from": rehearsal.sponsor})
    assert stakes(scene) == [STAKE - SLASH] * 3
    assert surplus(rehearsal) == (0, 3 * SLASH)


# A burn that calls back


def conspire(scene: Scene, *calls: Call) -> Actor:
    """Somebody who is called before the next burn and makes these calls then."""
    rehearsal, _, _ = scene
    actor = Actor.born(rehearsal.sponsor)
    rehearsal.token.setWitness(actor.address, {"from": rehearsal.sponsor})
    actor.plan(Moment.BEFORE_BURN, *calls)
    return actor


def test_cancel_that_is_called_back_ends_the_round_once(hooked: Scene) -> None:
    rehearsal, task, _ = hooked
    escrow = task_view(rehearsal.hive, task)["escrow"]
    round_ = withheld(hooked, (0, 1, 2))
    cancel = call(rehearsal.hive.cancelRound, *round_.key)
    tally = call(rehearsal.hive.tally, *round_.key, round_.rows, [])
    actor = conspire(hooked, cancel, tally)
    rehearsal.hive.cancelRound(*round_.key, {"from": rehearsal.sponsor})
    assert actor.outcome == (2, 0)
    assert stakes(hooked) == [STAKE - SLASH] * 3
    assert task_view(rehearsal.hive, task)["escrow"] == escrow
    assert surplus(rehearsal) == (0, 0)


def test_cancel_in_which_the_next_round_is_opened_slashes_all_the_same(hooked: Scene) -> None:
    rehearsal, task, _ = hooked
    round_ = withheld(hooked, (0, 1, 2))
    actor = conspire(hooked, call(rehearsal.hive.openRound, task))
    rehearsal.hive.cancelRound(*round_.key, {"from": rehearsal.sponsor})
    assert actor.outcome == (1, 1)
    assert stakes(hooked) == [STAKE - SLASH] * 3
    assert surplus(rehearsal) == (0, 0)
    assert phase_of(rehearsal.hive, Round(task, 2)) is Phase.TRAIN


def test_tally_that_is_called_back_counts_and_slashes_once(hooked: Scene) -> None:
    rehearsal, task, _ = hooked
    round_ = withheld(hooked, (1,))
    actor = conspire(
        hooked,
        call(rehearsal.hive.tally, *round_.key, round_.rows, round_.scores),
        call(rehearsal.hive.cancelRound, *round_.key),
        call(rehearsal.hive.openRound, task),
    )
    [event] = logged(rehearsal.tally(round_), "RoundTallied")
    assert (event["accepted"], event["worth"], event["paid"]) == (1, 100, 0b101)
    assert actor.outcome == (3, 0)
    assert stakes(hooked) == [STAKE, STAKE - SLASH, STAKE]
    assert surplus(rehearsal) == (0, 0)


def test_first_slice_that_is_called_back_with_the_last_one_slashes_once(hooked: Scene) -> None:
    rehearsal, _, nodes = hooked
    two = {"shards": 2, "update_quota": 2}
    task = staffed(rehearsal, [nodes[0]] * 2, nodes[1:], **two)
    round_ = withheld((rehearsal, task, nodes), (1,))
    last = call(rehearsal.hive.tally, *round_.key, round_.rows[1:], round_.scores)
    actor = conspire(hooked, last)
    transaction = rehearsal.hive.tally(*round_.key, round_.rows[:1], round_.scores, {"from": rehearsal.sponsor})
    assert actor.outcome == (1, 1)
    [event] = logged(transaction, "RoundTallied")
    assert (event["accepted"], event["worth"], event["paid"]) == (2, 200, 0b101)
    assert phase_of(rehearsal.hive, round_) is Phase.ATTEST
    assert stakes(hooked) == [STAKE, STAKE - SLASH, STAKE]
    for seat in (0, 2):
        rehearsal.attest(round_, seat, rehearsal.model_of(round_))
    assert surplus(rehearsal) == (0, 0)


def test_stake_does_not_leave_while_its_slash_is_under_way(hooked: Scene) -> None:
    rehearsal, _, nodes = hooked
    round_ = withheld(hooked, (0, 1, 2))
    node = nodes[1]
    rehearsal.registry.requestExit(node.number, {"from": node.owner})
    brownie.chain.sleep(7 * 86400)
    actor = conspire(
        hooked,
        call(rehearsal.registry.withdraw, node.number),
        call(rehearsal.registry.slash, nodes[2].number, STAKE),
    )
    rehearsal.hive.cancelRound(*round_.key, {"from": rehearsal.sponsor})
    assert actor.outcome == (2, 0)
    assert stakes(hooked) == [STAKE - SLASH] * 3
