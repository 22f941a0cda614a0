"""A seat's word is used again from round to round: what stands in it counts in its own round alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from eth_utils.crypto import keccak
from refusals import refused
from stages import run_out, view
from words import NOTHING

from anomalyhive.chain.views import Phase
from anomalyhive.protocol import revealed_hash, verdict_hash
from rehearsal import Node, Rehearsal, Round, Verdict

SCORES = bytes([10, 0, 255, 1, 77])
CONTENT = keccak(text="content")
SALT = keccak(text="salt")
HASH = keccak(text="hidden")


@pytest.fixture
def judging(rehearsal: Rehearsal, task: int) -> Round:
    """A round in JUDGE without commits."""
    return rehearsal.reach(task, Phase.JUDGE)


def reveal(hive: Any, round_: Round, verdict: Verdict, by: Any) -> Any:
    """The transaction that shows a verdict."""
    return hive.revealVerdict(*round_.key, verdict.seat, verdict.scores, verdict.digest, verdict.salt, {"from": by})


def test_verdict_hash_is_that_of_the_latest_round_alone(
    rehearsal: Rehearsal, hive: Any, judging: Round, validators: Sequence[Node]
) -> None:
    hive.commitVerdict(*judging.key, 1, HASH, {"from": validators[1].operator})
    task, number = judging.key
    assert bytes(hive.verdictHash(task, number, 1)) == HASH
    for place in ((task, 0, 1), (task, number + 1, 1), (task + 1, number, 1), (task, number, 0), (task, number, 255)):
        assert bytes(hive.verdictHash(*place)) == NOTHING
    run_out(hive, judging)
    hive.cancelRound(*judging.key, {"from": rehearsal.sponsor})
    assert bytes(hive.verdictHash(task, number, 1)) == HASH
    following = rehearsal.open(task)
    assert bytes(hive.verdictHash(task, number, 1)) == bytes(hive.verdictHash(*following.key, 1)) == NOTHING


def test_verdict_hash_of_a_final_round_is_there_until_the_next_opens(
    rehearsal: Rehearsal, hive: Any, task: int, validators: Sequence[Node]
) -> None:
    round_ = rehearsal.reach(task, Phase.FINAL)
    shown = revealed_hash(validators[0].number, round_.verdicts[0].scores)
    assert bytes(hive.verdictHash(*round_.key, 0)) == shown
    rehearsal.open(task)
    assert bytes(hive.verdictHash(*round_.key, 0)) == NOTHING


def test_commit_of_the_round_before_is_none_of_the_next(
    rehearsal: Rehearsal, hive: Any, judging: Round, validators: Sequence[Node]
) -> None:
    verdict = rehearsal.commit(judging, 0, SCORES)
    run_out(hive, judging)
    hive.cancelRound(*judging.key, {"from": rehearsal.sponsor})
    following = rehearsal.reach(judging.task, Phase.JUDGE)
    assert view(hive, following)["committed"] == 0
    for seat in (1, 2):
        rehearsal.commit(following, seat, SCORES)
    run_out(hive, following)
    with refused("WrongReveal", 0):
        reveal(hive, following, verdict, validators[0].operator)
    with refused("WrongReveal", 0):
        reveal(hive, following, replace(verdict, salt=SALT), validators[0].operator)


def test_reveal_verdict_of_what_was_committed_in_the_round_before_for_this_one_reverts(
    rehearsal: Rehearsal, hive: Any, judging: Round, validators: Sequence[Node]
) -> None:
    # The word stays from round to round, but who prepared it ahead has committed nothing in this one, and is not bound.
    node = validators[0]
    ahead = verdict_hash(judging.task, judging.number + 1, node.number, SCORES, CONTENT, SALT)
    hive.commitVerdict(*judging.key, 0, ahead, {"from": node.operator})
    run_out(hive, judging)
    hive.cancelRound(*judging.key, {"from": rehearsal.sponsor})
    following = rehearsal.reach(judging.task, Phase.JUDGE)
    for seat in (1, 2):
        rehearsal.commit(following, seat, SCORES)
    run_out(hive, following)
    with refused("WrongReveal", 0):
        reveal(hive, following, Verdict(0, node.number, SCORES, CONTENT, SALT), node.operator)
    assert view(hive, following)["revealed"] == 0
