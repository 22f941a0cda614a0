"""Terms that end, replayed: who may be taken out of a slot, and when nobody may leave it."""

from __future__ import annotations

import pytest

from anomalyhive.chain.views import Kind
from audit.logs import Log, faults, operator, replayed, slot

WEEK = 7 * 24 * 3600
JUDGE = 2


def founded() -> Log:
    return Log().found()


def silent_round(log: Log) -> Log:
    """A final round without an update of shard 1, whose train phase ran out."""
    log.open().submit(0)
    for seat in (0, 1, 2):
        log.commit(seat, at=log.now + 101 if seat == 0 else None)
    for seat in (0, 1, 2):
        log.reveal(seat)
    return log.tally().attest(0).finalize()


def test_replay_of_a_shard_freed_for_a_missed_round_holds_and_without_one_does_not() -> None:
    freed = slot("ShardFreed", "shard", 1, 2)
    log = silent_round(founded())
    log.transaction(freed)
    assert faults(log.record()) == []
    log = founded().final_round()
    log.transaction(freed)
    assert any("did not miss 1 rounds" in what for _, what in faults(log.record()))


def test_replay_of_a_shard_freed_from_a_node_that_leaves_holds() -> None:
    log = founded()
    log.transaction(("ExitRequested", {"node": 2, "exitAt": log.now + 1 + WEEK}))
    log.transaction(slot("ShardFreed", "shard", 1, 2))
    assert faults(log.record()) == []


def test_replay_of_a_seat_given_up_between_its_commit_and_the_end_of_the_round_is_a_fault() -> None:
    log = founded().open().submit(0).submit(1).commit(0)
    released = slot("SeatReleased", "seat", 0, 3)
    log.transaction(released)
    assert any("is bound by its verdict or attestation in round 1" in what for _, what in faults(log.record()))
    log = founded().final_round()
    log.transaction(released)
    assert faults(log.record()) == []


def test_replay_of_a_seat_that_only_named_a_model_and_is_given_up_before_the_round_ends_is_a_fault() -> None:
    log = founded().open().submit(0).submit(1).commit(0).commit(1)
    log.reveal(0, at=log.now + 100).reveal(1).tally()
    released = slot("SeatReleased", "seat", 2, 5)
    for attests in (False, True):
        if attests:
            log.attest(2)
        log.transaction(released)
        bound = [what for _, what in faults(log.record()) if "seat 2 is bound by its verdict or attestation" in what]
        assert bool(bound) is attests
        log.transaction(slot("SeatTaken", "seat", 2, 5, operator(5)))


def test_replay_of_a_seat_freed_for_a_missed_round_holds() -> None:
    # Seat 2 commits nothing; the judge phase ends by its deadline, so nobody was faster.
    log = founded().open().submit(0).submit(1).commit(0).commit(1)
    log.reveal(0, at=log.now + 100).reveal(1).tally().attest(0).finalize()
    log.transaction(slot("SeatFreed", "seat", 2, 5))
    hive, report = replayed(log.record())
    assert [str(one) for _, one in report.failures] == []
    assert sorted(hive.tasks[1].seats) == [0, 1]
    log.transaction(slot("SeatFreed", "seat", 1, 4))
    assert any("did not miss 1 rounds" in what for _, what in faults(log.record()))


def test_replay_of_a_shard_freed_after_an_update_since_its_missed_round_is_a_fault() -> None:
    freed = slot("ShardFreed", "shard", 1, 2)
    for shard, holds in ((0, True), (1, False)):
        # Round 2 is cancelled: it is no miss, and an update in it says that its trainer is there.
        log = silent_round(founded()).open()
        begin = log.now
        log.submit(shard).cancel(JUDGE, at=begin + 200)
        log.transaction(freed)
        assert (faults(log.record()) == []) is holds
    assert any("did not miss 1 rounds" in what for _, what in faults(log.record()))


@pytest.mark.parametrize("name", ["ShardReleased", "ShardFreed"])
def test_replay_of_a_shard_given_up_between_its_update_and_the_end_of_the_round_is_a_fault(name: str) -> None:
    log = founded().open().submit(1)
    log.transaction(("ExitRequested", {"node": 2, "exitAt": log.now + 1 + WEEK}))
    log.transaction(slot(name, "shard", 1, 2))
    assert [what for _, what in faults(log.record()) if "shard 1 is bound by its update in round 1" in what]
    log = founded().final_round()
    log.transaction(("ExitRequested", {"node": 2, "exitAt": log.now + 1 + WEEK}))
    log.transaction(slot(name, "shard", 1, 2))
    assert faults(log.record()) == []


def test_replay_of_a_shard_without_an_update_lets_it_go_in_an_open_round() -> None:
    log = founded().open().submit(0)
    log.transaction(slot("ShardReleased", "shard", 1, 2))
    assert faults(log.record()) == []


def test_replay_of_a_term_that_ends_keeps_what_it_was_not_paid_for_and_nothing_else() -> None:
    log = founded().final_round().claim(1, 0, 0, 400)
    for shard, node in ((0, 1), (1, 2)):
        log.transaction(slot("ShardReleased", "shard", shard, node))
    log.transaction(slot("SeatReleased", "seat", 2, 5))
    # It comes back and leaves before anything else was final.
    log.transaction(slot("ShardTaken", "shard", 1, 2, operator(2)))
    log.transaction(slot("ShardReleased", "shard", 1, 2))
    hive, report = replayed(log.record())
    assert [str(one) for _, one in report.failures] == []
    terms = {key: (one.node, one.paid_through, one.through) for key, one in hive.tasks[1].terms.items()}
    assert terms == {(Kind.UPDATE, 1, 1): (2, 0, 1), (Kind.VERDICT, 2, 1): (5, 0, 1)}
