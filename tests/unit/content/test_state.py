"""Learned states as documents: every value comes back with its type, and arrays are told from maps."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from anomalyhive.content import DirectoryStore
from anomalyhive.content.codec import decode, encode
from anomalyhive.content.state import entries_in, read_value, write_value
from anomalyhive.errors import BadInput

INT64 = st.integers(-(1 << 63), (1 << 63) - 1)
ARRAYS = npst.arrays(np.int64, st.sampled_from([(), (0,), (3,), (2, 2)]), elements=INT64)
VALUES = st.recursive(
    st.one_of(INT64, st.text(max_size=9), st.binary(max_size=9), ARRAYS),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> DirectoryStore:
    return DirectoryStore(tmp_path_factory.mktemp("blocks"))


def same(left: Any, right: Any) -> bool:
    if isinstance(left, np.ndarray):
        return isinstance(right, np.ndarray) and left.shape == right.shape and np.array_equal(left, right)
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list):
        return len(left) == len(right) and all(map(same, left, right))
    return type(left) is type(right) and left == right


@settings(deadline=None, derandomize=True, max_examples=200)
@given(value=VALUES)
def test_read_gives_back_what_was_written(shared: DirectoryStore, value: Any) -> None:
    written = write_value(shared, value)
    assert same(value, read_value(shared, decode(encode(written))))


def test_long_arrays_go_to_raw_blocks_and_come_back(store: DirectoryStore) -> None:
    state = {"trees": [{"leaves": np.arange(100_000)}, {"leaves": np.arange(5)}]}
    document = write_value(store, state)
    assert len(encode(document)) < 1000
    assert entries_in(document) == 100_005
    assert same(state, read_value(store, document))


def test_write_of_a_numpy_integer_is_that_integer(store: DirectoryStore) -> None:
    assert write_value(store, {"a": np.int16(-3)}) == {"a": -3}  # type: ignore[dict-item] # tolerated


@pytest.mark.parametrize(
    ("value", "named"),
    [
        ({"a": {"b": 1.5}}, r"state\.a\.b is 1\.5"),
        ({"a": [0, True]}, r"state\.a\[1\] is True"),
        ({"a": None}, r"state\.a is None"),
        ({"a": (1,)}, r"state\.a"),
        ({"a": np.array([0.5])}, r"state\.a .*float64"),
        ({"x": {"shape": 1, "width": 2, "data": 3}}, r"state\.x has exactly the keys of an array"),
    ],
)
def test_write_of_what_no_state_holds_names_it(store: DirectoryStore, value: Any, named: str) -> None:
    with pytest.raises(BadInput, match=named):
        write_value(store, value)


def test_write_of_endless_nesting_is_refused(store: DirectoryStore) -> None:
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(BadInput, match="levels"):
        write_value(store, loop)


@pytest.mark.parametrize("document", [None, True, [None], {"a": {"b": False}}])
def test_read_of_what_no_state_holds_is_refused(store: DirectoryStore, document: Any) -> None:
    with pytest.raises(BadInput, match="state"):
        read_value(store, document)
