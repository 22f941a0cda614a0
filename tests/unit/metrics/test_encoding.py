"""One encoding for one partial; anything else is refused with words."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anomalyhive.errors import BadInput
from anomalyhive.metrics.chunks import Chunk
from anomalyhive.metrics.encoding import MAGIC, STATISTICS_DIGEST, decode, encode
from anomalyhive.metrics.engines import Engine, engine_named
from anomalyhive.metrics.partial import NOTHING, Partial, merge, partials
from anomalyhive.metrics.statistics import COLUMNS

COUNTS = len(MAGIC) + 32
"""Where the four counts stand."""


@pytest.fixture(scope="module")
def part(sample: list[Chunk], polars_engine: Engine) -> Partial:
    two = [partials(polars_engine, chunk.events(), chunk.start, chunk.stop) for chunk in (sample[0], sample[2])]
    return merge(two).bucket(0, 40)


def test_decode_of_encode_is_the_same_partial(part: Partial) -> None:
    assert len(part.totals) > 5
    assert decode(encode(part)) == part
    assert decode(encode(NOTHING)) == NOTHING


def test_decode_of_another_beginning_is_refused() -> None:
    with pytest.raises(BadInput, match="no partial statistics"):
        decode(b"PK\x03\x04" + bytes(200))


def test_decode_of_other_statistics_is_refused(part: Partial) -> None:
    data = bytearray(encode(part))
    data[len(MAGIC)] ^= 1
    with pytest.raises(BadInput, match="this version knows"):
        decode(bytes(data))


@pytest.mark.parametrize("which", range(4))
def test_decode_of_a_huge_count_is_refused_before_it_allocates(part: Partial, which: int) -> None:
    data = bytearray(encode(part))
    struct.pack_into("<Q", data, COUNTS + 8 * which, 1 << 31)
    with pytest.raises(BadInput, match=r"cannot be|ends within"):
        decode(bytes(data))


def test_decode_of_any_beginning_alone_is_refused(part: Partial) -> None:
    data = encode(part)
    for size in range(0, len(data), 97):
        with pytest.raises(BadInput, match=r"ends within|no partial"):
            decode(data[:size])


def test_decode_of_more_at_the_end_is_refused(part: Partial) -> None:
    with pytest.raises(BadInput, match="1 bytes follow the end"):
        decode(encode(part) + b"\0")


@pytest.mark.parametrize(("rows", "marks"), [(1, 1 << 32), (60_000, 0)])
def test_decode_of_columns_of_no_width_for_more_entries_than_there_are_bytes_is_refused(rows: int, marks: int) -> None:
    """Else counts alone would take all memory there is."""
    ranges, address = 60_000, bytes(20)
    cover = struct.pack(f"<{2 * ranges}Q", *range(2 * ranges))
    counts = struct.pack("<4Q", ranges, 1, rows, marks)
    columns = bytes(2 + len(COLUMNS) + 3)
    with pytest.raises(BadInput, match=f"{rows} rows and {marks} marks"):
        decode(MAGIC + STATISTICS_DIGEST + counts + cover + address + columns)


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_decode_of_a_changed_byte_is_refused_or_is_the_one_encoding_of_something(data: st.DataObject) -> None:
    whole = bytearray(_encoded())
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] ^= data.draw(st.integers(1, 255))
    try:
        found = decode(bytes(whole))
    except BadInput:
        return
    assert encode(found) == bytes(whole)


_ENCODED: list[bytes] = []


def _encoded() -> bytes:
    if not _ENCODED:
        from tests.unit.metrics.conftest import SAMPLE

        from anomalyhive.metrics.chunks import find_chunks

        chunk = find_chunks(SAMPLE)[1]
        part = partials(engine_named("polars"), chunk.events(), chunk.start, chunk.stop)
        _ENCODED.append(encode(part.bucket(0, 300)))
    return _ENCODED[0]
