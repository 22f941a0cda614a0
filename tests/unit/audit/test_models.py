"""The chain of models, derived anew; a quorum that attests nonsense must not stop its audit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from anomalyhive.audit.models import Models
from anomalyhive.audit.place import Place
from anomalyhive.audit.replay import Round
from anomalyhive.audit.replay.state import Tally
from anomalyhive.audit.report import AuditReport, Findings
from anomalyhive.chain.views import ZERO_DIGEST, Phase, Submission
from anomalyhive.content.directory import DirectoryStore
from anomalyhive.content.kinds import Model, Spec, SpecShard, Sum, Weights
from anomalyhive.core.learners import get_learner

HIVE, SPEC_DIGEST, UPDATE = b"\x0b" * 20, b"\x0c" * 32, b"\x0d" * 32
EDGES = get_learner("edges")
SPEC = Spec("a task", "edges", {}, ("amount",), "fraud", None, "private", (SpecShard(9, None),), 0)


class Lineage:
    """A lineage of two rounds in a store, and an audit of it."""

    def __init__(self, store: DirectoryStore) -> None:
        self.store, self.findings = store, Findings()
        self.models = Models.begin(self.place(0), SPEC, SPEC_DIGEST, EDGES, store)
        self.state = EDGES.initial(1, {})
        weights = Weights("edges", {}, self.state).publish(store)
        self.parent = Model(1, HIVE, 1, 0, None, SPEC_DIGEST, None, weights).publish(store)

    def place(self, number: int) -> Place:
        return Place(1, HIVE, 1, number, self.findings)

    def round(self, number: int, model: bytes) -> Round:
        round_ = Round(number, bytes(32), ZERO_DIGEST, 0, 1000, 0, phase=Phase.FINAL, model=model, medians={0: 200})
        round_.submissions[0] = Submission(0, 7, UPDATE, bytes(96))
        round_.tally = Tally(1, 200, 4, 0, frozenset(), b"\x0e" * 96)
        return round_

    def total(self) -> np.ndarray:
        return np.arange(EDGES.propose(self.state, bytes(32)).length, dtype=np.int64) % 5

    def model(self, number: int) -> Model:
        """The model of a round as it must be."""
        summed = Sum(1, HIVE, 1, number, (UPDATE,), b"\x0e" * 96, self.total()).publish(self.store)
        self.state = EDGES.absorb(self.state, EDGES.propose(self.state, bytes(32)), self.total())
        weights = Weights("edges", {}, self.state).publish(self.store)
        return Model(1, HIVE, 1, number, self.parent, SPEC_DIGEST, summed, weights)

    def advance(self, number: int, model: bytes) -> AuditReport:
        place, round_ = self.place(number), self.round(number, model)
        self.models.advance(place, round_, self.models.plan(place, round_), self.total())
        self.parent = model
        return self.findings.report()


@pytest.fixture
def lineage(tmp_path: Path) -> Lineage:
    return Lineage(DirectoryStore(tmp_path / "store"))


def test_advance_over_right_models_finds_nothing(lineage: Lineage) -> None:
    assert lineage.models.genesis == lineage.parent
    for number in (1, 2):
        report = lineage.advance(number, lineage.model(number).publish(lineage.store))
    assert report.holds
    assert (report.check("models").count, report.check("parents").count) == (3, 2)


@pytest.mark.parametrize(
    ("field", "value", "check", "words"),
    [
        ("chain", 2, "models", "names chain 2"),
        ("hive", bytes(20), "models", "names hive"),
        ("task", 2, "models", "names task 2"),
        ("round", 3, "models", "names round 3"),
        ("spec", UPDATE, "models", "names spec"),
        ("parent", UPDATE, "parents", "names parent"),
        ("weights", UPDATE, "models", "its parent and its sum give"),
        ("sum", UPDATE, "sums", "cannot be read"),
    ],
)
def test_advance_over_a_model_with_one_field_changed_says_which(
    lineage: Lineage, field: str, value: object, check: str, words: str
) -> None:
    wrong = replace(lineage.model(1), **{field: value}).publish(lineage.store)
    assert any(words in str(one) for one in lineage.advance(1, wrong).check(check).failures)


def test_advance_over_a_sum_with_another_vector_says_so(lineage: Lineage) -> None:
    other = Sum(1, HIVE, 1, 1, (UPDATE,), b"\x0e" * 96, lineage.total() + 1).publish(lineage.store)
    wrong = replace(lineage.model(1), sum=other).publish(lineage.store)
    report = lineage.advance(1, wrong)
    assert any("not the sum of the accepted vectors" in str(one) for one in report.check("sums").failures)


def test_advance_over_a_model_of_round_0_or_of_no_content_says_so(lineage: Lineage) -> None:
    report = lineage.advance(1, lineage.parent)
    assert any("names round 0 where it is 1" in str(one) for one in report.check("models").failures)
    report = lineage.advance(2, b"\x01" * 32)
    assert any("cannot be read" in str(one) for one in report.check("models").failures)


@pytest.mark.parametrize("state", [{}, {"columns": 1}, {"columns": "many"}, {"columns": -5, "edges": 3}])
def test_advance_goes_on_after_a_quorum_has_attested_nonsense(lineage: Lineage, state: dict[str, object]) -> None:
    weights = Weights("edges", {}, state).publish(lineage.store)
    nonsense = replace(lineage.model(1), weights=weights).publish(lineage.store)
    lineage.advance(1, nonsense)
    report = lineage.advance(2, replace(lineage.model(2), parent=nonsense).publish(lineage.store))
    assert {1, 2} <= {one.round for one in report.check("models").failures}


def test_advance_after_wrong_weights_holds_later_rounds_against_what_they_were_built_on(lineage: Lineage) -> None:
    right = lineage.model(1)
    lineage.state = {**lineage.state, "edges": np.array([[4, 5, 6]])}
    weights = Weights("edges", {}, lineage.state).publish(lineage.store)
    lineage.advance(1, replace(right, weights=weights).publish(lineage.store))
    report = lineage.advance(2, lineage.model(2).publish(lineage.store))
    assert {one.round for one in report.check("models").failures} == {1}
