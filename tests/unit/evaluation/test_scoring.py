"""Scoring: a learned state's probabilities, written exactly."""

from __future__ import annotations

import csv
import hashlib
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anomalyhive.core.learners import get_learner
from anomalyhive.errors import BadTable
from anomalyhive.evaluation import score_table, write_scores
from anomalyhive.evaluation.scoring import decimal_text
from anomalyhive.tables import Table, read_table

SAMPLE = Path(__file__).parents[2] / "data" / "accounts-400.csv"
PROBABILITIES = st.integers(0, 1 << 32)


@given(PROBABILITIES)
@settings(deadline=None, derandomize=True)
def test_decimal_is_exact_and_short(probability: int) -> None:
    text = decimal_text(probability)
    assert Fraction(text) == Fraction(probability, 1 << 32)
    assert float(text) == probability / (1 << 32)
    assert len(text) <= 34


@pytest.mark.parametrize(
    ("probability", "text"),
    [(0, "0.0"), (1 << 32, "1.0"), (1 << 31, "0.5"), (1, "0.00000000023283064365386962890625")],
)
def test_decimal_of_known_probabilities(probability: int, text: str) -> None:
    assert decimal_text(probability) == text


@pytest.mark.parametrize("probability", [-1, (1 << 32) + 1])
def test_probability_out_of_range_is_named(probability: int) -> None:
    with pytest.raises(BadTable, match=f"probability {probability} is not from 0 to"):
        decimal_text(probability)


@given(st.lists(st.tuples(st.text(st.characters(blacklist_categories=("Cs",)), max_size=9), PROBABILITIES), max_size=9))
@settings(deadline=None, derandomize=True)
def test_written_scores_read_back(tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, int]]) -> None:
    path = tmp_path_factory.mktemp("scores") / "scores.csv"
    rows = [(name.replace("\0", ""), value) for name, value in rows]  # csv of Python 3.10 refuses NUL
    write_scores(path, [name for name, _ in rows], np.array([value for _, value in rows], dtype=np.int64))
    with path.open(encoding="utf-8", newline="") as file:
        header, *lines = csv.reader(file)
    assert header == ["id", "probability"]
    assert [(name, Fraction(text) * (1 << 32)) for name, text in lines] == rows


def test_rows_without_ids_are_numbered_from_one(tmp_path: Path) -> None:
    path = tmp_path / "scores.csv"
    write_scores(path, None, np.array([1 << 30, 0], dtype=np.int64))
    assert path.read_bytes() == b"id,probability\n1,0.25\n2,0.0\n"


def test_ids_of_other_rows_are_a_bug_that_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"zip\(\) argument"):
        write_scores(tmp_path / "scores.csv", ["x"], np.array([1, 2], dtype=np.int64))
    assert not list(tmp_path.iterdir())


@pytest.fixture(scope="module")
def table() -> Table:
    return read_table(SAMPLE, "FLAG", "Address")


def test_probabilities_are_those_of_the_learner_and_repeat(table: Table) -> None:
    learner = get_learner("boost")
    state = learner.initial(len(table.columns), {})
    for number in range(3):
        plan = learner.propose(state, hashlib.sha256(bytes([number])).digest())
        state = learner.absorb(state, plan, learner.contribute(plan, table.rows()))
    found = score_table(learner, state, table.columns, table)
    assert np.array_equal(found, learner.probabilities(state, table.features))
    assert found.shape == (400,)
    alone = score_table(learner, state, table.columns, table.take([17]))
    assert alone.tolist() == [found[17]]


def test_table_with_other_columns_is_refused(table: Table) -> None:
    learner = get_learner("boost")
    state = learner.initial(len(table.columns), {})
    with pytest.raises(BadTable, match="the model reads the columns"):
        score_table(learner, state, table.columns[::-1], table)
