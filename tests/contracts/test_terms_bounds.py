"""Terms: from which round to which a claim reaches, over cancelled rounds, and for who comes in an open one."""

from __future__ import annotations

from typing import Any

import pytest
from dues import UPDATE, VERDICT, told
from play import SEATS, SHARDS, Play
from refusals import refused
from slot import EARNED, MINE, NO_TERM, Slot, finals

from anomalyhive.chain.views import Phase
from rehearsal import BASE, Node, Rehearsal

# Up to which round


def test_claim_of_an_ended_term_cut_by_through_pays_the_rest_later(
    rehearsal: Rehearsal, slot: Slot, holder: Node
) -> None:
    one = EARNED[slot.kind]
    finals(rehearsal, slot.task, 4)
    slot.call("release", holder.operator)
    assert slot.claim(holder, 4, 1) == [told(holder, slot.item(4), 0, 1, one)]
    assert slot.claim(holder, 4, 3) == [told(holder, slot.item(4), 1, 3, 2 * one)]
    assert slot.term(4) == (holder.number, 3, 4)
    for through in (1, 2, 3):
        with refused("NothingToClaim", holder.number):
            slot.claim(holder, 4, through)
    assert slot.claim(holder, 4) == [told(holder, slot.item(4), 3, 4, one)]


def test_claim_of_an_ended_term_that_somebody_came_before_pays_the_rest(
    rehearsal: Rehearsal, hive: Any, slot: Slot, holder: Node, stranger: Any
) -> None:
    finals(rehearsal, slot.task, 2)
    slot.call("release", holder.operator)
    hive.claim(holder.number, [slot.item(2, 1)], {"from": stranger})
    assert slot.claim(holder, 2) == [told(holder, slot.item(2), 1, 2, EARNED[slot.kind])]


def test_claim_of_an_ended_term_beyond_its_end_reverts(
    rehearsal: Rehearsal, slot: Slot, holder: Node, heir: Node
) -> None:
    finals(rehearsal, slot.task, 2)
    slot.call("release", holder.operator)
    slot.call("take", heir.operator)
    finals(rehearsal, slot.task, 1)
    for through in (3, 4, 2**32 - 1):
        with refused("WrongClaim", *slot.item(2, through)):
            slot.claim(holder, 2, through)
    assert slot.claim(holder, 2, 2) == [told(holder, slot.item(2), 0, 2, 2 * EARNED[slot.kind])]


@pytest.mark.parametrize("term", [1, 3, 4])
def test_claim_of_a_term_by_a_round_that_is_not_its_last_reverts(
    rehearsal: Rehearsal, play: Play, slot: Slot, holder: Node, term: int
) -> None:
    finals(rehearsal, slot.task, 2)
    slot.call("release", holder.operator)
    final_without_the_slot(play, slot)
    with refused("WrongClaim", *slot.item(term)):
        slot.claim(holder, term)


def test_term_does_not_reach_into_rounds_after_its_end(
    rehearsal: Rehearsal, hive: Any, play: Play, slot: Slot, holder: Node
) -> None:
    finals(rehearsal, slot.task, 1)
    slot.call("release", holder.operator)
    final_without_the_slot(play, slot)
    assert hive.earned(slot.task, 2, slot.kind, MINE) == 0
    assert slot.claim(holder, 1) == [told(holder, slot.item(1), 0, 1, EARNED[slot.kind])]


def final_without_the_slot(play: Play, slot: Slot) -> None:
    """A final round while nobody holds the slot."""
    free_shard, free_seat = slot.kind == UPDATE, slot.kind == VERDICT
    play.final(slot.task, SHARDS[free_shard:], SEATS[free_seat:])


@pytest.mark.parametrize("ended", [False, True], ids=["present term", "ended term"])
def test_claim_passes_over_cancelled_rounds_and_refuses_one_as_the_last(
    rehearsal: Rehearsal, play: Play, slot: Slot, holder: Node, ended: bool
) -> None:
    one = EARNED[slot.kind]
    play.cancelled(slot.task)
    finals(rehearsal, slot.task, 1)
    for _ in range(2):
        play.cancelled(slot.task, shards=[MINE])
    finals(rehearsal, slot.task, 2)
    play.cancelled(slot.task)
    # Final are 2, 5 and 6.
    if ended:
        slot.call("release", holder.operator)
    term = 6 if ended else 0
    for through in (1, 3, 4):
        with refused("WrongClaim", *slot.item(term, through)):
            slot.claim(holder, term, through)
    assert slot.claim(holder, term, 5) == [told(holder, slot.item(term, 5), 0, 5, 2 * one)]
    for through in (1, 3, 4):
        with refused("NothingToClaim", holder.number):
            slot.claim(holder, term, through)
    assert slot.claim(holder, term) == [told(holder, slot.item(term), 5, 6, one)]


# Holders that come or go while a round is open


def test_holder_who_came_in_an_open_round_is_paid_for_it(
    rehearsal: Rehearsal, play: Play, slot: Slot, holder: Node, heir: Node
) -> None:
    finals(rehearsal, slot.task, 1)
    round_ = rehearsal.open(slot.task)
    slot.call("release", holder.operator)
    slot.call("take", heir.operator)
    assert slot.holder() == (heir.operator.address, heir.number, 2, 1)
    play.finish(round_, SHARDS, SEATS)
    assert slot.term(1) == (holder.number, 0, 1)
    assert slot.term(2) == NO_TERM
    assert slot.claim(heir) == [told(heir, slot.item(), 1, 2, EARNED[slot.kind])]
    assert slot.claim(holder, 1) == [told(holder, slot.item(1), 0, 1, EARNED[slot.kind])]


def test_holder_who_came_after_its_part_of_a_round_earns_nothing_by_it(
    rehearsal: Rehearsal, play: Play, slot: Slot, holder: Node, heir: Node
) -> None:
    round_ = rehearsal.open(slot.task)
    free_shard, free_seat = slot.kind == UPDATE, slot.kind == VERDICT
    for shard in SHARDS[free_shard:]:
        rehearsal.submit(round_, shard)
    play.end(round_, Phase.TRAIN)
    for seat in SEATS[free_seat:]:
        rehearsal.commit(round_, seat, [100] * BASE.shards)
    play.end(round_, Phase.JUDGE)
    # Here in REVEAL: neither an update nor a commit is to be brought any more.
    slot.call("release", holder.operator)
    slot.call("take", heir.operator)
    for seat in round_.verdicts:
        rehearsal.reveal(round_, seat)
    rehearsal.tally(round_)
    for seat in list(round_.verdicts)[: BASE.quorum]:
        rehearsal.attest(round_, seat, rehearsal.model_of(round_))
    with refused("NothingToClaim", heir.number):
        slot.claim(heir)
    for node in (holder, heir):
        with refused("WrongClaim", *slot.item(1)):
            slot.claim(node, 1)


def test_holder_who_brought_something_to_an_open_round_is_paid_however_soon_it_leaves(
    rehearsal: Rehearsal, slot: Slot, holder: Node, heir: Node
) -> None:
    # Bound until the round is final; the next call may be the heir's.
    round_ = rehearsal.reach(slot.task, Phase.ATTEST)
    for seat in range(BASE.quorum):
        rehearsal.attest(round_, seat, rehearsal.model_of(round_))
    slot.call("release", holder.operator)
    slot.call("take", heir.operator)
    rehearsal.open(slot.task)
    with refused("WrongClaim", *slot.item(0, 1)):
        slot.claim(holder, 0, 1)
    assert slot.claim(holder, 1) == [told(holder, slot.item(1), 0, 1, EARNED[slot.kind])]
