"""Claims replayed: each final round of a term is paid once, all of it, to the owner of the node whose term it is."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from anomalyhive.chain.views import Kind
from audit.logs import HIVE, Log, faults, operator, owner, replayed, slot, transfer


def founded() -> Log:
    return Log().found()


def claims(change: Callable[[Log], Log]) -> list[str]:
    """What is wrong with claims after one final round, in which shard 0 earned 400 and a seat 66."""
    found = faults(change(founded().final_round()).record())
    assert {check for check, _ in found} <= {"claims", "events", "tokens"}
    return [what for _, what in found]


def says(found: list[str], words: str) -> bool:
    return any(words in what for what in found)


def test_replay_of_claims_pays_each_round_once_and_to_its_owner() -> None:
    assert claims(lambda log: log.claim(1, 0, 0, 400).claim(2, 0, 1, 200).claim(3, 1, 0, 66)) == []
    twice = claims(lambda log: log.claim(1, 0, 0, 400).claim(1, 0, 0, 400))
    assert says(twice, "after which shard 0 is paid is 0 and must be 1")
    assert says(twice, "shard 0 was paid up to round 1 before")
    assert says(twice, "shard 0 is paid 400 and earned 0")
    again = claims(lambda log: log.claim(1, 0, 0, 400).claim(1, 0, 0, 400, after=1))
    assert says(again, "shard 0 was paid up to round 1 before")
    assert says(claims(lambda log: log.claim(1, 0, 0, 401)), "is paid 401 and earned 400")
    assert says(claims(lambda log: log.claim(2, 0, 0, 400)), "the node of shard 0 is 2 and must be 1")
    assert says(claims(lambda log: log.claim(3, 1, 3, 66)), "seat 3 for its holder, and there is none to be paid")
    assert says(claims(lambda log: log.claim(1, 0, 0, 400, term=1)), "shard 0 for a term that ended at round 1")
    assert says(claims(lambda log: log.claim(3, 2, 0, 66)), "the kind 2")
    assert says(claims(lambda log: log.claim(9, 0, 0, 400)), "node 9 was never registered")


def two_rounds() -> Log:
    return founded().final_round().final_round()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"after_": 1}, "after which shard 0 is paid is 1 and must be 0"),
        ({"through": 1}, "shard 0 is paid 800 and earned 400"),
        ({"through": 3}, "up to round 3, which is not final"),
        ({"term": 2}, "a term that ended at round 2, and there is none"),
        ({"index": 1}, "the node of shard 1 is 1 and must be 2"),
        ({"amount": 799}, "shard 0 is paid 799 and earned 800"),
    ],
)
def test_replay_of_a_claim_of_two_rounds_with_one_value_changed_finds_it(values: dict[str, int], words: str) -> None:
    log = two_rounds().claim(1, 0, 0, 800)
    assert faults(log.record()) == []
    assert says([what for _, what in faults(log.change("Claimed", **values))], words)


def test_replay_of_a_claim_in_parts_pays_each_part_once() -> None:
    log = two_rounds().claim(1, 0, 0, 400, through=1).claim(1, 0, 0, 400, after=1)
    hive, report = replayed(log.record())
    assert [str(one) for _, one in report.failures] == []
    assert hive.tasks[1].shards[0].paid_through == 2
    assert hive.balances[owner(1)] == 800
    assert faults(log.without("Claimed"))


def test_replay_of_claims_in_one_call_moves_their_sum_in_one_transfer() -> None:
    log = two_rounds()
    items = [log.claimed(1, 0, 0, 400, through=1), log.claimed(1, 0, 0, 400, after=1)]
    log.transaction(*items, transfer(HIVE, owner(1), 800))
    assert faults(log.record()) == []
    assert {check for check, _ in faults(log.change("Claimed", amount=399))} == {"claims", "tokens"}


def with_two_holders() -> Log:
    """Node 1 holds shard 0 in round 1; node 2, which has shard 1, takes it for round 2."""
    log = founded().final_round()
    log.transaction(slot("ShardReleased", "shard", 0, 1))
    log.transaction(slot("ShardTaken", "shard", 0, 2, operator(2)))
    log.trainers[0] = 2
    return log.final_round()


def test_replay_of_claims_of_two_terms_pays_each_holder_for_its_own_rounds() -> None:
    log = with_two_holders().claim(1, 0, 0, 400, term=1, through=1).claim(2, 0, 0, 400, after=1)
    hive, report = replayed(log.record())
    assert [str(one) for _, one in report.failures] == []
    term = hive.tasks[1].terms[Kind.UPDATE, 0, 1]
    assert (term.node, term.paid_through, term.through) == (1, 1, 1)
    assert (hive.balances[owner(1)], hive.balances[owner(2)]) == (400, 400)


@pytest.mark.parametrize(
    ("node", "amount", "span", "words"),
    [
        (1, 800, {"term": 1}, "up to round 2, and the term ended at 1"),
        (2, 400, {"term": 1, "through": 1}, "the node of shard 0 is 2 and must be 1"),
        (1, 400, {"term": 2, "through": 1}, "a term that ended at round 2, and there is none"),
        (2, 800, {}, "after which shard 0 is paid is 0 and must be 1"),
        (1, 400, {"after": 1}, "the node of shard 0 is 1 and must be 2"),
        (2, 400, {"through": 1}, "was paid up to round 1 before"),
    ],
)
def test_replay_of_a_claim_of_another_term_than_the_nodes_is_a_fault(
    node: int, amount: int, span: dict[str, int], words: str
) -> None:
    log = with_two_holders().claim(node, 0, 0, amount, **span)
    assert says([what for _, what in faults(log.record())], words)


def test_replay_of_a_claim_that_pays_nothing_is_a_fault_unless_another_of_its_call_does() -> None:
    def rejected() -> Log:
        """Both shards are node 2's in round 2, and the update of shard 1 is rejected."""
        log = founded().final_round()
        log.transaction(slot("ShardReleased", "shard", 0, 1))
        log.transaction(slot("ShardTaken", "shard", 0, 2, operator(2)))
        log.trainers[0] = 2
        log.claim(2, 0, 1, 200)
        return log.open().submit(0).submit(1).judge(scores=bytes([200, 0])).tally().attest(0).finalize()

    nothing = rejected().claimed(2, 0, 1, 0, after=1, through=2)
    log = rejected()
    log.transaction(nothing)
    assert [what for _, what in faults(log.record())] == [
        f"task 1: block {log.block} log 0 (Claimed): its transaction pays node 2 nothing for its claims"
    ]
    log = rejected()
    log.transaction(nothing, log.claimed(2, 0, 0, 800, after=1), transfer(HIVE, owner(2), 800))
    assert faults(log.record()) == []


def test_replay_of_a_claim_up_to_a_round_that_is_not_final_is_a_fault() -> None:
    log = founded().open().submit(0).submit(1).judge().tally()
    assert says([what for _, what in faults(log.claim(1, 0, 0, 400).record())], "up to round 1, which is not final")
    assert says(claims(lambda log: log.claim(1, 0, 0, 400, through=2)), "up to round 2, which is not final")
