"""The auditor's own reading of an update."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from anomalyhive.audit.place import Place
from anomalyhive.audit.report import Findings
from anomalyhive.audit.updates import Rules, differing, exact_sum
from anomalyhive.chain.views import ZERO_DIGEST, Submission
from anomalyhive.content.cid import Codec
from anomalyhive.content.directory import DirectoryStore
from anomalyhive.content.kinds import Spec, SpecShard, Update
from anomalyhive.core.learners import get_learner

OWNER, HIVE, ROWS = b"\x0a" * 20, b"\x0b" * 20, 9
EDGES = get_learner("edges")
PLAN = EDGES.propose(EDGES.initial(1, {}), bytes(32))
SPEC = Spec("a task", "edges", {}, ("amount",), "fraud", None, "private", (SpecShard(ROWS, None),) * 3, 0)
RULES = Rules(Place(1, HIVE, 1, 5, Findings()), SPEC, EDGES, PLAN, ZERO_DIGEST)
UPDATE = Update(1, HIVE, 1, 5, 2, 7, OWNER, None, ROWS, np.zeros(PLAN.length, dtype=np.int64))


@pytest.fixture
def store(tmp_path: Path) -> DirectoryStore:
    return DirectoryStore(tmp_path / "store")


def read(store: DirectoryStore, update: Update) -> str:
    """The fault that is found in an update of shard 2 by node 7."""
    return RULES.read(Submission(2, 7, update.publish(store), bytes(96)), OWNER, store).fault


def test_read_of_a_right_update_gives_its_vector(store: DirectoryStore) -> None:
    seen = RULES.read(Submission(2, 7, UPDATE.publish(store), bytes(96)), OWNER, store)
    assert (seen.fault, seen.absent) == ("", False)
    assert seen.vector is not None
    assert np.array_equal(seen.vector, UPDATE.vector)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("chain", 2),
        ("hive", OWNER),
        ("task", 2),
        ("round", 4),
        ("shard", 1),
        ("author", 8),
        ("owner", HIVE),
        ("base", b"\x01" * 32),
        ("rows", ROWS + 1),
    ],
)
def test_read_of_an_update_that_names_another_origin_says_which(
    store: DirectoryStore, field: str, value: object
) -> None:
    assert read(store, replace(UPDATE, **{field: value})).startswith(f"names {field} ")


def test_read_of_an_update_of_another_length_is_refused(store: DirectoryStore) -> None:
    longer = np.zeros(PLAN.length + 1, dtype=np.int64)
    assert "shape" in read(store, replace(UPDATE, vector=longer))


@pytest.mark.parametrize("value", [-1, ROWS + 1])
def test_read_of_an_update_outside_of_the_bounds_says_where(store: DirectoryStore, value: int) -> None:
    outside = np.zeros(PLAN.length, dtype=np.int64)
    outside[5] = value
    assert f"has {value} at 5, and {ROWS} rows give 0 to {ROWS}" in read(store, replace(UPDATE, vector=outside))


def test_read_of_an_update_that_nobody_has_says_it_is_absent(store: DirectoryStore) -> None:
    digest = UPDATE.publish(store)
    store.file_of(digest, Codec.DAG_CBOR).unlink()
    assert RULES.read(Submission(2, 7, digest, bytes(96)), OWNER, store).absent


def test_differing_counts_and_shows_the_first_number_that_is_another() -> None:
    due = np.arange(5, dtype=np.int64)
    assert differing(due, due) == ""
    assert differing(due * 2, due) == "differs in 4 of 5 numbers from what its rows give: at 1 it has 2, they give 1"


def test_exact_sum_of_what_could_leave_64_bits_is_none() -> None:
    most = np.array([np.iinfo(np.int64).max - 1, 0])
    assert exact_sum([most, np.array([0, 2])], 2) is None
    assert exact_sum([np.array([np.iinfo(np.int64).min, 0])], 2) is None
    total = exact_sum([most, np.array([1, -1])], 2)
    assert total is not None
    assert total.tolist() == [np.iinfo(np.int64).max, -1]
    empty = exact_sum([], 2)
    assert empty is not None
    assert empty.tolist() == [0, 0]
