"""Arrays and texts: one encoding each, and readers that believe nothing."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from numpy.typing import NDArray

from anomalyhive.content import Codec, DirectoryStore, Link
from anomalyhive.content.codec import RAW_LIMIT, Document
from anomalyhive.content.vectors import (
    INLINE_BYTES,
    MOST_ENTRIES,
    read_array,
    read_texts,
    write_array,
    write_texts,
)
from anomalyhive.errors import BadInput, ContentMissing

INT64 = st.one_of(
    st.integers(-5, 5),
    st.sampled_from([-(1 << 15), (1 << 15) - 1, -(1 << 31), (1 << 31) - 1, -(1 << 63), (1 << 63) - 1]),
    st.integers(-(1 << 63), (1 << 63) - 1),
)
ARRAYS = st.lists(st.integers(0, 4), max_size=3).flatmap(
    lambda shape: npst.arrays(np.int64, tuple(shape), elements=INT64)
)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> DirectoryStore:
    return DirectoryStore(tmp_path_factory.mktemp("blocks"))


@settings(deadline=None, derandomize=True, max_examples=200)
@given(array=ARRAYS)
def test_read_gives_back_what_was_written(shared: DirectoryStore, array: NDArray[np.int64]) -> None:
    document = write_array(shared, array)
    read = read_array(shared, document)
    assert read.dtype == np.int64
    assert read.shape == array.shape
    assert np.array_equal(read, array)
    assert not read.flags.writeable


@settings(deadline=None, derandomize=True, max_examples=100)
@given(array=ARRAYS, dtype=st.sampled_from(["<i8", ">i8", "<i4", ">i2", "u1"]))
def test_write_depends_on_the_entries_alone(shared: DirectoryStore, array: NDArray[np.int64], dtype: str) -> None:
    """Neither byte order, nor width, nor memory layout of the writer shows."""
    narrow = array.astype(dtype)
    plain = write_array(shared, np.ascontiguousarray(narrow).astype(np.int64).reshape(array.shape))
    assert write_array(shared, narrow) == plain
    assert write_array(shared, np.array(narrow, order="F")) == plain


@pytest.mark.parametrize(
    ("entries", "width"),
    [
        ([], 2),
        ([0], 2),
        ([32767, -32768], 2),
        ([32768], 4),
        ([-32769], 4),
        ([2147483647, -2147483648], 4),
        ([2147483648], 8),
        ([-2147483649], 8),
        ([-(1 << 63), (1 << 63) - 1], 8),
    ],
)
def test_write_takes_the_narrowest_width(store: DirectoryStore, entries: list[int], width: int) -> None:
    document = write_array(store, np.array(entries, dtype=np.int64))
    assert document == {
        "shape": [len(entries)],
        "width": width,
        "data": b"".join(entry.to_bytes(width, "little", signed=True) for entry in entries),
    }


@pytest.mark.parametrize(
    "size", [0, INLINE_BYTES // 2, INLINE_BYTES // 2 + 1, RAW_LIMIT // 2, RAW_LIMIT // 2 + 1, 300_000]
)
def test_write_splits_at_the_limits_only(store: DirectoryStore, size: int) -> None:
    array = np.arange(size, dtype=np.int64) % 1000
    document = write_array(store, array)
    if 2 * size <= INLINE_BYTES:
        assert isinstance(document["data"], bytes)
        assert list(store.digests()) == []
    else:
        links: Any = document["data"]
        assert [len(store.get(*link)) for link in links] == [RAW_LIMIT] * (2 * size // RAW_LIMIT) + (
            [2 * size % RAW_LIMIT] if 2 * size % RAW_LIMIT else []
        )
    assert np.array_equal(read_array(store, document), array)


@pytest.mark.parametrize(
    "array",
    [
        np.zeros(2),
        np.array([True]),
        np.array(["a"]),
        np.array([1], dtype=object),
        np.array([1 << 63], dtype=np.uint64),
        [1, 2],
    ],
    ids=repr,
)
def test_write_of_other_entries_is_refused(store: DirectoryStore, array: Any) -> None:
    with pytest.raises(BadInput, match="array"):
        write_array(store, array)


def test_write_of_too_many_dimensions_is_refused(store: DirectoryStore) -> None:
    with pytest.raises(BadInput, match="8 axes"):
        write_array(store, np.zeros((1,) * 9, dtype=np.int64))


GOOD: dict[str, Any] = {"shape": [2, 2], "width": 2, "data": bytes([1, 0, 2, 0, 3, 0, 4, 0])}
WIDE = Link(bytes(32), Codec.RAW)
"""A block that no store has: a reader that tries to fetch it raises ContentMissing instead of BadInput."""

BAD = {
    "no map": [1],
    "key missing": {"shape": [0], "width": 2},
    "key unknown": {**GOOD, "order": "C"},
    "shape no list": {**GOOD, "shape": 4},
    "shape with text": {**GOOD, "shape": [2, "2"]},
    "shape with a bool": {**GOOD, "shape": [4, True]},
    "shape negative": {**GOOD, "shape": [-2, -2]},
    "shape of other size": {**GOOD, "shape": [2, 3]},
    "shape of 9 axes": {**GOOD, "shape": [4] + [1] * 8},
    "shape huge": {**GOOD, "shape": [1 << 62, 1 << 62], "data": [WIDE]},
    "shape huge behind a zero": {**GOOD, "shape": [0, 1 << 62, 1 << 62], "data": b""},
    "shape over the limit": {**GOOD, "shape": [MOST_ENTRIES + 1], "data": [WIDE] * 2049},
    "width 1": {**GOOD, "width": 1, "data": b"\1\2\3\4"},
    "width 3": {**GOOD, "width": 3, "data": bytes(12)},
    "width a bool": {**GOOD, "width": True},
    "width text": {**GOOD, "width": "2"},
    "width too wide": {**GOOD, "width": 4, "data": np.array([1, 2, 3, 4], "<i4").tobytes()},
    "width too wide when empty": {"shape": [0], "width": 4, "data": b""},
    "data short": {**GOOD, "data": bytes(7)},
    "data long": {**GOOD, "data": bytes(9)},
    "data a number": {**GOOD, "data": 5},
    "data linked though short": {**GOOD, "data": [WIDE]},
    "data inline though long": {"shape": [3000], "width": 2, "data": bytes(6000)},
    "too few links": {"shape": [200_000], "width": 2, "data": [WIDE]},
    "too many links": {"shape": [3000], "width": 2, "data": [WIDE, WIDE]},
    "link to a root": {"shape": [3000], "width": 2, "data": [Link(bytes(32), Codec.DAG_CBOR)]},
    "no link": {"shape": [3000], "width": 2, "data": [bytes(32)]},
}


def test_the_good_document_is_good(store: DirectoryStore) -> None:
    assert read_array(store, GOOD).tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize("name", BAD)
def test_read_of_another_encoding_is_refused_before_anything_is_fetched(store: DirectoryStore, name: str) -> None:
    with pytest.raises(BadInput, match="the field"):
        read_array(store, BAD[name], "the field")


def test_read_with_another_shape_than_asked_is_refused_before_anything_is_fetched(store: DirectoryStore) -> None:
    with pytest.raises(BadInput, match=r"\(3000,\), not \(3001,\)"):
        read_array(store, {"shape": [3000], "width": 2, "data": [WIDE]}, "vector", (3001,))


@pytest.mark.parametrize("change", [-2, -1, 1, 2])
def test_read_with_a_block_of_another_size_is_refused(store: DirectoryStore, change: int) -> None:
    link = Link(store.put_raw(bytes(6000 + change)), Codec.RAW)
    with pytest.raises(BadInput, match=f"piece 0 has {6000 + change} bytes, not 6000"):
        read_array(store, {"shape": [3000], "width": 2, "data": [link]})


def test_read_with_a_missing_block_names_it(store: DirectoryStore) -> None:
    with pytest.raises(ContentMissing) as caught:
        read_array(store, {"shape": [3000], "width": 2, "data": [WIDE]})
    assert caught.value.digest == WIDE.digest


@settings(deadline=None, derandomize=True, max_examples=100)
@given(texts=st.lists(st.text(max_size=40), max_size=20))
def test_texts_come_back_as_they_were(shared: DirectoryStore, texts: list[str]) -> None:
    assert read_texts(shared, write_texts(shared, texts), len(texts)) == tuple(texts)


def test_many_texts_go_to_raw_blocks(store: DirectoryStore) -> None:
    texts = [f"0x{index:040x}" for index in range(20_000)]
    document = write_texts(store, texts)
    data: Any = document["data"]
    assert len(data) == math.ceil(42 * 20_000 / RAW_LIMIT)
    assert read_texts(store, document, 20_000) == tuple(texts)


def texts_of(lengths: list[int], data: Document, store: DirectoryStore) -> Document:
    return {"lengths": dict(write_array(store, np.array(lengths, dtype=np.int64))), "data": data}


@pytest.mark.parametrize(
    ("lengths", "data"),
    [
        ([1, 1], b"abc"),
        ([1], b"ab"),
        ([-1, 3], b"ab"),
        ([1 << 60, 1 << 60], b""),
        ([1, 1], "ä".encode()),
        ([3], b"\xed\xa0\x80"),
    ],
)
def test_read_texts_of_another_encoding_is_refused(store: DirectoryStore, lengths: list[int], data: bytes) -> None:
    with pytest.raises(BadInput, match="ids"):
        read_texts(store, texts_of(lengths, data, store), len(lengths), "ids")


def test_read_texts_of_another_count_is_refused(store: DirectoryStore) -> None:
    with pytest.raises(BadInput, match=r"\(1,\), not \(2,\)"):
        read_texts(store, texts_of([1], b"a", store), 2)


def test_write_texts_with_half_a_surrogate_pair_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="surrogate"):
        write_texts(DirectoryStore(tmp_path), ["fine", "\udcff"], "ids")
