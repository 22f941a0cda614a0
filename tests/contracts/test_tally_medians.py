"""Medians and who is paid: the contract's and Python's agree, for one judge and for twenty, at every edge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from logs import logged
from outcomes import outcome_of
from stages import SMALL, judge, phase_of, run_out, staffed

from anomalyhive.chain.views import Phase
from rehearsal import BASE, TOKEN, TRAIN, VALIDATE, Node, Rehearsal, Round

EVEN = [100] * 5

Scores = Mapping[int, Sequence[int]]


@pytest.fixture(scope="module")
def in_judge(deployed: Rehearsal, task: int) -> Round:
    """A round of BASE in JUDGE, with the updates of five nodes that judge nothing."""
    return submitted(deployed, task)


@pytest.fixture
def judging(in_judge: Round) -> Round:
    """The test's own copy of the record."""
    return deepcopy(in_judge)


def submitted(rehearsal: Rehearsal, task: int, shards: int = 5) -> Round:
    """A new round in which every shard has its update."""
    round_ = rehearsal.open(task)
    for shard in range(shards):
        rehearsal.submit(round_, shard)
    return round_


def tally_of(rehearsal: Rehearsal, round_: Round, scores: Scores, **changes: Any) -> dict[str, Any]:
    """RoundTallied once these seats have scored; it and the medians must be as Python has them."""
    judge(rehearsal, round_, scores)
    [event] = logged(rehearsal.tally(round_), "RoundTallied")
    expected = outcome_of(replace(BASE, **changes), round_)
    assert event == expected.event(round_)
    assert medians_of(rehearsal, round_) == expected.medians
    return event


def medians_of(rehearsal: Rehearsal, round_: Round) -> dict[int, int]:
    """By shard, of those with an update."""
    return {shard: int(rehearsal.hive.medianOf(*round_.key, shard)) for shard in round_.updates}


# Medians


THREE = {
    (1, 2, 3): 2,
    (3, 1, 2): 2,
    (255, 255, 1): 255,
    (0, 0, 255): 0,
    (0, 255, 255): 255,
    (0, 1, 255): 1,
    (128, 127, 129): 128,
    (7, 7, 7): 7,
    (0, 0, 0): 0,
}
TWO = {(5, 9): 5, (9, 5): 5, (0, 9): 0, (255, 254): 254, (0, 0): 0}


@pytest.mark.parametrize("columns", [THREE, TWO], ids=["the middle one of three", "the lower of two"])
def test_median_is(
    rehearsal: Rehearsal, trainers: Sequence[Node], validators: Sequence[Node], columns: Mapping[tuple[int, ...], int]
) -> None:
    shards, seats = len(columns), len(next(iter(columns)))
    changes = {"shards": shards, "update_quota": shards, "verdict_quota": seats}
    task = staffed(rehearsal, [trainers[0]] * shards, validators, **changes)
    round_ = submitted(rehearsal, task, shards)
    tally_of(rehearsal, round_, {seat: [column[seat] for column in columns] for seat in range(seats)}, **changes)
    assert medians_of(rehearsal, round_) == dict(enumerate(columns.values()))


def test_median_is_of_revealed_verdicts_alone(rehearsal: Rehearsal, hive: Any, task: int) -> None:
    round_ = rehearsal.reach(task, Phase.REVEAL, {0: [10] * 5, 1: [20] * 5, 2: [30] * 5})
    for seat in (1, 2):
        rehearsal.reveal(round_, seat)
    run_out(hive, round_)
    expected = outcome_of(BASE, round_, withheld={0})
    del round_.verdicts[0]
    assert logged(rehearsal.tally(round_), "RoundTallied") == [expected.event(round_)]
    assert set(expected.medians.values()) == {20}


def test_own_score_counts_neither_for_the_median_nor_for_the_deviation(
    rehearsal: Rehearsal, hive: Any, trainers: Sequence[Node], validators: Sequence[Node]
) -> None:
    both = rehearsal.register()
    task = staffed(rehearsal, [both, *trainers[1:]], [both, *validators[1:]])
    # Of 255, 7 and 3 the median would be 7; without the own score it is the lower of 7 and 3.
    round_ = submitted(rehearsal, task)
    event = tally_of(rehearsal, round_, {0: [255, *EVEN[1:]], 1: [7, *EVEN[1:]], 2: [3, *EVEN[1:]]})
    assert hive.medianOf(*round_.key, 0) == 3
    assert event["paid"] == 0b111


def test_update_that_only_its_own_node_judges_is_rejected(rehearsal: Rehearsal, hive: Any) -> None:
    both = rehearsal.register()
    task = staffed(rehearsal, [both], [both], **SMALL)
    round_ = submitted(rehearsal, task, 1)
    event = tally_of(rehearsal, round_, {0: [255]}, **SMALL)
    assert (event["accepted"], hive.medianOf(*round_.key, 0)) == (0, 0)
    assert phase_of(hive, round_) is Phase.STALLED


def test_byte_of_a_shard_without_an_update_is_never_read(rehearsal: Rehearsal, hive: Any, task: int) -> None:
    round_ = rehearsal.open(task)
    for shard in (0, 4):
        rehearsal.submit(round_, shard)
    run_out(hive, round_)
    judge(rehearsal, round_, {0: [9, 255, 255, 255, 9], 1: [9, 0, 0, 0, 9], 2: [9, 1, 0, 255, 9]})
    [event] = logged(rehearsal.tally(round_), "RoundTallied")
    assert event == outcome_of(BASE, round_).event(round_)
    assert (event["accepted"], event["worth"], event["paid"]) == (2, 18, 0b111)
    assert [hive.medianOf(*round_.key, shard) for shard in range(5)] == [9, 0, 0, 0, 9]


# Who is paid


@pytest.mark.parametrize(
    ("row", "paid"),
    [
        ([150, 100, 100, 100, 100], True),
        ([151, 100, 100, 100, 100], False),
        ([50, 100, 100, 100, 100], True),
        ([49, 100, 100, 100, 100], False),
        ([110, 90, 110, 90, 110], True),
        ([110, 90, 110, 90, 111], False),
        ([0, 100, 100, 100, 100], False),
    ],
    ids=str,
)
def test_seat_is_paid_up_to_the_tolerance_on_average(
    rehearsal: Rehearsal, judging: Round, row: Sequence[int], paid: bool
) -> None:
    event = tally_of(rehearsal, judging, {0: EVEN, 1: EVEN, 2: row})
    assert event["paid"] == (0b111 if paid else 0b011)


@pytest.mark.parametrize(("tolerance", "paid"), [(71, 0b111), (70, 0b011)])
def test_rejecting_what_others_accept_costs_255_more(
    rehearsal: Rehearsal, trainers: Sequence[Node], validators: Sequence[Node], tolerance: int, paid: int
) -> None:
    # 100 and 255 make 355, which is 5 times 71.
    task = staffed(rehearsal, trainers, validators, tolerance=tolerance)
    event = tally_of(rehearsal, submitted(rehearsal, task), {0: EVEN, 1: EVEN, 2: [0, *EVEN[1:]]}, tolerance=tolerance)
    assert event["paid"] == paid


@pytest.mark.parametrize(("score", "paid"), [(50, 0b111), (51, 0b011)])
def test_accepting_what_others_reject_costs_255_more(
    rehearsal: Rehearsal, trainers: Sequence[Node], validators: Sequence[Node], score: int, paid: int
) -> None:
    # 50 and 255 make 305, which is 5 times 61.
    task = staffed(rehearsal, trainers, validators, tolerance=61)
    reject = [0, *EVEN[1:]]
    event = tally_of(rehearsal, submitted(rehearsal, task), {0: reject, 1: reject, 2: [score, *EVEN[1:]]}, tolerance=61)
    assert event["paid"] == paid


@pytest.mark.parametrize(("score", "paid"), [(140, 0b111), (141, 0b110)])
def test_own_update_does_not_widen_what_is_tolerated(
    rehearsal: Rehearsal, trainers: Sequence[Node], validators: Sequence[Node], score: int, paid: int
) -> None:
    # It judged four updates, so 4 times 10.
    both = rehearsal.register()
    task = staffed(rehearsal, [*trainers[:4], both], [both, *validators[1:]])
    event = tally_of(rehearsal, submitted(rehearsal, task), {0: [score, *EVEN[1:]], 1: EVEN, 2: EVEN})
    assert event["paid"] == paid


def test_nobody_is_paid_where_everybody_strays(
    rehearsal: Rehearsal, trainers: Sequence[Node], validators: Sequence[Node]
) -> None:
    task = staffed(rehearsal, trainers, validators, tolerance=0)
    rows = {seat: [100 + 50 * (seat == shard) for shard in range(5)] for seat in range(3)}
    event = tally_of(rehearsal, submitted(rehearsal, task), rows, tolerance=0)
    assert (event["paid"], event["share"]) == (0, 0)
    assert event["rate"] == 700 * TOKEN // 500


# The reward


@pytest.mark.parametrize(
    "changes",
    [
        {"trainer_bps": 0},
        {"trainer_bps": 10_000},
        {"trainer_bps": 3333, "reward": 10**18 + 7},
        {"reward": 1},
        {"reward": 0},
        {"reward": 2**88 - 1, "trainer_bps": 1},
    ],
    ids=str,
)
def test_reward_is_split_as_python_splits_it(
    rehearsal: Rehearsal, sponsor: Any, trainers: Sequence[Node], validators: Sequence[Node], changes: Mapping[str, int]
) -> None:
    # More than the supply of tokens can never be in escrow: the largest reward that can be is tried.
    reward = min(changes.get("reward", BASE.reward), rehearsal.token.balanceOf(sponsor) // 10)
    changes = {**changes, "reward": reward}
    task = staffed(rehearsal, trainers, validators, escrow=1, **changes)
    rows = {0: [1, 2, 3, 4, 5], 1: [1, 2, 3, 4, 5], 2: [3, 2, 1, 4, 5]}
    event = tally_of(rehearsal, submitted(rehearsal, task), rows, **changes)
    assert event["worth"] == 15


# Twenty judges


@pytest.fixture(scope="module")
def bench(deployed: Rehearsal, trainers: Sequence[Node], validators: Sequence[Node]) -> Sequence[Node]:
    """Twenty nodes with a seat each; two of them train as well."""
    return [*validators, *(deployed.register(TRAIN | VALIDATE) for _ in range(17))]


@pytest.mark.parametrize("absent", [(), (0, 7, 19), tuple(range(1, 10))], ids=["all", "17", "11"])
def test_twenty_seats_with_random_scores_come_to_pythons_outcome(
    rehearsal: Rehearsal, trainers: Sequence[Node], bench: Sequence[Node], absent: tuple[int, ...]
) -> None:
    random = Random(len(absent))
    changes = {"seats": 20, "quorum": 11, "verdict_quota": 20 - len(absent), "tolerance": 80}
    task = staffed(rehearsal, [*trainers[:3], bench[4], bench[19]], bench, **changes)
    seats = [seat for seat in range(20) if seat not in absent]
    lows = [0, 1, 100, 250, 0]
    highs = [255, 3, 140, 255, 60]
    rows = {seat: [random.randint(*span) for span in zip(lows, highs, strict=True)] for seat in seats}
    event = tally_of(rehearsal, submitted(rehearsal, task), rows, **changes)
    assert 0 < event["paid"] < 1 << 20
