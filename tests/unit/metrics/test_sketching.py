"""Marks and buckets are pinned, and estimates are near."""

from __future__ import annotations

import hashlib
import random

import numpy as np
import pyarrow as pa
import pytest

from anomalyhive.errors import BadSetting, BadTable
from anomalyhive.metrics.addresses import as_packed
from anomalyhive.metrics.sketching import (
    _ALPHA,
    NO_MARK,
    REGISTERS,
    WEIGHT_BITS,
    _marks_of,
    address_bytes,
    address_marks,
    amount_marks,
    bucket_of,
    buckets_of,
    estimates,
    mark_of,
)

ADDRESS = "0x6860e0f9f67b346034095a52665b0f85bd884691"


def test_mark_of_is_register_and_rank_of_sha256() -> None:
    digest = hashlib.sha256(b"abc").digest()  # ba7816bf8f01cfea...
    assert digest[0] == 0xBA
    assert mark_of(b"abc") == 0xBA * 64 + 2  # 0x78 begins with one zero bit


def test_bucket_of_is_another_part_of_the_hash() -> None:
    hashed = hashlib.sha256(bytes.fromhex(ADDRESS[2:])).digest()
    assert bucket_of(ADDRESS, 7) == int.from_bytes(hashed[8:16], "big") % 7


@pytest.mark.parametrize("address", ["", "0x12", "0x" + "G" * 40, ADDRESS.upper(), "GENESIS"])
def test_bucket_of_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(BadTable, match="is no address"):
        bucket_of(address, 2)


@pytest.mark.parametrize("buckets", [0, -1, 1 << 17])
def test_bucket_of_an_impossible_number_of_buckets_is_refused(buckets: int) -> None:
    with pytest.raises(BadSetting, match=f"{buckets} buckets"):
        bucket_of(ADDRESS, buckets)


@pytest.mark.parametrize("count", [0, 1, 2, 10, 100, 1000, 100_000])
def test_estimates_are_within_four_standard_errors(count: int) -> None:
    registers = np.zeros(REGISTERS, dtype=np.int64)
    for number in range(count):
        mark = mark_of(number.to_bytes(20, "big"))
        registers[mark >> 6] = max(registers[mark >> 6], mark & 63)
    filled = registers[registers > 0]
    found = estimates(np.array([len(filled)]), np.array([(1 << (WEIGHT_BITS - filled)).sum()]))
    assert abs(int(found[0]) - count) <= max(0.26 * count, 0.5 if count < 3 else 2)


def test_marks_and_buckets_of_columns_are_those_of_single_values() -> None:
    draw = random.Random(2)
    addresses = ["0x" + draw.randbytes(20).hex() for _ in range(500)]
    amounts = [str(draw.randrange(10 ** draw.randrange(1, 27))) for _ in range(500)]
    packed = as_packed(pa.array(addresses))
    assert buckets_of(packed, 13).tolist() == [bucket_of(one, 13) for one in addresses]
    column = pa.chunked_array([pa.array([*addresses[:9], None]), pa.array(addresses[9:])])
    expected = [mark_of(address_bytes(one)) for one in addresses]
    assert address_marks(column).tolist() == [*expected[:9], NO_MARK, *expected[9:]]
    assert amount_marks(pa.chunked_array([amounts])).tolist() == [mark_of(one.encode()) for one in amounts]


@pytest.mark.parametrize("rest", [0, 1, 2, 3, (1 << 32) - 1, 1 << 32, (1 << 55) - 1, 1 << 55, (1 << 56) - 1])
def test_marks_of_bits_have_the_rank_of_their_leading_zeros(rest: int) -> None:
    assert _marks_of(np.array([7 << 56 | rest], np.uint64)).tolist() == [7 << 6 | 57 - rest.bit_length()]


def test_estimates_divide_as_integers_of_any_size_do() -> None:
    weights = np.array([256, 12_345, (1 << 50) + 7, 256 << 47])
    found = estimates(np.full(4, REGISTERS), weights)
    assert found.tolist() == [(_ALPHA << WEIGHT_BITS) // one for one in weights.tolist()]
