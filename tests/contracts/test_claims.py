"""claim: each node is paid what it earned, once, by anyone's call, for as many rounds as it likes; to the last unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from eth_utils.crypto import keccak
from logs import logged
from outcomes import outcome_of
from refusals import refused
from stages import one_in_each_phase, run_out, staffed

from anomalyhive.chain.views import Phase
from anomalyhive.protocol import revealed_hash
from anomalyhive.protocol.hashing import CLAIMED
from rehearsal import BASE, TOKEN, Node, Rehearsal, Round, Update, Verdict

UPDATE, VERDICT = 0, 1
GOOD = [100, 90, 80, 70, 0]
STRAYING = [1, 255, 1, 255, 0]
"""Far from GOOD, and never the median beside two of it."""

Item = tuple[Any, ...]


@pytest.fixture(scope="module")
def first(deployed: Rehearsal, task: int) -> Round:
    """A final round: the update of shard 4 was rejected, seat 2 strayed and is not paid."""
    return deployed.reach(task, Phase.FINAL, {0: GOOD, 1: GOOD, 2: STRAYING})


@pytest.fixture(scope="module")
def second(deployed: Rehearsal, task: int, first: Round) -> Round:
    """The next final round of the same task, with scores that divide nothing evenly."""
    return deployed.reach(task, Phase.FINAL, {0: [7, 11, 13, 17, 19], 1: [7, 11, 13, 17, 19], 2: [7, 11, 13, 17, 20]})


@pytest.fixture(scope="module")
def gallery(deployed: Rehearsal, trainers: Sequence[Node], validators: Sequence[Node]) -> Mapping[Phase, Round]:
    """A round in each phase."""
    return one_in_each_phase(deployed, trainers[0], validators[0])


def of_update(round_: Round, update: Update) -> Item:
    """The contract's Claim."""
    return (*round_.key, UPDATE, update.shard, update.digest, keccak(update.commitment))


def of_verdict(round_: Round, verdict: Verdict) -> Item:
    """The contract's Claim."""
    return (*round_.key, VERDICT, verdict.seat, keccak(verdict.scores), bytes(32))


def changed(item: Item, **parts: Any) -> Item:
    """A claim with parts exchanged."""
    names = ("task", "round", "kind", "index", "content", "commitment_hash")
    return tuple(parts.get(name, value) for name, value in zip(names, item, strict=True))


def owed(round_: Round, index: int, kind: int) -> int:
    """What an update or a verdict earns, by Python's arithmetic."""
    outcome = outcome_of(BASE, round_)
    return outcome.rate * outcome.medians[index] if kind == UPDATE else outcome.share * (index in outcome.paid)


# What is paid


def test_claim_of_an_update_pays_the_owner_and_tells(
    hive: Any, token: Any, first: Round, trainers: Sequence[Node], stranger: Any
) -> None:
    node, item = trainers[0], of_update(first, first.updates[0])
    amount, before = owed(first, 0, UPDATE), token.balanceOf(node.owner)
    assert amount == 700 * TOKEN // 340 * 100
    transaction = hive.claim(node.number, [item], {"from": stranger})
    assert logged(transaction, "Claimed") == [
        {"task": first.task, "round": 1, "node": node.number, "kind": UPDATE, "index": 0, "amount": amount}
    ]
    assert token.balanceOf(node.owner) - before == amount
    assert bytes(hive.updateHash(*first.key, 0)) == CLAIMED
    assert hive.earned(*first.key, UPDATE, 0) == amount


def test_claim_of_a_verdict_pays_the_owner_and_tells(
    hive: Any, token: Any, first: Round, validators: Sequence[Node], stranger: Any
) -> None:
    node, before = validators[1], token.balanceOf(validators[1].owner)
    transaction = hive.claim(node.number, [of_verdict(first, first.verdicts[1])], {"from": stranger})
    assert logged(transaction, "Claimed") == [
        {"task": first.task, "round": 1, "node": node.number, "kind": VERDICT, "index": 1, "amount": 150 * TOKEN}
    ]
    assert token.balanceOf(node.owner) - before == 150 * TOKEN == owed(first, 1, VERDICT)
    assert bytes(hive.verdictHash(*first.key, 1)) == CLAIMED


def test_claim_of_several_rounds_and_tasks_is_one_transfer(
    rehearsal: Rehearsal,
    hive: Any,
    token: Any,
    first: Round,
    second: Round,
    gallery: Mapping[Phase, Round],
    trainers: Sequence[Node],
) -> None:
    node, elsewhere = trainers[0], gallery[Phase.FINAL]
    rounds = (first, second, elsewhere)
    before = token.balanceOf(node.owner)
    items = [of_update(one, one.updates[0]) for one in rounds]
    transaction = hive.claim(node.number, items, {"from": node.operator})
    amounts = [owed(first, 0, UPDATE), owed(second, 0, UPDATE), 700 * TOKEN // 100 * 100]
    assert [(event["task"], event["round"], event["amount"]) for event in logged(transaction, "Claimed")] == [
        (*one.key, amount) for one, amount in zip(rounds, amounts, strict=True)
    ]
    [transfer] = logged(transaction, "Transfer")
    assert transfer == {"from": hive.address, "to": node.owner.address, "value": sum(amounts)}
    assert token.balanceOf(node.owner) - before == sum(amounts)


def test_claim_of_a_node_that_trains_and_judges_takes_both_kinds(
    rehearsal: Rehearsal, hive: Any, token: Any, trainers: Sequence[Node], validators: Sequence[Node]
) -> None:
    both = rehearsal.register()
    task = staffed(rehearsal, [both, *trainers[1:]], [both, *validators[1:]])
    round_ = rehearsal.reach(task, Phase.FINAL)
    items = [of_update(round_, round_.updates[0]), of_verdict(round_, round_.verdicts[0])]
    hive.claim(both.number, items, {"from": both.owner})
    assert token.balanceOf(both.owner) == 140 * TOKEN + 100 * TOKEN


def test_claim_after_rotation_and_exit_still_pays_the_owner(
    hive: Any, registry: Any, token: Any, first: Round, trainers: Sequence[Node], stranger: Any
) -> None:
    node = trainers[0]
    registry.rotateOperator(node.number, stranger, {"from": node.owner})
    registry.requestExit(node.number, {"from": node.owner})
    before = token.balanceOf(node.owner)
    hive.claim(node.number, [of_update(first, first.updates[0])], {"from": stranger})
    assert token.balanceOf(node.owner) - before == owed(first, 0, UPDATE)


# What pays nothing is skipped


def test_claim_twice_reverts_and_pays_once(
    hive: Any, token: Any, first: Round, trainers: Sequence[Node], stranger: Any
) -> None:
    node, item = trainers[0], of_update(first, first.updates[0])
    hive.claim(node.number, [item], {"from": stranger})
    before = token.balanceOf(node.owner)
    with refused("NothingToClaim", node.number):
        hive.claim(node.number, [item], {"from": node.owner})
    assert token.balanceOf(node.owner) == before


def test_claim_with_one_item_twice_pays_it_once(
    hive: Any, token: Any, first: Round, trainers: Sequence[Node], stranger: Any
) -> None:
    node, item = trainers[1], of_update(first, first.updates[1])
    before = token.balanceOf(node.owner)
    transaction = hive.claim(node.number, [item, item], {"from": stranger})
    assert len(logged(transaction, "Claimed")) == 1
    assert token.balanceOf(node.owner) - before == owed(first, 1, UPDATE)


def test_claim_skips_what_somebody_claimed_before(
    hive: Any, token: Any, first: Round, second: Round, trainers: Sequence[Node], stranger: Any
) -> None:
    node = trainers[0]
    items = [of_update(one, one.updates[0]) for one in (first, second)]
    hive.claim(node.number, items[:1], {"from": stranger})
    before = token.balanceOf(node.owner)
    transaction = hive.claim(node.number, items, {"from": node.owner})
    assert [event["round"] for event in logged(transaction, "Claimed")] == [2]
    assert token.balanceOf(node.owner) - before == owed(second, 0, UPDATE)


def test_claim_skips_a_rejected_update_and_an_unpaid_verdict(
    hive: Any, token: Any, first: Round, second: Round, trainers: Sequence[Node], validators: Sequence[Node]
) -> None:
    for node, items in (
        (trainers[4], [of_update(one, one.updates[4]) for one in (first, second)]),
        (validators[2], [of_verdict(one, one.verdicts[2]) for one in (first, second)]),
    ):
        with refused("NothingToClaim", node.number):
            hive.claim(node.number, items[:1], {"from": node.owner})
        transaction = hive.claim(node.number, items, {"from": node.owner})
        assert [event["round"] for event in logged(transaction, "Claimed")] == [2]


def test_claim_of_nothing_reverts(hive: Any, trainers: Sequence[Node], stranger: Any) -> None:
    with refused("NothingToClaim", trainers[0].number):
        hive.claim(trainers[0].number, [], {"from": stranger})


def test_seat_that_attested_another_model_earns_nothing(rehearsal: Rehearsal, hive: Any, task: int) -> None:
    round_ = rehearsal.reach(task, Phase.ATTEST)
    rehearsal.attest(round_, 2, b"\x02" * 32)
    for seat in (0, 1):
        rehearsal.attest(round_, seat, b"\x01" * 32)
    verdict = round_.verdicts[2]
    with refused("NothingToClaim", verdict.node):
        hive.claim(verdict.node, [of_verdict(round_, verdict)], {"from": rehearsal.sponsor})
    hive.claim(round_.verdicts[0].node, [of_verdict(round_, round_.verdicts[0])], {"from": rehearsal.sponsor})


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
    forged = Verdict(2, node.number, scores, bytes(32), bytes(32))
    with refused("NothingToClaim", node.number):
        hive.claim(node.number, [of_verdict(round_, forged)], {"from": node.owner})


# What is not the node's


@pytest.mark.parametrize(
    "change",
    [
        {"content": b"\x01" * 32},
        {"commitment_hash": b"\x01" * 32},
        {"index": 1},
        {"index": 5},
        {"kind": VERDICT},
        {"kind": VERDICT, "index": 65535},
        {"task": 1, "round": 2},
    ],
    ids=str,
)
def test_claim_with_one_thing_changed_reverts(
    hive: Any, first: Round, second: Round, trainers: Sequence[Node], change: Mapping[str, Any]
) -> None:
    item = changed(of_update(first, first.updates[0]), **change)
    with refused("WrongClaim", *item[:4]):
        hive.claim(trainers[0].number, [item], {"from": trainers[0].owner})


def test_claim_of_a_verdict_with_other_scores_reverts(hive: Any, first: Round, validators: Sequence[Node]) -> None:
    item = changed(of_verdict(first, first.verdicts[0]), content=keccak(bytes(STRAYING)))
    with refused("WrongClaim", *item[:4]):
        hive.claim(validators[0].number, [item], {"from": validators[0].owner})


def test_claim_of_a_verdict_reads_no_commitment(hive: Any, first: Round, validators: Sequence[Node]) -> None:
    item = changed(of_verdict(first, first.verdicts[0]), commitment_hash=b"\x01" * 32)
    hive.claim(validators[0].number, [item], {"from": validators[0].owner})


@pytest.mark.parametrize("number", [0, 2, 999])
def test_claim_of_what_another_node_earned_reverts(
    hive: Any, first: Round, trainers: Sequence[Node], number: int
) -> None:
    item = of_update(first, first.updates[0])
    with refused("WrongClaim", *item[:4]):
        hive.claim(number, [item], {"from": trainers[1].owner})


def test_claim_with_one_wrong_item_pays_nothing(hive: Any, token: Any, first: Round, trainers: Sequence[Node]) -> None:
    node, right = trainers[0], of_update(first, first.updates[0])
    before = token.balanceOf(node.owner)
    with refused("WrongClaim", *first.key, UPDATE, 1):
        hive.claim(node.number, [right, of_update(first, first.updates[1])], {"from": node.owner})
    assert token.balanceOf(node.owner) == before
    assert bytes(hive.updateHash(*first.key, 0)) != CLAIMED


# When


@pytest.mark.parametrize("phase", [one for one in Phase if one is not Phase.FINAL], ids=lambda phase: phase.name)
def test_claim_of_a_round_that_is_not_final_reverts(
    hive: Any, gallery: Mapping[Phase, Round], trainers: Sequence[Node], phase: Phase
) -> None:
    round_ = gallery[phase]
    item = (*round_.key, UPDATE, 0, bytes(32), bytes(32))
    with refused("WrongPhase", phase, Phase.FINAL):
        hive.claim(trainers[0].number, [item], {"from": trainers[0].owner})
    assert hive.earned(*round_.key, UPDATE, 0) == hive.earned(*round_.key, VERDICT, 0) == 0
