"""commitVerdict and revealVerdict: who may, when, once; what is stored and told; nothing can be copied or changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
from eth_utils.crypto import keccak
from logs import logged
from refusals import refused
from stages import one_in_each_phase, phase_of, run_out, staffed, view

from anomalyhive.chain.views import Phase
from anomalyhive.protocol import revealed_hash, verdict_hash
from rehearsal import Node, Rehearsal, Round, Verdict

NOBODY = "0x" + 40 * "0"
SCORES = bytes([10, 0, 255, 1, 77])
CONTENT = keccak(text="content")
SALT = keccak(text="salt")
HASH = keccak(text="hidden")


@pytest.fixture(scope="module")
def in_judge(deployed: Rehearsal, task: int) -> Round:
    """A round in JUDGE without commits."""
    return deployed.reach(task, Phase.JUDGE)


@pytest.fixture(scope="module")
def in_reveal(deployed: Rehearsal, trainers: Sequence[Node], validators: Sequence[Node]) -> Round:
    """A round in REVEAL in which seats 0 and 1 committed to SCORES and seat 2 to nothing."""
    # Short, so that the clock hardly moves for the other rounds.
    round_ = deployed.reach(staffed(deployed, trainers, validators, judge_seconds=200), Phase.JUDGE)
    for seat in (0, 1):
        deployed.commit(round_, seat, SCORES)
    run_out(deployed.hive, round_)
    return round_


@pytest.fixture
def judging(in_judge: Round) -> Round:
    """The test's own copy of the record."""
    return deepcopy(in_judge)


@pytest.fixture
def revealing(in_reveal: Round) -> Round:
    """The test's own copy of the record."""
    return deepcopy(in_reveal)


@pytest.fixture(scope="module")
def gallery(deployed: Rehearsal, trainers: Sequence[Node], validators: Sequence[Node]) -> Mapping[Phase, Round]:
    """A round in each phase."""
    return one_in_each_phase(deployed, trainers[0], validators[0])


def reveal(hive: Any, round_: Round, verdict: Verdict, by: Any) -> Any:
    """The transaction that shows a verdict."""
    return hive.revealVerdict(*round_.key, verdict.seat, verdict.scores, verdict.digest, verdict.salt, {"from": by})


# commitVerdict


def test_commit_verdict_stores_the_hash_and_tells(hive: Any, judging: Round, validators: Sequence[Node]) -> None:
    transaction = hive.commitVerdict(*judging.key, 1, HASH, {"from": validators[1].operator})
    assert bytes(hive.verdictHash(*judging.key, 1)) == HASH
    assert view(hive, judging)["committed"] == 0b010
    assert logged(transaction, "VerdictCommitted") == [
        {"task": judging.task, "round": 1, "node": validators[1].number, "seat": 1, "commitHash": HASH}
    ]
    assert len(transaction.events) == 1


def test_commit_verdict_of_the_last_seat_of_the_quota_ends_the_phase(
    hive: Any, judging: Round, validators: Sequence[Node]
) -> None:
    for seat, phase in ((2, Phase.JUDGE), (0, Phase.JUDGE), (1, Phase.REVEAL)):
        hive.commitVerdict(*judging.key, seat, HASH, {"from": validators[seat].operator})
        assert phase_of(hive, judging) is phase


def test_commit_verdict_by_anyone_but_the_operator_reverts(
    hive: Any, judging: Round, trainers: Sequence[Node], validators: Sequence[Node], sponsor: Any, stranger: Any
) -> None:
    for caller in (validators[0].owner, validators[1].operator, trainers[0].operator, sponsor, stranger):
        with refused("NotOperator", caller, validators[0].operator):
            hive.commitVerdict(*judging.key, 0, HASH, {"from": caller})


@pytest.mark.parametrize("seat", [3, 255])
def test_commit_verdict_of_a_seat_that_does_not_exist_reverts(
    hive: Any, judging: Round, validators: Sequence[Node], seat: int
) -> None:
    with refused("NotOperator", validators[0].operator, NOBODY):
        hive.commitVerdict(*judging.key, seat, HASH, {"from": validators[0].operator})


def test_commit_verdict_from_a_seat_given_up_reverts(hive: Any, judging: Round, validators: Sequence[Node]) -> None:
    hive.releaseSeat(judging.task, 0, {"from": validators[0].operator})
    with refused("NotOperator", validators[0].operator, NOBODY):
        hive.commitVerdict(*judging.key, 0, HASH, {"from": validators[0].operator})


def test_commit_verdict_of_zero_reverts(hive: Any, judging: Round, validators: Sequence[Node]) -> None:
    # Brownie shows an error without values by its name alone.
    with refused("ZeroHash"):
        hive.commitVerdict(*judging.key, 0, bytes(32), {"from": validators[0].operator})


def test_commit_verdict_twice_reverts_and_keeps_the_first(
    hive: Any, judging: Round, validators: Sequence[Node]
) -> None:
    hive.commitVerdict(*judging.key, 0, HASH, {"from": validators[0].operator})
    with refused("AlreadyCommitted", 0):
        hive.commitVerdict(*judging.key, 0, HASH[::-1], {"from": validators[0].operator})
    assert bytes(hive.verdictHash(*judging.key, 0)) == HASH


@pytest.mark.parametrize("phase", [one for one in Phase if one is not Phase.JUDGE], ids=lambda phase: phase.name)
def test_commit_verdict_in_another_phase_reverts(
    hive: Any, gallery: Mapping[Phase, Round], validators: Sequence[Node], phase: Phase
) -> None:
    with refused("WrongPhase", phase, Phase.JUDGE):
        hive.commitVerdict(*gallery[phase].key, 0, HASH, {"from": validators[0].operator})


def test_committed_seat_cannot_be_given_up_and_the_others_can(
    hive: Any, judging: Round, validators: Sequence[Node]
) -> None:
    hive.commitVerdict(*judging.key, 0, HASH, {"from": validators[0].operator})
    with refused("SeatBound", judging.number, 0):
        hive.releaseSeat(judging.task, 0, {"from": validators[0].operator})
    hive.releaseSeat(judging.task, 1, {"from": validators[1].operator})


# revealVerdict


def test_reveal_verdict_replaces_the_hash_and_tells(hive: Any, revealing: Round, validators: Sequence[Node]) -> None:
    verdict, node = revealing.verdicts[0], validators[0].number
    transaction = reveal(hive, revealing, verdict, validators[0].operator)
    assert bytes(hive.verdictHash(*revealing.key, 0)) == revealed_hash(node, SCORES)
    found = view(hive, revealing)
    assert (found["phase"], found["committed"], found["revealed"]) == (Phase.REVEAL, 0b011, 0b001)
    assert logged(transaction, "VerdictRevealed") == [
        {
            "task": revealing.task,
            "round": 1,
            "node": node,
            "seat": 0,
            "scores": SCORES,
            "verdict": verdict.digest,
        }
    ]
    assert len(transaction.events) == 1


def test_reveal_verdict_of_the_last_committed_seat_ends_the_phase(
    rehearsal: Rehearsal, hive: Any, revealing: Round
) -> None:
    rehearsal.reveal(revealing, 1)
    assert phase_of(hive, revealing) is Phase.REVEAL
    rehearsal.reveal(revealing, 0)
    assert phase_of(hive, revealing) is Phase.TALLY


def test_reveal_verdict_by_anyone_but_the_operator_reverts(
    hive: Any, revealing: Round, trainers: Sequence[Node], validators: Sequence[Node], sponsor: Any, stranger: Any
) -> None:
    for caller in (validators[0].owner, validators[1].operator, trainers[0].operator, sponsor, stranger):
        with refused("NotOperator", caller, validators[0].operator):
            reveal(hive, revealing, revealing.verdicts[0], caller)


@pytest.mark.parametrize(
    "change",
    [
        {"scores": SCORES[:-1] + b"\x4e"},
        {"scores": bytes([11]) + SCORES[1:]},
        {"digest": CONTENT},
        {"salt": SALT},
    ],
    ids=["last score", "first score", "digest", "salt"],
)
def test_reveal_verdict_with_one_thing_changed_reverts(
    hive: Any, revealing: Round, validators: Sequence[Node], change: Mapping[str, Any]
) -> None:
    with refused("WrongReveal", 0):
        reveal(hive, revealing, replace(revealing.verdicts[0], **change), validators[0].operator)


@pytest.mark.parametrize("scores", [SCORES[:-1], SCORES + b"\x00", b""], ids=["one less", "one more", "none"])
def test_reveal_verdict_with_another_number_of_scores_reverts(
    hive: Any, revealing: Round, validators: Sequence[Node], scores: bytes
) -> None:
    with refused("WrongLength", len(scores), 5):
        reveal(hive, revealing, replace(revealing.verdicts[0], scores=scores), validators[0].operator)


def test_reveal_verdict_with_a_length_that_was_committed_but_is_wrong_reverts(
    rehearsal: Rehearsal, hive: Any, judging: Round
) -> None:
    for seat, scores in ((0, SCORES + b"\x01"), (1, SCORES), (2, SCORES)):
        rehearsal.commit(judging, seat, scores)
    with refused("WrongLength", 6, 5):
        rehearsal.reveal(judging, 0)


def test_reveal_verdict_of_a_seat_that_committed_nothing_reverts(
    hive: Any, revealing: Round, validators: Sequence[Node]
) -> None:
    mine = Verdict(2, validators[2].number, SCORES, CONTENT, SALT)
    with refused("WrongReveal", 2):
        reveal(hive, revealing, mine, validators[2].operator)


def test_reveal_verdict_twice_reverts(rehearsal: Rehearsal, revealing: Round) -> None:
    rehearsal.reveal(revealing, 0)
    with refused("WrongReveal", 0):
        rehearsal.reveal(revealing, 0)


def test_reveal_verdict_of_a_copied_commit_reverts_whoever_reveals_first(
    rehearsal: Rehearsal, hive: Any, judging: Round, validators: Sequence[Node]
) -> None:
    original = rehearsal.commit(judging, 0, SCORES)
    hive.commitVerdict(*judging.key, 1, original.hidden(*judging.key), {"from": validators[1].operator})
    rehearsal.commit(judging, 2, SCORES)
    rehearsal.reveal(judging, 0)
    with refused("WrongReveal", 1):
        reveal(hive, judging, replace(original, seat=1), validators[1].operator)


@pytest.mark.parametrize(("task_off", "round_off", "node_off"), [(1, 0, 0), (0, 1, 0), (0, 0, 1)])
def test_reveal_verdict_of_a_commit_made_for_elsewhere_reverts(
    rehearsal: Rehearsal,
    hive: Any,
    judging: Round,
    validators: Sequence[Node],
    task_off: int,
    round_off: int,
    node_off: int,
) -> None:
    node = validators[0].number
    elsewhere = (judging.task + task_off, judging.number + round_off, node + node_off)
    hidden = verdict_hash(*elsewhere, SCORES, CONTENT, SALT)
    hive.commitVerdict(*judging.key, 0, hidden, {"from": validators[0].operator})
    for seat in (1, 2):
        rehearsal.commit(judging, seat, SCORES)
    with refused("WrongReveal", 0):
        reveal(hive, judging, Verdict(0, node, SCORES, CONTENT, SALT), validators[0].operator)


@pytest.mark.parametrize("phase", [one for one in Phase if one is not Phase.REVEAL], ids=lambda phase: phase.name)
def test_reveal_verdict_in_another_phase_reverts(
    hive: Any, gallery: Mapping[Phase, Round], validators: Sequence[Node], phase: Phase
) -> None:
    mine = Verdict(0, validators[0].number, b"\x01", CONTENT, SALT)
    with refused("WrongPhase", phase, Phase.REVEAL):
        reveal(hive, gallery[phase], mine, validators[0].operator)


def test_reveal_verdict_after_a_rotation_needs_the_key_that_the_seat_knows(
    hive: Any, registry: Any, revealing: Round, validators: Sequence[Node], stranger: Any
) -> None:
    node, verdict = validators[0], revealing.verdicts[0]
    registry.rotateOperator(node.number, stranger, {"from": node.owner})
    with refused("NotOperator", stranger, node.operator):
        reveal(hive, revealing, verdict, stranger)
    hive.refreshSeat(revealing.task, 0, {"from": stranger})
    with refused("NotOperator", node.operator, stranger):
        reveal(hive, revealing, verdict, node.operator)
    # The commit binds the node, not its key.
    reveal(hive, revealing, verdict, stranger)
    assert bytes(hive.verdictHash(*revealing.key, 0)) == revealed_hash(node.number, SCORES)
