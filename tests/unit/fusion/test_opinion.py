"""What a model says of rows: of what kind its probabilities are."""

from __future__ import annotations

from core.samples import PARAMS, run, sample

from anomalyhive.core.learners import get_learner
from anomalyhive.fusion.opinion import Judge


def judges(name: str, columns: int, rounds: int, **params: int) -> list[Judge]:
    """Those of the models that some rounds make."""
    learner = get_learner(name)
    done = run(learner, [sample(300, columns, 5)], rounds, 3, {**PARAMS[name], **params})
    return [Judge.of(name, one.state, [f"c{at}" for at in range(columns)], ()) for one in done]


def test_probabilities_of_classify_are_calibrated_once_held_rows_have_been_counted() -> None:
    assert [one.calibrated for one in judges("classify", 5, 4, boosting=3)] == [False, False, False, True]


def test_probabilities_of_boost_are_its_own_and_those_of_calibration_are_calibrated() -> None:
    assert not any(one.calibrated for one in judges("boost", 5, 3))
    assert all(one.calibrated for one in judges("calibration", 1, 1))
