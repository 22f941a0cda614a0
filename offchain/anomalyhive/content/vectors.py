"""Integer arrays and long texts in blocks, each with one encoding only.

An array is the map ``{shape, width, data}``: its entries in C order as little-endian two's complement of the
narrowest of 2, 4 and 8 bytes that holds all of them (2 for an empty one). ``data`` is the bytes themselves up
to 4096 of them, and otherwise the list of links to raw blocks of 256 KiB, the last one shorter.
Readers know the exact size of all that they fetch before they allocate.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from anomalyhive.content.cid import Codec, Link
from anomalyhive.content.codec import RAW_LIMIT, Document
from anomalyhive.content.store import Store
from anomalyhive.errors import BadInput

INLINE_BYTES = 4096
"""Data up to this length stands in the root itself: a block of its own would cost more than it saves."""

WIDTHS = (2, 4, 8)
"""Bytes of one entry."""

MOST_DIMENSIONS = 8
MOST_ENTRIES = 1 << 28
"""Entries of an array: 2 GiB in memory, far above any update, and a bound on what a hostile root may ask."""

ARRAY_KEYS = frozenset({"shape", "width", "data"})


def write_bytes(store: Store, data: bytes, inline: int = INLINE_BYTES) -> Document:
    """``data`` itself up to ``inline`` bytes, else the links of the raw blocks that were put."""
    if len(data) <= inline:
        return data
    pieces = memoryview(data)
    starts = range(0, len(data), RAW_LIMIT)
    return [Link(store.put_raw(bytes(pieces[at : at + RAW_LIMIT])), Codec.RAW) for at in starts]


def read_bytes(store: Store, value: Document, size: int, name: str, inline: int = INLINE_BYTES) -> bytes:
    """The ``size`` bytes that write_bytes put; BadInput if the pieces are not what the size asks for."""
    if size <= inline:
        if not isinstance(value, bytes) or len(value) != size:
            raise BadInput(f"{name}: {size} bytes must stand in the root itself")
        return value
    pieces = -(-size // RAW_LIMIT)
    if not isinstance(value, list) or len(value) != pieces:
        raise BadInput(f"{name}: {size} bytes must be {pieces} links to raw blocks")
    whole = bytearray()
    for index, link in enumerate(value):
        if not isinstance(link, Link) or link.codec is not Codec.RAW:
            raise BadInput(f"{name}: piece {index} is not a link to a raw block")
        block = store.get(link.digest, Codec.RAW)
        due = min(RAW_LIMIT, size - index * RAW_LIMIT)
        if len(block) != due:
            raise BadInput(f"{name}: piece {index} has {len(block)} bytes, not {due}")
        whole += block
    return bytes(whole)


def narrowest(array: NDArray[np.int64]) -> int:
    """The least width that holds every entry."""
    if array.size == 0:
        return WIDTHS[0]
    low, high = int(array.min()), int(array.max())
    return next(width for width in WIDTHS if -(1 << (8 * width - 1)) <= low and high < 1 << (8 * width - 1))


def as_int64(array: object, name: str) -> NDArray[np.int64]:
    """``array`` as int64 in C order, read-only, copied if need be; BadInput unless integers that fit."""
    if not isinstance(array, np.ndarray) or array.dtype.kind not in "iu":
        raise BadInput(f"{name} is no array of integers but {getattr(array, 'dtype', type(array).__name__)}")
    if array.dtype.kind == "u" and array.size and int(array.max()) >= 1 << 63:
        raise BadInput(f"{name} has the entry {int(array.max())}, which exceeds 64 bits with sign")
    if array.dtype == np.int64 and array.flags.c_contiguous and not array.flags.writeable:
        return array
    copy = np.array(array, dtype=np.int64, order="C")
    copy.flags.writeable = False
    return copy


def write_array(store: Store, array: NDArray[np.integer], name: str = "array") -> dict[str, Document]:
    """Put what is long of an integer array; return the map that stands for it in a root."""
    entries = as_int64(array, name)
    if entries.ndim > MOST_DIMENSIONS or entries.size > MOST_ENTRIES:
        raise BadInput(f"{name}: {entries.shape} has over {MOST_DIMENSIONS} axes or {MOST_ENTRIES} entries")
    width = narrowest(entries)
    data = entries.astype(f"<i{width}").tobytes()
    return {"shape": list(entries.shape), "width": width, "data": write_bytes(store, data)}


def array_shape(value: Document, name: str) -> tuple[int, ...]:
    """The shape that an array's map declares; BadInput unless it is possible and within the limits."""
    if not isinstance(value, dict) or value.keys() != ARRAY_KEYS:
        raise BadInput(f"{name} is not an array: it needs exactly the keys {', '.join(sorted(ARRAY_KEYS))}")
    shape = value["shape"]
    if not isinstance(shape, list) or len(shape) > MOST_DIMENSIONS:
        raise BadInput(f"{name}: shape {str(shape)[:80]} is not a list of at most {MOST_DIMENSIONS} lengths")
    lengths = [length for length in shape if isinstance(length, int) and not isinstance(length, bool)]
    # A zero length must not hide huge ones: numpy itself refuses such shapes.
    possible = len(lengths) == len(shape) and min(lengths, default=0) >= 0
    if not possible or math.prod(max(length, 1) for length in lengths) > MOST_ENTRIES:
        raise BadInput(f"{name}: shape {str(shape)[:80]} is impossible or has over {MOST_ENTRIES} entries")
    return tuple(lengths)


def read_array(
    store: Store, value: Document, name: str = "array", shape: Sequence[int] | None = None
) -> NDArray[np.int64]:
    """The array behind a root's map, int64 and read-only.

    ``shape``, where the caller knows it, is held against the declared one before any block is fetched.
    BadInput when it is not the one canonical encoding; the store's errors when a piece is not to be had.
    """
    declared = array_shape(value, name)
    assert isinstance(value, dict)
    if shape is not None and declared != tuple(shape):
        raise BadInput(f"{name} has the shape {declared}, not {tuple(shape)}")
    width = value["width"]
    if isinstance(width, bool) or width not in WIDTHS:
        raise BadInput(f"{name}: width {str(width)[:80]} is none of {WIDTHS}")
    data = read_bytes(store, value["data"], math.prod(declared) * int(str(width)), name)
    array = np.frombuffer(data, dtype=f"<i{width}").astype(np.int64).reshape(declared)
    if narrowest(array) != width:
        raise BadInput(f"{name}: its entries fit into {narrowest(array)} bytes, but {width} are used")
    array.flags.writeable = False
    return array


def write_texts(store: Store, texts: Sequence[str], name: str = "texts") -> dict[str, Document]:
    """A list of texts as the array of their lengths in UTF-8 bytes, and all of them one after the other."""
    try:
        encoded = [text.encode("utf-8") for text in texts]
    except UnicodeEncodeError as error:
        raise BadInput(f"{name}: {error.object[:80]!r} is no text: it holds half a surrogate pair") from error
    lengths = np.array([len(text) for text in encoded], dtype=np.int64)
    return {"lengths": write_array(store, lengths, name), "data": write_bytes(store, b"".join(encoded))}


def read_texts(store: Store, value: Document, count: int, name: str = "texts") -> tuple[str, ...]:
    """The ``count`` texts that write_texts put."""
    if not isinstance(value, Mapping) or value.keys() != {"lengths", "data"}:
        raise BadInput(f"{name} is not a list of texts: it needs exactly the keys data, lengths")
    lengths = read_array(store, value["lengths"], name, (count,))
    if lengths.size and (int(lengths.min()) < 0 or int(lengths.max()) > MOST_ENTRIES):
        raise BadInput(f"{name}: a text of length {int(lengths.min())} or {int(lengths.max())} cannot be")
    ends = [0, *np.cumsum(lengths).tolist()]
    if ends[-1] > MOST_ENTRIES:
        raise BadInput(f"{name}: {ends[-1]} bytes of text exceed {MOST_ENTRIES}")
    data = read_bytes(store, value["data"], ends[-1], name)
    try:
        return tuple(data[start:end].decode("utf-8") for start, end in itertools.pairwise(ends))
    except UnicodeDecodeError as error:
        raise BadInput(f"{name}: byte {error.start} of a text is not UTF-8") from error
