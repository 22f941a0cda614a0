"""Terms: whose the rounds of a slot are after its holder left, and that each pays its own node alone, once."""

from __future__ import annotations

from typing import Any

from dues import told
from logs import logged, plain
from play import Play
from refusals import refused
from slot import EARNED, MINE, NO_TERM, Slot, finals

from rehearsal import Node, Rehearsal

FREE = ("0x" + "0" * 40, 0, 0, 0)


# What a term leaves


def test_release_after_a_final_round_leaves_a_term(rehearsal: Rehearsal, slot: Slot, holder: Node) -> None:
    finals(rehearsal, slot.task, 2)
    slot.call("release", holder.operator)
    assert slot.holder() == FREE
    assert slot.term(2) == (holder.number, 0, 2)
    assert slot.term(0) == slot.term(1) == slot.term(3) == NO_TERM


def test_free_after_a_final_round_leaves_a_term(
    rehearsal: Rehearsal, registry: Any, slot: Slot, holder: Node, stranger: Any
) -> None:
    finals(rehearsal, slot.task, 1)
    registry.requestExit(holder.number, {"from": holder.owner})
    slot.call("free", stranger)
    assert slot.holder() == FREE
    assert slot.term(1) == (holder.number, 0, 1)


def test_term_is_of_one_kind_slot_and_task(rehearsal: Rehearsal, hive: Any, slot: Slot, holder: Node) -> None:
    finals(rehearsal, slot.task, 1)
    slot.call("release", holder.operator)
    for place in (
        (slot.task, 1 - slot.kind, MINE, 1),
        (slot.task, slot.kind, MINE + 1, 1),
        (slot.task, slot.kind, 2**16 - 1, 1),
        (slot.task + 1, slot.kind, MINE, 1),
    ):
        assert plain(hive.term(*place)) == NO_TERM


def test_term_that_saw_no_final_round_leaves_nothing(
    rehearsal: Rehearsal, play: Play, slot: Slot, holder: Node, heir: Node
) -> None:
    play.cancelled(slot.task)
    slot.call("release", holder.operator)
    assert slot.term(0) == slot.term(1) == NO_TERM
    slot.call("take", heir.operator)
    finals(rehearsal, slot.task, 1)
    slot.call("release", heir.operator)
    slot.call("take", holder.operator)
    play.cancelled(slot.task)
    slot.call("release", holder.operator)
    # The heir's is what stays: that of the one who came after it has the same last final round and nothing in it.
    assert slot.term(2) == (heir.number, 0, 2)
    assert slot.term(1) == slot.term(3) == NO_TERM


def test_term_that_was_paid_whole_leaves_nothing(rehearsal: Rehearsal, slot: Slot, holder: Node) -> None:
    finals(rehearsal, slot.task, 2)
    slot.claim(holder)
    slot.call("release", holder.operator)
    assert slot.term(2) == NO_TERM
    with refused("WrongClaim", *slot.item(2)):
        slot.claim(holder, 2)


def test_term_that_was_paid_in_part_leaves_the_rest(rehearsal: Rehearsal, slot: Slot, holder: Node) -> None:
    finals(rehearsal, slot.task, 3)
    slot.claim(holder, through=2)
    slot.call("release", holder.operator)
    assert slot.term(3) == (holder.number, 2, 3)
    assert slot.claim(holder, 3) == [told(holder, slot.item(3), 2, 3, EARNED[slot.kind])]


# What a term pays


def test_claim_of_an_ended_term_pays_its_node_and_tells(
    rehearsal: Rehearsal, token: Any, slot: Slot, holder: Node
) -> None:
    finals(rehearsal, slot.task, 2)
    slot.call("release", holder.operator)
    before = token.balanceOf(holder.owner)
    assert slot.claim(holder, 2) == [told(holder, slot.item(2), 0, 2, 2 * EARNED[slot.kind])]
    assert token.balanceOf(holder.owner) - before == 2 * EARNED[slot.kind]
    assert slot.term(2) == (holder.number, 2, 2)
    with refused("NothingToClaim", holder.number):
        slot.claim(holder, 2)


def test_claim_of_an_ended_term_as_the_present_one_reverts(rehearsal: Rehearsal, slot: Slot, holder: Node) -> None:
    finals(rehearsal, slot.task, 1)
    slot.call("release", holder.operator)
    with refused("WrongClaim", *slot.item()):
        slot.claim(holder)


def test_claim_of_an_ended_term_by_anyone_for_its_node_only(
    rehearsal: Rehearsal, hive: Any, token: Any, slot: Slot, holder: Node, heir: Node, stranger: Any
) -> None:
    finals(rehearsal, slot.task, 1)
    slot.call("release", holder.operator)
    slot.call("take", heir.operator)
    for node in (heir.number, holder.number + 1, 0, 999):
        with refused("WrongClaim", *slot.item(1)):
            hive.claim(node, [slot.item(1)], {"from": holder.owner})
    before = token.balanceOf(holder.owner)
    hive.claim(holder.number, [slot.item(1)], {"from": stranger})
    assert token.balanceOf(holder.owner) - before == EARNED[slot.kind]
    assert token.balanceOf(heir.owner) == token.balanceOf(stranger) == 0


def test_heir_is_paid_from_its_first_round_on_and_for_none_before(
    rehearsal: Rehearsal, slot: Slot, holder: Node, heir: Node
) -> None:
    finals(rehearsal, slot.task, 2)
    slot.call("release", holder.operator)
    slot.call("take", heir.operator)
    assert slot.holder() == (heir.operator.address, heir.number, 2, 2)
    with refused("NothingToClaim", heir.number):
        slot.claim(heir)
    finals(rehearsal, slot.task, 1)
    with refused("NothingToClaim", heir.number):
        slot.claim(heir, through=2)
    assert slot.claim(heir) == [told(heir, slot.item(), 2, 3, EARNED[slot.kind])]


def test_claim_of_the_present_term_for_who_held_the_slot_before_reverts(
    rehearsal: Rehearsal, slot: Slot, holder: Node, heir: Node
) -> None:
    finals(rehearsal, slot.task, 1)
    slot.call("release", holder.operator)
    slot.call("take", heir.operator)
    finals(rehearsal, slot.task, 1)
    for through in (0, 1, 2):
        with refused("WrongClaim", *slot.item(0, through)):
            slot.claim(holder, through=through)


def test_node_that_takes_its_slot_again_has_two_terms(rehearsal: Rehearsal, slot: Slot, holder: Node) -> None:
    finals(rehearsal, slot.task, 2)
    slot.call("release", holder.operator)
    slot.call("take", holder.operator)
    finals(rehearsal, slot.task, 1)
    assert slot.holder() == (holder.operator.address, holder.number, 2, 2)
    assert slot.claim(holder) == [told(holder, slot.item(), 2, 3, EARNED[slot.kind])]
    assert slot.claim(holder, 2) == [told(holder, slot.item(2), 0, 2, 2 * EARNED[slot.kind])]
    for term in (0, 2):
        with refused("NothingToClaim", holder.number):
            slot.claim(holder, term)


def test_several_ended_terms_pay_each_its_own_in_any_order(
    rehearsal: Rehearsal, hive: Any, slot: Slot, holder: Node, heir: Node
) -> None:
    one = EARNED[slot.kind]
    for taker, count in ((heir, 1), (holder, 2), (heir, 1)):
        finals(rehearsal, slot.task, count)
        slot.call("release", rehearsal.nodes[slot.holder()[1] - 1].operator)
        slot.call("take", taker.operator)
    # Terms: the holder's up to 1, the heir's up to 3, the holder's up to 4, then the heir's.
    finals(rehearsal, slot.task, 1)
    assert [slot.term(last) for last in range(6)] == [
        NO_TERM,
        (holder.number, 0, 1),
        NO_TERM,
        (heir.number, 1, 3),
        (holder.number, 3, 4),
        NO_TERM,
    ]
    transaction = hive.claim(holder.number, [slot.item(4), slot.item(1)], {"from": holder.owner})
    assert logged(transaction, "Claimed") == [
        told(holder, slot.item(4), 3, 4, one),
        told(holder, slot.item(1), 0, 1, one),
    ]
    transaction = hive.claim(heir.number, [slot.item(), slot.item(3)], {"from": heir.owner})
    assert logged(transaction, "Claimed") == [
        told(heir, slot.item(), 4, 5, one),
        told(heir, slot.item(3), 1, 3, 2 * one),
    ]


def test_term_goes_on_paying_after_its_node_withdrew_its_stake(
    rehearsal: Rehearsal, registry: Any, token: Any, play: Play, slot: Slot, holder: Node
) -> None:
    finals(rehearsal, slot.task, 1)
    registry.requestExit(holder.number, {"from": holder.owner})
    slot.call("free", rehearsal.sponsor)
    play.clock.next(registry.node(holder.number)[4])
    registry.withdraw(holder.number, {"from": holder.owner})
    before = token.balanceOf(holder.owner)
    slot.claim(holder, 1)
    assert token.balanceOf(holder.owner) - before == EARNED[slot.kind]
