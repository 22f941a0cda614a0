"""What a fixed hash makes of an address or an amount: its mark in a sketch, and the bucket that it belongs to.

A mark is one register and rank of HyperLogLog (Flajolet et al., "HyperLogLog: the analysis of a near-optimal
cardinality estimation algorithm", AofA 2007). The hash is SHA-256: whoever pays to addresses of his choice has to
search for those that inflate a sketch, as he cannot compute them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from anomalyhive.errors import BadSetting, BadTable
from anomalyhive.metrics.addresses import as_packed, hashed
from anomalyhive.metrics.hashing import half_digests

REGISTER_BITS = 8
REGISTERS = 1 << REGISTER_BITS
"""Registers of a sketch; the standard error of a large count is 1.04 / sqrt(256) = 6.5 %."""

RANK_BITS = 6
MOST_RANK = 57
"""A mark hashes 64 bits: 8 choose the register, and the rank counts zeros in the other 56, plus one."""

NO_MARK = -1
MOST_BUCKETS = 1 << 16
ADDRESS = re.compile(r"0x[0-9a-f]{40}")


def address_bytes(address: str) -> bytes:
    """The 20 bytes of an address. Raises BadTable for what is none."""
    if not ADDRESS.fullmatch(address):
        raise BadTable(f"{address[:80]!r} is no address: give 0x and 40 hexadecimal digits in lower case")
    return bytes.fromhex(address[2:])


def bucket_of(address: str, buckets: int) -> int:
    """The bucket of an address, from 0 to ``buckets`` - 1; other bits of the hash than a mark uses."""
    _check_buckets(buckets)
    return int.from_bytes(hashlib.sha256(address_bytes(address)).digest()[8:16], "big") % buckets


def buckets_of(packed: NDArray[np.uint8], buckets: int) -> NDArray[np.int64]:
    """The buckets (n,) of addresses (n, 20), as `bucket_of` gives them."""
    _check_buckets(buckets)
    found: NDArray[np.int64] = (hashed(packed)[:, 1] % np.uint64(buckets)).astype(np.int64)
    return found


def _check_buckets(buckets: int) -> None:
    if not 1 <= buckets <= MOST_BUCKETS:
        raise BadSetting(f"{buckets} buckets: give a number from 1 to {MOST_BUCKETS}")


def mark_of(data: bytes) -> int:
    """Register * 64 + rank."""
    bits = int.from_bytes(hashlib.sha256(data).digest()[:8], "big")
    rest = bits & ((1 << 64 - REGISTER_BITS) - 1)
    rank = 64 - REGISTER_BITS - rest.bit_length() + 1
    return (bits >> 64 - REGISTER_BITS) << RANK_BITS | rank


def _marks_of(bits: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Marks (n,) of the first 64 bits of hashes, as `mark_of` gives them."""
    rest = bits & np.uint64((1 << 64 - REGISTER_BITS) - 1)
    # A float holds 32 bits exactly, and its exponent says how many there are.
    high, low = (
        np.frexp(part.astype(np.float64))[1] for part in (rest >> np.uint64(32), rest & np.uint64((1 << 32) - 1))
    )
    rank = 64 - REGISTER_BITS + 1 - np.where(high > 0, 32 + high, low).astype(np.int64)
    found: NDArray[np.int64] = (bits >> np.uint64(64 - REGISTER_BITS)).astype(np.int64) << RANK_BITS | rank
    return found


def address_marks(addresses: pa.ChunkedArray) -> NDArray[np.int64]:
    """Marks (n,) of a column of addresses, NO_MARK for null; each distinct one is hashed once."""
    return _marks(addresses, lambda texts: hashed(as_packed(texts)))


def amount_marks(amounts: pa.ChunkedArray) -> NDArray[np.int64]:
    """Marks (n,) of a column of amounts, decimal texts."""
    return _marks(amounts, _hashed_texts)


def _hashed_texts(texts: pa.Array) -> NDArray[np.uint64]:
    texts = pc.cast(texts, pa.large_string())
    offsets = np.frombuffer(texts.buffers()[1], np.int64)[texts.offset :][: len(texts) + 1]
    data = np.frombuffer(texts.buffers()[2] or b"", np.uint8)
    return half_digests(data, offsets[:-1], offsets[1:])


def _marks(column: pa.ChunkedArray, half: Callable[[pa.Array], NDArray[np.uint64]]) -> NDArray[np.int64]:
    encoded = column.combine_chunks().dictionary_encode() if len(column) else None
    if encoded is None:
        return np.zeros(0, dtype=np.int64)
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    marks = np.append(_marks_of(half(encoded.dictionary)[:, 0]), NO_MARK)
    found: NDArray[np.int64] = marks[encoded.indices.fill_null(len(marks) - 1).to_numpy(zero_copy_only=False)]
    return found


_ALPHA = 7213 * REGISTERS**3 // (10000 * REGISTERS + 10790)
"""alpha * m^2 with alpha = 0.7213 / (1 + 1.079 / m), rounded down."""

# m * ln(m / V), rounded to the nearest integer, for V empty registers: linear counting (Whang et al. 1990).
_LINEAR = np.array(
    [0, *(int(REGISTERS * np.log(REGISTERS / empty) + 0.5) for empty in range(1, REGISTERS + 1))], dtype=np.int64
)


WEIGHT_BITS = 48
"""Weights are in 2^-48; ranks above 48 weigh nothing beside the rest."""


def estimates(filled: NDArray[np.int64], weights: NDArray[np.int64]) -> NDArray[np.int64]:
    """Distinct counts (n,) of sketches with ``filled`` registers whose 2^-rank add up to ``weights``."""
    total = weights + ((REGISTERS - filled) << WEIGHT_BITS)
    # The dividend has 64 bits; 256 registers weigh one at least, so the quotient has 56.
    raw = (np.uint64(_ALPHA << WEIGHT_BITS) // np.maximum(total, 1).astype(np.uint64)).astype(np.int64)
    small = (2 * raw <= 5 * REGISTERS) & (filled < REGISTERS)
    found: NDArray[np.int64] = np.where(small, _LINEAR[REGISTERS - filled], raw)
    return found
