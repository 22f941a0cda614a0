"""Rounds replayed: what a log may say and what not, on both sides of every deadline."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from audit.logs import CONFIG, SCORES, Log, digest, faults, replayed

TRAIN, JUDGE, REVEAL, TALLY, ATTEST = range(1, 6)

UNHURRIED = replace(CONFIG, update_quota=0, verdict_quota=0)
"""A task whose train and judge phases end by their deadlines alone."""


def founded() -> Log:
    return Log().found()


def submitted() -> Log:
    return founded().open().submit(0).submit(1)


def unhurried() -> tuple[Log, int]:
    """A round with one update, and the deadline of its train phase."""
    log = Log(UNHURRIED).found().open()
    return log.submit(0), log.now - 1 + 100


def test_replay_of_a_whole_log_finds_nothing_and_rebuilds_the_state() -> None:
    log = founded().final_round().final_round()
    log.claim(1, 0, 0, 2 * log.shares.rate * 200)
    hive, report = replayed(log.record())
    assert [str(one) for _, one in report.failures] == []
    task = hive.tasks[1]
    assert (task.head, task.finals, task.last_final, task.latest) == (digest("model 2"), 2, 2, 2)
    assert task.rounds[1].medians == {0: 200, 1: 100}
    # 800 over a worth of 300 is 2 a unit, 200 over three seats 66 each: 202 of 1000 come back.
    assert task.escrow == 3000 - 2 * (600 + 198)
    assert report.check("claims").count == 1
    assert (task.shards[0].paid_through, task.shards[1].paid_through) == (2, 0)


def at_train_deadline(late: int) -> Log:
    log, deadline = unhurried()
    return log.submit(1, at=deadline + late)


def at_judge_begin(late: int) -> Log:
    log, deadline = unhurried()
    return log.commit(0, at=deadline + late)


def at_judge_deadline(late: int) -> Log:
    log, deadline = unhurried()
    return log.commit(0, at=deadline).commit(1).commit(2, at=deadline + 100 + late)


def at_reveal_begin(late: int) -> Log:
    log, deadline = unhurried()
    return log.commit(0, at=deadline).commit(1).reveal(0, at=deadline + 100 + late)


def at_reveal_deadline(late: int) -> Log:
    log, deadline = unhurried()
    log.commit(0, at=deadline).commit(1).commit(2).reveal(0, at=deadline + 100).reveal(1)
    return log.reveal(2, at=deadline + 200 + late)


def at_tally_begin(late: int) -> Log:
    log, deadline = unhurried()
    log.commit(0, at=deadline).commit(1).commit(2).reveal(0, at=deadline + 100).reveal(1)
    return log.tally(at=deadline + 200 + late)


def at_tally_deadline(late: int) -> Log:
    log = submitted().judge()
    return log.tally(at=log.now + 100 + late)


def at_attest_deadline(late: int) -> Log:
    log = submitted().judge().tally()
    return log.attest(0, at=log.now + 100 + late)


@pytest.mark.parametrize(
    ("build", "phase"),
    [
        (at_train_deadline, "TRAIN"),
        (at_judge_deadline, "JUDGE"),
        (at_reveal_deadline, "REVEAL"),
        (at_tally_deadline, "TALLY"),
        (at_attest_deadline, "ATTEST"),
    ],
)
def test_replay_of_a_step_at_its_deadline_is_a_fault_and_a_second_before_none(
    build: Callable[[int], Log], phase: str
) -> None:
    assert faults(build(-1).record()) == []
    assert any(f"allows it in {phase} only" in what for _, what in faults(build(0).record()))


@pytest.mark.parametrize(
    ("build", "phase"), [(at_judge_begin, "JUDGE"), (at_reveal_begin, "REVEAL"), (at_tally_begin, "TALLY")]
)
def test_replay_of_a_step_a_second_before_its_phase_is_a_fault_and_at_its_begin_none(
    build: Callable[[int], Log], phase: str
) -> None:
    assert faults(build(0).record()) == []
    assert any(f"allows it in {phase} only" in what for _, what in faults(build(-1).record()))


def stalled(reached: int, late: int = 0) -> Log:
    """A round cancelled ``late`` seconds after what it needs did not come in the phase ``reached``."""
    log = founded().open()
    if reached == TRAIN:
        return log.cancel(TRAIN, at=log.now + 100 + late)
    log.submit(0).submit(1)
    if reached == JUDGE:
        return log.cancel(JUDGE, at=log.commit(0).now - 1 + 100 + late)
    log.commit(0).commit(1).commit(2)
    if reached == REVEAL:
        opened = log.now
        return log.reveal(0).cancel(REVEAL, at=opened + 100 + late, slashed=(1, 2))
    log.reveal(0).reveal(1).reveal(2)
    if reached == TALLY:
        return log.cancel(TALLY, at=log.now + 100 + late)
    return log.tally().cancel(ATTEST, at=log.now + 100 + late)


@pytest.mark.parametrize("reached", [TRAIN, JUDGE, REVEAL, TALLY, ATTEST])
def test_replay_of_a_cancelled_round_holds_at_its_deadline_and_not_a_second_before(reached: int) -> None:
    hive, report = replayed(stalled(reached).record())
    assert [str(one) for _, one in report.failures] == []
    assert hive.tasks[1].escrow == 3000
    assert hive.tasks[1].finals == 0
    assert any("only a stalled round can be cancelled" in what for _, what in faults(stalled(reached, -1).record()))


def test_replay_of_a_tally_that_accepts_too_few_may_be_cancelled_at_once() -> None:
    log = submitted().judge(scores=bytes(2)).tally()
    assert faults(log.cancel(TALLY, at=log.now).record()) == []


def test_replay_of_a_late_start_of_a_phase_does_not_lengthen_it() -> None:
    log, deadline = unhurried()
    # Nobody calls for 50 seconds: the judge phase still ends 100 seconds after the train phase.
    log.commit(0, at=deadline + 50).commit(1, at=deadline + 99)
    assert faults(log.record()) == []
    log, deadline = unhurried()
    assert faults(log.commit(0, at=deadline + 50).commit(1, at=deadline + 100).record())


def final() -> Log:
    return founded().final_round()


@pytest.mark.parametrize(
    ("name", "values", "check"),
    [
        ("RoundOpened", {"round": 2}, "events"),
        ("RoundOpened", {"seed": bytes(32)}, "events"),
        ("RoundOpened", {"base": digest("other")}, "parents"),
        ("RoundOpened", {"deadline": 5}, "events"),
        ("UpdateSubmitted", {"node": 2}, "events"),
        ("UpdateSubmitted", {"shard": 1}, "events"),
        ("VerdictCommitted", {"seat": 1}, "events"),
        ("VerdictCommitted", {"commitHash": digest("other")}, "commits"),
        ("VerdictRevealed", {"scores": bytes([200, 101])}, "commits"),
        ("VerdictRevealed", {"scores": SCORES + b"\0"}, "events"),
        ("VerdictRevealed", {"verdict": digest("other")}, "commits"),
        ("UpdatesTallied", {"medians": bytes([200, 101])}, "medians"),
        ("UpdatesTallied", {"medians": bytes([200])}, "medians"),
        ("UpdatesTallied", {"firstShard": 32}, "medians"),
        ("RoundTallied", {"accepted": 1}, "medians"),
        ("RoundTallied", {"worth": 299}, "medians"),
        ("RoundTallied", {"rate": 3}, "rewards"),
        ("RoundTallied", {"share": 67}, "rewards"),
        ("RoundTallied", {"paid": 3}, "rewards"),
        ("RoundTallied", {"sum": {"a": bytes(32), "b": bytes(32), "c": bytes(32)}}, "sums"),
        ("ModelAttested", {"model": digest("other")}, "events"),
        ("RoundFinalized", {"model": digest("other")}, "events"),
        ("RoundFinalized", {"returned": 203}, "rewards"),
        ("RoundFinalized", {"paid": 5}, "rewards"),
    ],
)
def test_replay_of_a_round_with_one_value_changed_finds_it(name: str, values: dict[str, object], check: str) -> None:
    assert check in [found for found, _ in faults(final().change(name, **values))]


@pytest.mark.parametrize(
    "name",
    [
        "RoundOpened",
        "UpdateSubmitted",
        "VerdictCommitted",
        "VerdictRevealed",
        "UpdatesTallied",
        "RoundTallied",
        "ModelAttested",
    ],
)
def test_replay_of_a_round_without_one_event_finds_it(name: str) -> None:
    assert faults(final().without(name))


def test_replay_without_the_finalization_finds_a_quorum_that_ends_nothing() -> None:
    assert any("the phase after its quorum" in what for _, what in faults(final().without("RoundFinalized")))


def test_replay_of_a_quorum_of_two_models_is_a_fault() -> None:
    log = submitted().judge().tally().attest(0, "other")
    assert any("1 seats named this model" in what for _, what in faults(log.finalize().record()))


def test_replay_of_a_seat_that_named_another_model_takes_its_share_back() -> None:
    log = submitted().judge().tally().attest(2, "other").attest(0).finalize(others=(2,))
    hive, report = replayed(log.record())
    assert report.holds
    assert hive.tasks[1].rounds[1].paid == {0, 1}
    assert hive.tasks[1].escrow == 3000 - 600 - 2 * 66


@pytest.mark.parametrize("seats", [(), (0, 1)])
def test_replay_of_a_tally_that_slashes_others_than_who_withheld_finds_it(seats: tuple[int, ...]) -> None:
    log = submitted()
    for seat in (0, 1, 2):
        log.commit(seat)
    log.reveal(0).reveal(1)
    sliced = log.event("UpdatesTallied", firstShard=0, medians=SCORES)
    burned = [one for seat in seats for one in log.slashing(seat)]
    log.transaction(sliced, log.tallied(), *burned, at=log.now + 100)
    assert "rewards" in [check for check, what in faults(log.record()) if "[2]" in what and "not slashed" in what]


def test_replay_of_a_slash_that_burns_too_little_finds_it() -> None:
    log = submitted()
    for seat in (0, 1, 2):
        log.commit(seat)
    log.reveal(0).reveal(1).tally(at=log.now + 100)
    assert faults(log.record()) == []
    changed = log.change("SeatSlashed", burned=19)
    assert {check for check, _ in faults(changed)} == {"rewards"}


def test_replay_of_an_update_whose_commitment_is_no_point_rejects_it() -> None:
    log = founded().open().submit(0).submit(1, point_of=b"\x01" * 96)
    for seat in (0, 1, 2):
        log.commit(seat)
    for seat in (0, 1, 2):
        log.reveal(seat)
    # The scores say 100, and the chain cannot add the point: the median that it records is 0.
    log.medians = lambda: {0: 200, 1: 0}
    assert faults(log.tally().attest(0).finalize().record()) == []


def test_replay_of_a_tally_in_two_slices_holds_and_without_the_first_does_not() -> None:
    log = submitted().judge()
    log.transaction(log.event("UpdatesTallied", firstShard=0, medians=SCORES[:1]))
    log.transaction(log.event("UpdatesTallied", firstShard=0, medians=SCORES), log.tallied())
    log.attest(0).finalize()
    assert faults(log.record()) == []
    assert faults(log.without("UpdatesTallied", 1))


@pytest.mark.parametrize(("repeated", "holds"), [(200, True), (0, True), (199, False)])
def test_replay_of_a_later_slice_may_leave_out_what_an_earlier_one_said_and_not_change_it(
    repeated: int, holds: bool
) -> None:
    log = submitted().judge()
    log.transaction(log.event("UpdatesTallied", firstShard=0, medians=SCORES[:1]))
    log.transaction(log.event("UpdatesTallied", firstShard=0, medians=bytes([repeated, 100])), log.tallied())
    log.attest(0).finalize()
    assert (faults(log.record()) == []) is holds
    assert replayed(log.record())[0].tasks[1].rounds[1].medians == {0: 200, 1: 100}


def test_replay_of_a_round_before_the_last_one_is_over_is_a_fault() -> None:
    assert any("neither final nor cancelled" in what for _, what in faults(submitted().open().record()))


def test_replay_of_more_rounds_than_the_task_has_is_a_fault() -> None:
    log = Log(replace(CONFIG, rounds=1)).found().final_round().open()
    assert any("has had all of its 1 rounds" in what for _, what in faults(log.record()))


def test_replay_of_a_round_that_the_escrow_cannot_pay_is_a_fault() -> None:
    log = Log().found(funds=999).open()
    assert any("does not hold the reward" in what for _, what in faults(log.record()))
