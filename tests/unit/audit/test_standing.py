"""What the contracts hold, compared with what their events give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from anomalyhive.audit import View
from anomalyhive.audit.report import Check, Findings
from anomalyhive.audit.standing import UNKNOWN, check_standing, expected
from anomalyhive.errors import ChainFailure, Reverted
from audit.logs import DEPLOYMENT, HIVE, Log, replayed, slot


def acted_out() -> Log:
    """A final round, claims, a term that ended, and a round that stands in its judge phase."""
    log = Log().found().final_round().claim(1, 0, 0, 400)
    log.transaction(slot("ShardReleased", "shard", 1, 2))
    log.open().submit(0)
    return log.commit(0, at=log.now - 1 + 100)


LOG = acted_out()


def checked(answers: Any) -> Check:
    record = replace(LOG.record(), answers=answers)
    findings = Findings()
    check_standing(record, replayed(record)[0], findings)
    return findings.report().check("state")


def right() -> dict[View, Any]:
    """Every question with the answer that the events give; where they give none, with 77."""
    return {view: known(due) for view, due in expected(DEPLOYMENT, replayed(LOG.record())[0])}


def known(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(known(one) for one in value)
    return 77 if value is UNKNOWN else value


def test_check_standing_of_right_answers_finds_nothing_whatever_the_case_of_addresses() -> None:
    def answers(views: Sequence[View]) -> list[Any]:
        return [value.lower() if isinstance(value, str) else value for value in (right()[view] for view in views)]

    line = checked(answers)
    assert line.holds
    assert line.count == len(right())


@pytest.mark.parametrize("view", right(), ids=str)
def test_check_standing_of_any_one_wrong_answer_names_the_question(view: View) -> None:
    def other(value: Any) -> Any:
        if isinstance(value, tuple):
            at = next(index for index, one in enumerate(value) if one != 77)
            return (*value[:at], other(value[at]), *value[at + 1 :])
        return value + 1 if isinstance(value, int) else value[:-1] if isinstance(value, bytes) else HIVE[:-1]

    wrong = {**right(), view: other(right()[view])}
    (failure,) = checked(lambda views: [wrong[one] for one in views]).failures
    assert str(failure).startswith(f"{view} is ")


def test_check_standing_asks_for_words_where_they_are_and_for_zero_where_they_were() -> None:
    asked = {str(view): value for view, value in right().items()}
    assert asked["Hive.shard(1, 0)"][3] == 1
    assert asked["Hive.term(1, 0, 1, 1)"] == (2, 0, 1)
    assert asked["Hive.updateHash(1, 1, 0)"] == bytes(32)
    assert asked["Hive.updateHash(1, 1, 1)"][28:] == bytes([0, 0, 0, 1])
    assert asked["Hive.updateHash(1, 2, 0)"][28:] == bytes([0, 0, 0, 2])
    assert asked["Hive.verdictHash(1, 1, 0)"] == bytes(32)
    assert any(asked["Hive.verdictHash(1, 2, 0)"])


def test_check_standing_of_a_refused_question_names_it_and_of_a_dead_chain_says_so() -> None:
    refused = {**right(), View("Hive", "task", (1,)): Reverted("task", "UnknownTask", {"task": 1})}
    (failure,) = checked(lambda views: [refused[one] for one in views]).failures
    assert "Hive.task(1) gives no answer" in str(failure)
    assert "UnknownTask(task=1)" in str(failure)

    def dead(views: Sequence[View]) -> list[Any]:
        raise ChainFailure(f"no answer to {len(views)} questions")

    assert "no answer to" in str(checked(dead).failures[0])


def test_check_standing_without_a_chain_checks_nothing() -> None:
    line = checked(None)
    assert (line.count, line.failures) == (0, ())
