"""JSON into nodes, in machine code: where each value of a text stands, so that no objects of Python are made.

Only the plain JSON is taken that nodes send: ASCII, no escapes in strings, no fractions, nothing nested deeper than a
block. Of anything else it is said that it was not read, and the ordinary parser judges it.

A text of n values has n nodes in their order, with those of lists and maps before their members; of a map's members the
name comes before the value. ``nexts`` is the node after a value and all that is in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Places = NDArray[np.int64]
Names = tuple[Bytes, Places]

NULL, STRING, NUMBER, BOOL, LIST, MAP = range(6)
"""Kinds of nodes."""

DEEPEST = 32

QUOTE = 34
QUOTES, ONES, HIGH_BITS = (np.uint64(0x0101010101010101 * byte) for byte in (QUOTE, 1, 128))

BYTES_A_NODE = (16, 4)
"""A text has a node for so many bytes at most: names and values of a block have more than twenty, so there is room for
that at first; and then for what no block has, beyond which it is not read."""

FULL = -2
"""What `_scan` says of a text that has more nodes than there is room for."""


@dataclass(frozen=True)
class Nodes:
    """The nodes of ``data``: a string's start and end are those of what stands between the quotes."""

    data: Bytes
    kinds: Bytes
    starts: Places
    ends: Places
    nexts: Places

    def text(self, node: int) -> str:
        """What stands in the text for a node; of a string without its quotes."""
        return self.data[self.starts[node] : self.ends[node]].tobytes().decode("ascii")


def scan(data: Bytes, stop: int) -> Nodes | None:
    """The nodes of data[:stop], None where it is not of the plain kind; data must have whole words of 8 bytes."""
    if not _plain(data[:stop]):
        return None
    for bytes_a_node in BYTES_A_NODE:
        room = stop // bytes_a_node + 16
        kinds = np.empty(room, np.uint8)
        starts, ends, nexts = (np.empty(room, np.int64) for _ in range(3))
        count = _scan(data, data.view(np.uint64), stop, kinds, starts, ends, nexts)
        if count != FULL:
            break
    return Nodes(data, kinds, starts, ends, nexts) if count > 0 else None


def members_of(nodes: Nodes, lists: Places, names: Names) -> tuple[Places, Places] | None:
    """The node of each named member (n, names) of the maps in all the lists, and how many maps each list has.

    -1 is where a member is missing; None is the result if one of the lists is none or holds what is no map.
    """
    counts = np.zeros(len(lists), np.int64)
    if not _counted(nodes.kinds, nodes.nexts, lists, counts):
        return None
    maps = np.empty(counts.sum(), np.int64)
    _listed(nodes.nexts, lists, maps)
    return members_of_maps(nodes, maps, names), counts


def members_of_maps(nodes: Nodes, maps: Places, names: Names) -> Places:
    """The node of each named member (n, names) of maps; -1 where one is missing."""
    found = np.full((len(maps), len(names[1]) - 1), -1, np.int64)
    _members(nodes.data, nodes.starts, nodes.ends, nodes.nexts, maps, *names, found)
    return found


def packed_names(*names: str) -> Names:
    """Names as `members_of` takes them."""
    stops = np.cumsum([len(name) for name in names], dtype=np.int64)
    return np.frombuffer(bytearray("".join(names).encode()), np.uint8), np.concatenate([np.zeros(1, np.int64), stops])


@numba.njit(cache=True, nogil=True)
def _plain(data: Bytes) -> bool:
    """Whether all is printable ASCII without a backslash."""
    strange = 0
    for place in range(len(data)):  # without a way out, so that many bytes are looked at together
        byte = data[place]
        strange |= (byte < 32) | (byte > 126) | (byte == 92)
    return strange == 0


@numba.njit(cache=True, nogil=True)
def _scan(data: Bytes, words: Any, stop: int, kinds: Bytes, starts: Places, ends: Places, nexts: Places) -> int:
    """The number of nodes, -1 where the text is not of the plain kind, FULL where there is no room for all."""
    opened = np.zeros(DEEPEST, np.int64)
    depth, count, at, room = 0, 0, 0, len(kinds)
    # What may come: a value (0), a name (1), a value or the list's end (2), a name or the map's end (3), a comma or an
    # end (4).
    expected = 0
    while at < stop:
        byte = data[at]
        if byte == 32:
            at += 1
            continue
        if expected == 4:
            if depth == 0:
                return -1
            holder = opened[depth - 1]
            if byte == 44:
                expected = 1 if kinds[holder] == MAP else 0
                at += 1
                continue
            if byte != (125 if kinds[holder] == MAP else 93):
                return -1
        if (byte == 125 and (expected == 3 or expected == 4)) or (byte == 93 and (expected == 2 or expected == 4)):
            depth -= 1
            at += 1
            ends[opened[depth]] = at
            nexts[opened[depth]] = count
            expected = 4
            continue
        if count >= room:
            return FULL
        starts[count] = at
        nexts[count] = count + 1
        if expected == 1 or expected == 3:
            at = _string(data, words, at, stop)
            if at < 0:
                return -1
            kinds[count], starts[count], ends[count] = STRING, starts[count] + 1, at - 1
            count += 1
            while at < stop and data[at] == 32:
                at += 1
            if at >= stop or data[at] != 58:
                return -1
            at += 1
            expected = 0
            continue
        expected = 4
        if byte == 34:
            at = _string(data, words, at, stop)
            if at < 0:
                return -1
            kinds[count], starts[count], ends[count] = STRING, starts[count] + 1, at - 1
        elif byte == 123 or byte == 91:
            if depth == DEEPEST:
                return -1
            kinds[count] = MAP if byte == 123 else LIST
            opened[depth] = count
            depth += 1
            expected = 3 if byte == 123 else 2
            at += 1
        else:
            kinds[count], at = _word(data, at, stop)
            if at < 0:
                return -1
            ends[count] = at
        count += 1
    return count if depth == 0 and expected == 4 else -1


@numba.njit(cache=True, nogil=True)
def _string(data: Bytes, words: Any, at: int, stop: int) -> int:
    """The place after a string, -1 where it is none."""
    if data[at] != QUOTE:
        return -1
    at += 1
    while at < stop:
        if at & 7 == 0:
            # Eight bytes at once, while none is a quote: then one of the differences is zero, and borrows a high bit.
            while at + 8 <= stop:
                differing = words[at >> 3] ^ QUOTES
                if (differing - ONES) & ~differing & HIGH_BITS:
                    break
                at += 8
        if at < stop and data[at] == QUOTE:
            return at + 1
        at += 1
    return -1


@numba.njit(cache=True, nogil=True)
def _word(data: Bytes, at: int, stop: int) -> tuple[int, int]:
    """Kind and place after null, true, false or a whole number; the place is -1 for anything else."""
    begin = at
    while at < stop and ((97 <= data[at] <= 122) or (48 <= data[at] <= 57)):
        at += 1
    size = at - begin
    if at < stop and (data[at] == 46 or data[at] == 45 or data[at] == 43 or data[at] == 69):
        return NULL, -1
    if (
        size == 4
        and data[begin] == 110
        and data[begin + 1] == 117
        and data[begin + 2] == 108
        and data[begin + 3] == 108
    ):
        return NULL, at
    if (
        size == 4
        and data[begin] == 116
        and data[begin + 1] == 114
        and data[begin + 2] == 117
        and data[begin + 3] == 101
    ):
        return BOOL, at
    if (
        size == 5
        and data[begin] == 102
        and data[begin + 1] == 97
        and data[begin + 2] == 108
        and data[begin + 3] == 115
        and data[begin + 4] == 101
    ):
        return BOOL, at
    for place in range(begin, at):
        if data[place] > 57:
            return NULL, -1
    if size == 0 or size > 18 or (size > 1 and data[begin] == 48):
        return NULL, -1
    return NUMBER, at


@numba.njit(cache=True, nogil=True)
def _counted(kinds: Bytes, nexts: Places, lists: Places, counts: Places) -> bool:
    """Count the maps in each list; whether all are lists of maps."""
    for place in range(len(lists)):
        if lists[place] < 0 or kinds[lists[place]] != LIST:
            return False
        at = lists[place] + 1
        while at < nexts[lists[place]]:
            if kinds[at] != MAP:
                return False
            counts[place] += 1
            at = nexts[at]
    return True


@numba.njit(cache=True, nogil=True)
def _listed(nexts: Places, lists: Places, maps: Places) -> None:
    """Write the nodes of all values of the lists."""
    written = 0
    for list_node in lists:
        node = list_node + 1
        while node < nexts[list_node]:
            maps[written] = node
            written += 1
            node = nexts[node]


@numba.njit(cache=True, nogil=True)
def is_text(data: Bytes, start: int, stop: int, names: Bytes, begin: int, end: int) -> bool:
    """Whether data[start:stop] is names[begin:end]."""
    if stop - start != end - begin:
        return False
    for place in range(stop - start):  # noqa: SIM110 - Numba knows no generator expressions
        if data[start + place] != names[begin + place]:
            return False
    return True


@numba.njit(cache=True, nogil=True)
def _members(
    data: Bytes, starts: Places, ends: Places, nexts: Places, maps: Places, names: Bytes, offsets: Places, found: Any
) -> None:
    """Fill found (n, names). The last of members with one name counts, as in Python."""
    usual = np.full(64, -1, np.int64)  # the name that stood at a place in the map before
    for row in range(len(maps)):
        node = maps[row]
        place, at = 0, node + 1
        while at < nexts[node]:
            name = usual[place % 64]
            if name < 0 or not is_text(data, starts[at], ends[at], names, offsets[name], offsets[name + 1]):
                name = -1
                for one in range(len(offsets) - 1):
                    if is_text(data, starts[at], ends[at], names, offsets[one], offsets[one + 1]):
                        name = one
                usual[place % 64] = name
            if name >= 0:
                found[row, name] = at + 1
            at = nexts[at + 1]
            place += 1
