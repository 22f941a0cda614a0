"""tally: slices of any size count every update once, in order; whatever is not what was submitted reverts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from eth_abi.abi import encode
from logs import logged
from outcomes import Outcome, outcome_of
from refusals import refused
from stages import judge, one_in_each_phase, phase_of, submit_point, view

from anomalyhive.chain.views import Phase
from rehearsal import BASE, Node, Rehearsal, Round

SHARDS = 70
"""Medians of 32 shards share a word: these need three."""

HELD = (0, 1, 31, 32, 33, 64, 69)
"""The shards with an update: both sides of each word's end, first and last."""

SEATS = 5

CHANGES = {
    "shards": SHARDS,
    "update_quota": len(HELD),
    "seats": SEATS,
    "quorum": 3,
    "verdict_quota": SEATS,
    "tolerance": 90,
}

Rows = list[tuple[Any, ...]]


@pytest.fixture(scope="module")
def both(deployed: Rehearsal) -> Sequence[Node]:
    """Two nodes that train and validate."""
    return [deployed.register() for _ in range(2)]


@pytest.fixture(scope="module")
def in_tally(deployed: Rehearsal, trainers: Sequence[Node], validators: Sequence[Node], both: Sequence[Node]) -> Round:
    """A round in TALLY with every kind of update: good, of a judge's own node, no point, worth nothing."""
    task = deployed.create(**CHANGES)
    holders = [trainers[0], both[0], trainers[1], trainers[2], trainers[3], both[1], trainers[4]]
    for shard, node in zip(HELD, holders, strict=True):
        deployed.hive.takeShard(task, shard, {"from": node.operator})
    for seat, node in enumerate([both[1], *validators, both[0]]):
        deployed.hive.takeSeat(task, seat, {"from": node.operator})
    round_ = deployed.open(task)
    for shard in HELD:
        if shard == 33:
            submit_point(deployed, round_, shard, b"\x01" * 96)
        else:
            deployed.submit(round_, shard)
    random = Random(32)
    scores = {seat: [random.randint(1, 255) * (shard in HELD) for shard in range(SHARDS)] for seat in range(SEATS)}
    for seat in (0, 2, 3):
        scores[seat][31] = scores[seat][33] = 0
    judge(deployed, round_, scores)
    return round_


@pytest.fixture
def round_(in_tally: Round) -> Round:
    """The test's own copy of the record."""
    return deepcopy(in_tally)


@pytest.fixture
def outcome(round_: Round) -> Outcome:
    """By Python's arithmetic; the round must exercise what it is there for."""
    found = outcome_of(replace(BASE, **CHANGES), round_)
    assert [shard for shard, median in found.medians.items() if not median] == [31, 33]
    assert 0 < len(found.paid) < SEATS, found.paid
    return found


@pytest.fixture
def tally(hive: Any, round_: Round, stranger: Any) -> Callable[..., Any]:
    """Counts a slice, with the right scores unless others are given; anyone may."""

    def send(rows: Rows, scores: Sequence[bytes] | None = None) -> Any:
        return hive.tally(*round_.key, rows, round_.scores if scores is None else scores, {"from": stranger})

    return send


def check_complete(hive: Any, round_: Round, outcome: Outcome) -> None:
    """What the hive says of the tallied round is the outcome."""
    found = view(hive, round_)
    expected = {
        "phase": Phase.ATTEST,
        "tallied": len(HELD),
        "nextShard": HELD[-1] + 1,
        "accepted": outcome.accepted,
        "worth": outcome.worth,
        "rate": outcome.rate,
        "share": outcome.share,
        "paid": outcome.seats,
    }
    assert {name: found[name] for name in expected} == expected
    medians = {shard: hive.medianOf(*round_.key, shard) for shard in (*HELD, 2, 30, 34, 63, 65, 70, 1000)}
    assert medians == {shard: outcome.medians.get(shard, 0) for shard in medians}


# Slices


SPLITS = [[size] * -(-len(HELD) // size) for size in range(1, len(HELD) + 1)] + [[6, 1], [1, 6], [2, 1, 4], [3, 3, 1]]


@pytest.mark.parametrize("sizes", SPLITS, ids=str)
def test_tally_in_slices_comes_to_the_outcome_whatever_their_sizes(
    hive: Any, round_: Round, outcome: Outcome, tally: Callable[..., Any], sizes: Sequence[int]
) -> None:
    begin, told_medians = 0, {}
    for size in sizes:
        assert (phase_of(hive, round_), view(hive, round_)["tallied"]) == (Phase.TALLY, begin)
        transaction = tally(round_.rows[begin : begin + size])
        begin = min(begin + size, len(HELD))
        [event] = logged(transaction, "UpdatesTallied")
        assert (event["task"], event["round"], event["firstShard"] % 32) == (*round_.key, 0)
        assert event["firstShard"] + len(event["medians"]) == HELD[begin - 1] + 1
        told_medians.update(enumerate(event["medians"], event["firstShard"]))
        assert logged(transaction, "RoundTallied") == ([outcome.event(round_)] if begin == len(HELD) else [])
    check_complete(hive, round_, outcome)
    assert {shard: told_medians.get(shard, 0) for shard in range(SHARDS)} == {
        shard: outcome.medians.get(shard, 0) for shard in range(SHARDS)
    }


def test_tally_skips_what_an_earlier_slice_counted(
    hive: Any, round_: Round, outcome: Outcome, tally: Callable[..., Any]
) -> None:
    tally(round_.rows[:3])
    tally(round_.rows[1:5])
    assert view(hive, round_)["tallied"] == 5
    tally(round_.rows)
    check_complete(hive, round_, outcome)


def test_tally_of_all_but_the_last_is_not_complete(
    hive: Any, round_: Round, outcome: Outcome, tally: Callable[..., Any]
) -> None:
    transaction = tally(round_.rows[:-1])
    assert not logged(transaction, "RoundTallied")
    found = view(hive, round_)
    assert (found["phase"], found["nextShard"], found["paid"]) == (Phase.TALLY, 65, 0)
    assert (found["rate"], found["share"]) == (0, 0)
    assert found["worth"] == outcome.worth - outcome.medians[HELD[-1]]


def test_tally_of_nothing_new_reverts(round_: Round, tally: Callable[..., Any]) -> None:
    with refused("NothingToTally", 0):
        tally([])
    tally(round_.rows[:2])
    for rows in ([], round_.rows[:2], round_.rows[1:2]):
        with refused("NothingToTally", 2):
            tally(rows)


@pytest.mark.parametrize("phase", [one for one in Phase if one is not Phase.TALLY], ids=lambda phase: phase.name)
def test_tally_in_another_phase_reverts(hive: Any, gallery: Mapping[Phase, Round], stranger: Any, phase: Phase) -> None:
    round_ = gallery[phase]
    with refused("WrongPhase", phase, Phase.TALLY):
        hive.tally(*round_.key, round_.rows, round_.scores, {"from": stranger})


@pytest.fixture(scope="module")
def gallery(deployed: Rehearsal, trainers: Sequence[Node], validators: Sequence[Node]) -> Mapping[Phase, Round]:
    """A round in each phase."""
    return one_in_each_phase(deployed, trainers[0], validators[0])


# Slices that are not what was submitted. Rows are (shard, node, digest, commitment), in the order of HELD.


def changed(rows: Rows, at: int, **parts: Any) -> Rows:
    """The rows with parts of one exchanged."""
    names = ("shard", "node", "digest", "commitment")
    row = tuple(parts.get(name, value) for name, value in zip(names, rows[at], strict=True))
    return [*rows[:at], row, *rows[at + 1 :]]


def with_bit(rows: Rows, at: int, word: int) -> Rows:
    """The rows with a bit of one commitment flipped."""
    point = list(rows[at][3])
    point[word] = flipped(point[word])
    return changed(rows, at, commitment=tuple(point))


def flipped(word: bytes) -> bytes:
    """The same with its last bit the other way round."""
    return word[:-1] + bytes([word[-1] ^ 1])


WRONG: Mapping[str, tuple[Callable[[Rows], Rows], tuple[Any, ...]]] = {
    "first left out": (lambda rows: rows[1:], ("UpdateLeftOut", 0)),
    "one left out": (lambda rows: rows[:2] + rows[3:], ("UpdateLeftOut", 31)),
    "last but one left out": (lambda rows: rows[:5] + rows[6:], ("UpdateLeftOut", 64)),
    "one slipped in": (lambda rows: [*rows[:2], (2, *rows[1][1:]), *rows[2:]], ("WrongUpdate", 2)),
    "one slipped in at the end of a slice": (lambda rows: [*rows[:2], (2, *rows[1][1:])], ("WrongUpdate", 2)),
    "one slipped in after all": (lambda rows: [*rows, (70, *rows[1][1:])], ("WrongUpdate", 70)),
    "one exchanged for a foreign": (lambda rows: [*rows[:2], (2, *rows[1][1:]), *rows[3:]], ("WrongUpdate", 2)),
    "one exchanged for a double": (lambda rows: [*rows[:2], rows[1], *rows[3:]], ("WrongOrder", 1, 2)),
    "first doubled": (lambda rows: [rows[0], *rows], ("WrongOrder", 0, 1)),
    "last doubled": (lambda rows: [*rows, rows[-1]], ("WrongOrder", 69, 70)),
    "doubled in a slice": (lambda rows: [rows[0], rows[1], rows[1]], ("WrongOrder", 1, 2)),
    "two exchanged": (lambda rows: [rows[1], rows[0], *rows[2:]], ("WrongOrder", 0, 2)),
    "two exchanged in a slice": (lambda rows: [rows[1], rows[0]], ("UpdateLeftOut", 0)),
    "reversed": (lambda rows: rows[::-1], ("WrongOrder", 64, 70)),
    "digest": (lambda rows: changed(rows, 2, digest=flipped(rows[2][2])), ("WrongUpdate", 31)),
    "digest of another": (lambda rows: changed(rows, 2, digest=rows[0][2]), ("WrongUpdate", 31)),
    "commitment of another": (lambda rows: changed(rows, 2, commitment=rows[0][3]), ("WrongUpdate", 31)),
    "first word of a commitment": (lambda rows: with_bit(rows, 0, 0), ("WrongUpdate", 0)),
    "second word of a commitment": (lambda rows: with_bit(rows, 3, 1), ("WrongUpdate", 32)),
    "last word of a commitment": (lambda rows: with_bit(rows, 6, 2), ("WrongUpdate", 69)),
    "node": (lambda rows: changed(rows, 0, node=rows[1][1]), ("WrongUpdate", 0)),
    "shard": (lambda rows: changed(rows, 2, shard=30), ("WrongUpdate", 30)),
    "digest in a slice": (lambda rows: changed(rows[:2], 1, digest=flipped(rows[1][2])), ("WrongUpdate", 1)),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_tally_of_other_than_what_was_submitted_reverts(round_: Round, tally: Callable[..., Any], wrong: str) -> None:
    change, error = WRONG[wrong]
    with refused(*error):
        tally(change(round_.rows))


@pytest.mark.parametrize("wrong", ["one left out", "digest", "last doubled", "reversed"])
def test_tally_of_other_than_what_was_submitted_reverts_in_a_later_slice_too(
    round_: Round, tally: Callable[..., Any], wrong: str
) -> None:
    change, error = WRONG[wrong]
    tally(round_.rows[:2])
    with refused(*error):
        tally(change(round_.rows))


@pytest.mark.parametrize(("field", "error"), [(0, ("WrongUpdate", (1 << 16) + 1)), (1, ("WrongUpdate", 1))])
def test_tally_of_numbers_wider_than_their_type_reverts(
    hive: Any, round_: Round, stranger: Any, field: int, error: tuple[Any, ...]
) -> None:
    rows = [list(row) for row in round_.rows[:2]]
    rows[1][field] += 1 << (16 if field == 0 else 32)
    wide = "(uint256,uint256,bytes32,(bytes32,bytes32,bytes32))[]"
    arguments = encode(["uint64", "uint32", wide, "bytes[]"], [*round_.key, rows, round_.scores])
    with refused(*error):
        stranger.transfer(hive, data=hive.tally.signature + arguments.hex())


SCORES: Mapping[str, tuple[Callable[[list[bytes]], list[bytes]], tuple[Any, ...]]] = {
    "none": (lambda scores: scores[:0], ("WrongScoreCount", 0, SEATS)),
    "one less": (lambda scores: scores[1:], ("WrongScoreCount", SEATS - 1, SEATS)),
    "one more": (lambda scores: [*scores, scores[0]], ("WrongScoreCount", SEATS + 1, SEATS)),
    "two exchanged": (lambda scores: [scores[1], scores[0], *scores[2:]], ("WrongScores", 0)),
    "one twice": (lambda scores: [*scores[:3], scores[2], scores[4]], ("WrongScores", 3)),
    "one bit": (lambda scores: [*scores[:4], flipped(scores[4])], ("WrongScores", 4)),
    "one longer": (lambda scores: [*scores[:2], scores[2] + b"\x00", *scores[3:]], ("WrongScores", 2)),
    "one shorter": (lambda scores: [*scores[:2], scores[2][:-1], *scores[3:]], ("WrongScores", 2)),
    "one empty": (lambda scores: [b"", *scores[1:]], ("WrongScores", 0)),
}


@pytest.mark.parametrize("after", [0, 2])
@pytest.mark.parametrize("wrong", SCORES)
def test_tally_with_other_scores_than_were_revealed_reverts(
    round_: Round, tally: Callable[..., Any], wrong: str, after: int
) -> None:
    change, error = SCORES[wrong]
    if after:
        tally(round_.rows[:after])
    with refused(*error):
        tally(round_.rows, change(round_.scores))
