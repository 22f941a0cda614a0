"""claim: each node is paid what it earned, once, by anyone's call, for as many rounds as it likes; to the last unit.

Here of holders that are still in their slots; test_terms.py has those that left.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from dues import ALL, UPDATE, VERDICT, Item, of_seat, of_shard, owed, told
from logs import logged, plain
from refusals import refused
from stages import one_in_each_phase, run_out, staffed, view

from anomalyhive.chain.views import Phase
from anomalyhive.protocol import revealed_hash
from rehearsal import TOKEN, Node, Rehearsal, Round

GOOD = [100, 90, 80, 70, 0]
STRAYING = [1, 255, 1, 255, 0]
"""Far from GOOD, and never the median beside two of it."""

UNEVEN = [7, 11, 13, 17, 19]
"""Scores that divide nothing evenly."""


@pytest.fixture(scope="module")
def first(deployed: Rehearsal, task: int) -> Round:
    """A final round: the update of shard 4 was rejected, seat 2 strayed and is not paid."""
    return deployed.reach(task, Phase.FINAL, {0: GOOD, 1: GOOD, 2: STRAYING})


@pytest.fixture(scope="module")
def pair(deployed: Rehearsal, trainers: Sequence[Node], validators: Sequence[Node]) -> tuple[Round, Round]:
    """Rounds 1 and 3 of another task, both final, the first as `first`; 2 was cancelled."""
    task = staffed(deployed, trainers, validators)
    one = deployed.reach(task, Phase.FINAL, {0: GOOD, 1: GOOD, 2: STRAYING})
    run_out(deployed.hive, cancelled := deployed.open(task))
    deployed.hive.cancelRound(*cancelled.key, {"from": deployed.sponsor})
    return one, deployed.reach(task, Phase.FINAL, {0: UNEVEN, 1: UNEVEN, 2: [*UNEVEN[:4], 20]})


@pytest.fixture(scope="module")
def gallery(deployed: Rehearsal, trainers: Sequence[Node], validators: Sequence[Node]) -> Mapping[Phase, Round]:
    """A round in each phase."""
    return one_in_each_phase(deployed, trainers[0], validators[0])


def paid_through(hive: Any, item: Item) -> int:
    """How far the present holder of the item's slot is paid."""
    task, kind, index, *_ = item
    return int((hive.shard if kind == UPDATE else hive.seat)(task, index)[3])


# What is paid


@pytest.mark.parametrize("through", [ALL, 1])
def test_claim_of_an_update_pays_the_owner_and_tells(
    hive: Any, token: Any, first: Round, trainers: Sequence[Node], stranger: Any, through: int
) -> None:
    node, item = trainers[0], of_shard(first.task, 0, through=through)
    amount, before = owed(first, UPDATE, 0), token.balanceOf(node.owner)
    assert amount == 700 * TOKEN // 340 * 100
    transaction = hive.claim(node.number, [item], {"from": stranger})
    assert logged(transaction, "Claimed") == [told(node, item, 0, 1, amount)]
    assert token.balanceOf(node.owner) - before == amount
    assert paid_through(hive, item) == 1
    assert hive.earned(*first.key, UPDATE, 0) == amount


@pytest.mark.parametrize("through", [ALL, 1])
def test_claim_of_a_verdict_pays_the_owner_and_tells(
    hive: Any, token: Any, first: Round, validators: Sequence[Node], stranger: Any, through: int
) -> None:
    node, item = validators[1], of_seat(first.task, 1, through=through)
    before = token.balanceOf(node.owner)
    transaction = hive.claim(node.number, [item], {"from": stranger})
    assert logged(transaction, "Claimed") == [told(node, item, 0, 1, 150 * TOKEN)]
    assert token.balanceOf(node.owner) - before == 150 * TOKEN == owed(first, VERDICT, 1)
    assert paid_through(hive, item) == 1


def test_claim_changes_nothing_else_of_a_final_round(
    hive: Any, first: Round, trainers: Sequence[Node], stranger: Any
) -> None:
    def shown() -> list[Any]:
        holders = [plain(hive.shard(first.task, shard)) for shard in range(1, 5)]
        seats = [plain(hive.seat(first.task, seat)) for seat in range(3)]
        return [view(hive, first), bytes(hive.updateHash(*first.key, 0)), holders, seats]

    before = shown()
    hive.claim(trainers[0].number, [of_shard(first.task, 0)], {"from": stranger})
    assert shown() == before


def test_claim_of_all_rounds_at_once_passes_over_cancelled_ones(
    hive: Any, token: Any, pair: tuple[Round, Round], trainers: Sequence[Node], stranger: Any
) -> None:
    first, second = pair
    node, item = trainers[0], of_shard(first.task, 0)
    before = token.balanceOf(node.owner)
    amount = owed(first, UPDATE, 0) + owed(second, UPDATE, 0)
    transaction = hive.claim(node.number, [item], {"from": stranger})
    assert second.number == 3
    assert logged(transaction, "Claimed") == [told(node, item, 0, 3, amount)]
    assert token.balanceOf(node.owner) - before == amount


def test_claim_cut_by_through_pays_the_rest_later(
    hive: Any, token: Any, pair: tuple[Round, Round], trainers: Sequence[Node], stranger: Any
) -> None:
    first, second = pair
    node, before = trainers[1], token.balanceOf(trainers[1].owner)
    for item, after, round_ in (
        (of_shard(first.task, 1, through=1), 0, first),
        (of_shard(first.task, 1, through=3), 1, second),
    ):
        transaction = hive.claim(node.number, [item], {"from": stranger})
        assert logged(transaction, "Claimed") == [told(node, item, after, round_.number, owed(round_, UPDATE, 1))]
    assert token.balanceOf(node.owner) - before == owed(first, UPDATE, 1) + owed(second, UPDATE, 1)


def test_claim_of_several_tasks_is_one_transfer(
    hive: Any,
    token: Any,
    pair: tuple[Round, Round],
    gallery: Mapping[Phase, Round],
    trainers: Sequence[Node],
) -> None:
    first, second = pair
    node, elsewhere = trainers[0], gallery[Phase.FINAL]
    before = token.balanceOf(node.owner)
    items = [of_shard(first.task, 0), of_shard(elsewhere.task, 0)]
    transaction = hive.claim(node.number, items, {"from": node.operator})
    amounts = [owed(first, UPDATE, 0) + owed(second, UPDATE, 0), 700 * TOKEN // 100 * 100]
    assert [(event["task"], event["amount"]) for event in logged(transaction, "Claimed")] == [
        (first.task, amounts[0]),
        (elsewhere.task, amounts[1]),
    ]
    [transfer] = logged(transaction, "Transfer")
    assert transfer == {"from": hive.address, "to": node.owner.address, "value": sum(amounts)}
    assert token.balanceOf(node.owner) - before == sum(amounts)


def test_claim_of_a_node_that_trains_and_judges_takes_both_kinds(
    rehearsal: Rehearsal, hive: Any, token: Any, trainers: Sequence[Node], validators: Sequence[Node]
) -> None:
    both = rehearsal.register()
    task = staffed(rehearsal, [both, *trainers[1:]], [both, *validators[1:]])
    rehearsal.reach(task, Phase.FINAL)
    hive.claim(both.number, [of_shard(task, 0), of_seat(task, 0)], {"from": both.owner})
    assert token.balanceOf(both.owner) == 140 * TOKEN + 100 * TOKEN


def test_claim_after_rotation_and_exit_still_pays_the_owner(
    hive: Any, registry: Any, token: Any, first: Round, trainers: Sequence[Node], stranger: Any
) -> None:
    node = trainers[0]
    registry.rotateOperator(node.number, stranger, {"from": node.owner})
    registry.requestExit(node.number, {"from": node.owner})
    before = token.balanceOf(node.owner)
    hive.claim(node.number, [of_shard(first.task, 0)], {"from": stranger})
    assert token.balanceOf(node.owner) - before == owed(first, UPDATE, 0)
    assert token.balanceOf(stranger) == 0


# What is paid is skipped


@pytest.mark.parametrize("through", [ALL, 1])
def test_claim_twice_reverts_and_pays_once(
    hive: Any, token: Any, first: Round, trainers: Sequence[Node], stranger: Any, through: int
) -> None:
    node = trainers[0]
    hive.claim(node.number, [of_shard(first.task, 0)], {"from": stranger})
    before = token.balanceOf(node.owner)
    with refused("NothingToClaim", node.number):
        hive.claim(node.number, [of_shard(first.task, 0, through=through)], {"from": node.owner})
    assert token.balanceOf(node.owner) == before


def test_claim_with_one_item_twice_pays_it_once(
    hive: Any, token: Any, first: Round, trainers: Sequence[Node], stranger: Any
) -> None:
    node, item = trainers[1], of_shard(first.task, 1)
    before = token.balanceOf(node.owner)
    transaction = hive.claim(node.number, [item, item], {"from": stranger})
    assert len(logged(transaction, "Claimed")) == 1
    assert token.balanceOf(node.owner) - before == owed(first, UPDATE, 1)


@pytest.mark.parametrize("through", [ALL, 3])
def test_claim_that_somebody_came_before_with_a_part_of_pays_the_rest(
    hive: Any, token: Any, pair: tuple[Round, Round], trainers: Sequence[Node], stranger: Any, through: int
) -> None:
    first, second = pair
    node, item = trainers[0], of_shard(first.task, 0, through=through)
    before = token.balanceOf(node.owner)
    hive.claim(node.number, [of_shard(first.task, 0, through=1)], {"from": stranger})
    transaction = hive.claim(node.number, [item], {"from": node.owner})
    assert logged(transaction, "Claimed") == [told(node, item, 1, 3, owed(second, UPDATE, 0))]
    assert token.balanceOf(node.owner) - before == owed(first, UPDATE, 0) + owed(second, UPDATE, 0)


def test_claim_skips_an_item_that_somebody_claimed_before_and_pays_the_others(
    hive: Any, token: Any, first: Round, gallery: Mapping[Phase, Round], trainers: Sequence[Node], stranger: Any
) -> None:
    node, elsewhere = trainers[0], gallery[Phase.FINAL].task
    hive.claim(node.number, [of_shard(first.task, 0)], {"from": stranger})
    before = token.balanceOf(node.owner)
    items = [of_shard(first.task, 0), of_shard(elsewhere, 0)]
    transaction = hive.claim(node.number, items, {"from": node.owner})
    assert logged(transaction, "Claimed") == [told(node, items[1], 0, 1, 700 * TOKEN)]
    assert token.balanceOf(node.owner) - before == 700 * TOKEN


def test_claim_of_a_round_paid_for_already_is_skipped_even_where_none_is_final(
    hive: Any, pair: tuple[Round, Round], trainers: Sequence[Node], stranger: Any
) -> None:
    first, _ = pair
    # Round 2 was cancelled. What is below what is paid needs no look.
    node = trainers[0]
    hive.claim(node.number, [of_shard(first.task, 0)], {"from": stranger})
    for through in (1, 2, 3):
        with refused("NothingToClaim", node.number):
            hive.claim(node.number, [of_shard(first.task, 0, through=through)], {"from": stranger})


# What pays nothing


def test_claim_of_rounds_that_paid_nothing_reverts_alone_and_pays_what_comes_later(
    hive: Any, pair: tuple[Round, Round], trainers: Sequence[Node], validators: Sequence[Node]
) -> None:
    first, second = pair
    for node, item in ((trainers[4], of_shard(first.task, 4)), (validators[2], of_seat(first.task, 2))):
        kind, index = item[1:3]
        with refused("NothingToClaim", node.number):
            hive.claim(node.number, [(*item[:4], 1)], {"from": node.owner})
        assert paid_through(hive, item) == 0
        transaction = hive.claim(node.number, [item], {"from": node.owner})
        assert logged(transaction, "Claimed") == [told(node, item, 0, 3, owed(second, kind, index))]


def test_claim_of_rounds_that_paid_nothing_beside_others_is_told_with_amount_zero(
    rehearsal: Rehearsal, hive: Any, first: Round, trainers: Sequence[Node], validators: Sequence[Node]
) -> None:
    straying, elsewhere = validators[2], staffed(rehearsal, trainers, validators)
    rehearsal.reach(elsewhere, Phase.FINAL)
    items = [of_seat(first.task, 2), of_seat(elsewhere, 2)]
    transaction = hive.claim(straying.number, items, {"from": straying.owner})
    assert logged(transaction, "Claimed") == [
        told(straying, items[0], 0, 1, 0),
        told(straying, items[1], 0, 1, 100 * TOKEN),
    ]
    assert paid_through(hive, items[0]) == 1


def test_claim_of_nothing_reverts(hive: Any, trainers: Sequence[Node], stranger: Any) -> None:
    with refused("NothingToClaim", trainers[0].number):
        hive.claim(trainers[0].number, [], {"from": stranger})


def test_claim_before_the_first_final_round_reverts(rehearsal: Rehearsal, hive: Any, trainers: Sequence[Node]) -> None:
    task = staffed(rehearsal, trainers[:1], [])
    with refused("NothingToClaim", trainers[0].number):
        hive.claim(trainers[0].number, [of_shard(task, 0)], {"from": trainers[0].owner})


def test_seat_that_attested_another_model_earns_nothing(rehearsal: Rehearsal, hive: Any, task: int) -> None:
    round_ = rehearsal.reach(task, Phase.ATTEST)
    rehearsal.attest(round_, 2, b"\x02" * 32)
    for seat in (0, 1):
        rehearsal.attest(round_, seat, b"\x01" * 32)
    loser, winner = round_.verdicts[2].node, round_.verdicts[0].node
    with refused("NothingToClaim", loser):
        hive.claim(loser, [of_seat(task, 2)], {"from": rehearsal.sponsor})
    hive.claim(winner, [of_seat(task, 0)], {"from": rehearsal.sponsor})


def test_commit_that_looks_like_a_revealed_verdict_earns_nothing(
    rehearsal: Rehearsal, hive: Any, task: int, validators: Sequence[Node]
) -> None:
    round_ = rehearsal.reach(task, Phase.JUDGE)
    node, scores = validators[2], bytes(GOOD)
    hive.commitVerdict(*round_.key, 2, revealed_hash(node.number, scores), {"from": node.operator})
    for seat in (0, 1):
        rehearsal.commit(round_, seat, GOOD)
    for seat in (0, 1):
        rehearsal.reveal(round_, seat)
    run_out(hive, round_)
    rehearsal.tally(round_)
    for seat in (0, 1):
        rehearsal.attest(round_, seat, rehearsal.model_of(round_))
    with refused("NothingToClaim", node.number):
        hive.claim(node.number, [of_seat(task, 2)], {"from": node.owner})
