"""When a keeper acts."""

from __future__ import annotations

from anomalyhive.node.turns import PLACES, Turns


def delay(node: int, number: int, pace: float = 1.0, seconds: int = 100) -> float:
    """For how long a node lets others go first."""
    turns = Turns(node, pace)
    return next(float(now) for now in range(200) if turns.due("tally", number, float(now), seconds))


def test_due_comes_for_one_node_after_the_other_and_each_is_first_in_some_round() -> None:
    assert sorted(delay(node, 1) for node in range(PLACES)) == list(range(PLACES))
    assert {delay(3, number) for number in range(PLACES)} == set(range(PLACES))


def test_due_comes_for_everybody_within_a_quarter_of_the_phase() -> None:
    assert max(delay(node, 0, pace=60.0, seconds=40) for node in range(PLACES)) == 10


def test_due_of_other_work_begins_anew() -> None:
    turns = Turns(1, 1.0)
    assert not turns.due("tally/1", 0, 0.0, 100)
    assert turns.due("tally/1", 0, 1.0, 100)
    assert not turns.due("tally/2", 0, 1.5, 100)
