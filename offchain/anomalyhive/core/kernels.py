"""Loops over rows, compiled by Numba: integers only, so that the bits are those of the plain NumPy code they replace.

Every kernel works on the rows from ``start`` to ``stop`` and holds no lock of the interpreter, so that threads can
share the rows of a table; what they sum into belongs to one thread alone. Import it late: Numba takes a second to load.

Compiled code is cached as Numba says: in NUMBA_CACHE_DIR if it is set, else beside this file, else (an install that
cannot be written to) in the user's cache; with none of them it is compiled again by each process that needs it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

from anomalyhive.core.learner import Integers

Codes = NDArray[np.uint16]
Cells = NDArray[np.uint8]
F = TypeVar("F", bound=Callable[..., Any])

STRIP = 2048
"""Rows of a strip: its cells, codes and sums stay in the processor's nearest caches."""

THREE = 3
"""Columns of a tree, and cuts of each, for which there is a loop of its own."""

RECODED = 256
"""Rows recoded at once, so that the values of all their columns stay near."""

UNPACKED_AFTER = 4
"""Strips whose packed sums fit int64: 8192 rows of gradients within 2^16, and of curvatures within 2^14 below 2^32."""

CURVATURE_BITS = 32
"""The gradient stands above these bits of a packed sum."""


def _compiled(function: F) -> F:
    """The function, compiled at its first call; cached where there is a place that can be written to."""
    try:
        made: Any = numba.njit(nogil=True, error_model="numpy", cache=True)(function)
    except RuntimeError:  # Numba found no place for its cache
        made = numba.njit(nogil=True, error_model="numpy")(function)
    return cast(F, made)


@_compiled
def recode(
    features: Integers,
    start: int,
    stop: int,
    columns: Integers,
    borders: Integers,
    first: Integers,
    ranges: Codes,
    offsets: Integers,
    codes: Codes,
) -> None:
    """Give rows of features (n, F) the codes (F, n) of more borders.

    ``columns`` (C,) are worked on. The borders of the c-th are borders[first[c]:first[c + 1]]. A row with the old code
    k has its new one in ranges[offsets[c] + k] (low, high); only where these differ is its value looked at.
    """
    unsure = np.empty(RECODED, np.uint16)
    for begin in range(start, stop, RECODED):
        count = min(RECODED, stop - begin)
        for c in range(columns.shape[0]):
            column, origin, offset = columns[c], first[c], offsets[c]
            held, found = codes[column, begin : begin + count], 0
            for i in range(count):  # no branches here: which rows are unsure cannot be predicted
                old = offset + np.int64(held[i])
                low = ranges[old, 0]
                unsure[found] = i
                found += low < ranges[old, 1]
                held[i] = low if low == ranges[old, 1] else held[i]
            for j in range(found):
                i = np.int64(unsure[j])
                old = offset + np.int64(held[i])
                low, value = np.int64(ranges[old, 0]), features[begin + i, column]
                left = np.int64(ranges[old, 1]) - low
                while left > 0:
                    half = (left + 1) >> 1
                    low += half * (borders[origin + low + half - 1] <= value)
                    left -= half
                held[i] = low


@_compiled
def count_codes(codes: Codes, start: int, stop: int, counts: Integers) -> None:
    """Add rows by code (n,) to counts (K,)."""
    for row in range(start, stop):
        counts[codes[row]] += 1


@_compiled
def add_looked_up(codes: Codes, values: Integers, start: int, stop: int, total: Integers) -> None:
    """Add to total (n,) the value (K,) of each row's code (n,)."""
    for row in range(start, stop):
        total[row] += values[codes[row]]


@_compiled
def _strip_cells(codes: Codes, begin: int, end: int, features: Integers, cuts: Codes, cell: Codes) -> None:
    """Cells of rows in one tree of features (axes,) and cuts (axes, levels - 1), into cell (STRIP,)."""
    levels, count = cuts.shape[1] + 1, end - begin
    for i in range(count):
        cell[i] = 0
    for axis in range(features.shape[0]):
        column = codes[features[axis], begin:end]
        for i in range(count):
            cell[i] *= levels
        for level in range(levels - 1):
            cut = cuts[axis, level]
            for i in range(count):
                cell[i] += column[i] >= cut


@_compiled
def _strip_cells_of_three(
    first: Codes, second: Codes, third: Codes, begin: int, end: int, cuts: Codes, cell: Cells
) -> None:
    """The same for three columns of codes in four levels each, as the defaults have it: all in one pass, in bytes."""
    a, b, c = first[begin:end], second[begin:end], third[begin:end]
    a1, a2, a3 = cuts[0, 0], cuts[0, 1], cuts[0, 2]
    b1, b2, b3 = cuts[1, 0], cuts[1, 1], cuts[1, 2]
    c1, c2, c3 = cuts[2, 0], cuts[2, 1], cuts[2, 2]
    for i in range(end - begin):
        x, y, z = a[i], b[i], c[i]
        high = ((x >= a1) + (x >= a2) + (x >= a3)) << 4
        middle = ((y >= b1) + (y >= b2) + (y >= b3)) << 2
        cell[i] = high + middle + (z >= c1) + (z >= c2) + (z >= c3)


@_compiled
def _add_packed(cell: Codes | Cells, packed: Integers, begin: int, count: int, four: Integers, sums: Integers) -> None:
    """Add packed[begin:begin + count] by cell to sums (cells,).

    ``four`` (4 * cells,) takes every fourth row in each quarter: rows of one cell that follow each other need not wait
    for one another's sum. Places are unsigned, so that none is looked at for counting from the end.
    """
    four[:] = 0
    values, whole = packed[begin : begin + count], count // 4 * 4
    cells = np.uint64(sums.shape[0])
    for i in range(0, whole, 4):
        four[np.uint64(cell[i])] += values[i]
        four[np.uint64(cell[i + 1]) + cells] += values[i + 1]
        four[np.uint64(cell[i + 2]) + cells + cells] += values[i + 2]
        four[np.uint64(cell[i + 3]) + cells + cells + cells] += values[i + 3]
    for i in range(whole, count):
        four[np.uint64(cell[i])] += values[i]
    for c in range(sums.shape[0]):
        sums[c] += four[c] + four[sums.shape[0] + c] + four[2 * sums.shape[0] + c] + four[3 * sums.shape[0] + c]


@_compiled
def cell_sums(
    codes: Codes, start: int, stop: int, features: Integers, cuts: Codes, packed: Integers, sums: Integers
) -> None:
    """Add gradient and curvature to sums (2, M, cells) of candidates; packed (n,) holds both of a row."""
    candidates, cells = sums.shape[1], sums.shape[2]
    cell, small, four = np.empty(STRIP, np.uint16), np.empty(STRIP, np.uint8), np.empty(4 * cells, np.int64)
    held = np.zeros((candidates, cells), np.int64)
    of_three = cuts.shape[1] == THREE and cuts.shape[2] == THREE
    strips = 0
    for begin in range(start, stop, STRIP):
        end = min(begin + STRIP, stop)
        for m in range(candidates):
            if of_three:
                one, two, three = features[m, 0], features[m, 1], features[m, 2]
                _strip_cells_of_three(codes[one], codes[two], codes[three], begin, end, cuts[m], small)
                _add_packed(small, packed, begin, end - begin, four, held[m])
            else:
                _strip_cells(codes, begin, end, features[m], cuts[m], cell)
                _add_packed(cell, packed, begin, end - begin, four, held[m])
        strips += 1
        if strips == UNPACKED_AFTER or end == stop:
            strips = 0
            for m in range(candidates):
                for c in range(cells):
                    high = held[m, c] >> CURVATURE_BITS
                    sums[0, m, c] += high
                    sums[1, m, c] += held[m, c] - (high << CURVATURE_BITS)
                    held[m, c] = 0


@_compiled
def tree_sums(
    codes: Codes, start: int, stop: int, features: Integers, cuts: Codes, values: Integers, total: Integers
) -> None:
    """Add to total (n,) the values (T, cells) of trees with features (T, axes) and cuts (T, axes, levels - 1)."""
    cell, small = np.empty(STRIP, np.uint16), np.empty(STRIP, np.uint8)
    of_three = cuts.shape[1] == THREE and cuts.shape[2] == THREE
    for begin in range(start, stop, STRIP):
        end = min(begin + STRIP, stop)
        strip = total[begin:end]
        for tree in range(features.shape[0]):
            leaves = values[tree]
            if of_three:
                one, two, three = features[tree, 0], features[tree, 1], features[tree, 2]
                _strip_cells_of_three(codes[one], codes[two], codes[three], begin, end, cuts[tree], small)
                for i in range(end - begin):
                    strip[i] += leaves[np.uint64(small[i])]
            else:
                _strip_cells(codes, begin, end, features[tree], cuts[tree], cell)
                for i in range(end - begin):
                    strip[i] += leaves[np.uint64(cell[i])]


@_compiled
def _softplus(logit: int, table: Integers) -> int:
    """fixedpoint.softplus of one logit; table reaches to the largest logit."""
    magnitude = min(abs(logit), (table.shape[0] - 2) << 10)
    at = magnitude >> 10
    return int(table[at] + ((table[at + 1] - table[at]) * (magnitude & 1023) >> 10) + max(logit, 0))


@_compiled
def row_sums(
    settled: Integers,
    pending: Integers,
    labels: Integers,
    start: int,
    stop: int,
    bits: int,
    coarse: Integers,
    fine: Integers,
    losses: Integers,
    scales: Integers,
    scale_bits: int,
    packed: Integers,
    differences: Integers,
) -> None:
    """Fill packed (n,) with gradient and curvature and add the differences of the loss (S,), in 2^-bits.

    ``coarse`` and ``fine`` are fixedpoint's tables of exp, ``losses`` that of softplus; ``scales`` (S,) are the
    multiples of the pending step in 2^-scale_bits.
    """
    shift, largest = 16 - bits, (coarse.shape[0] - 1) << 8
    for row in range(start, stop):
        logit = settled[row] + pending[row]
        magnitude = min(abs(logit), largest)
        head = coarse[magnitude >> 8]
        q = head - (head * fine[magnitude & 255] >> 30)
        tail = (q << 16) // ((1 << 40) + q)
        p = 65536 - tail if logit >= 0 else tail
        gradient = ((p + ((1 << shift) >> 1)) >> shift) - (labels[row] << bits)
        curvature = (p * (65536 - p) + (1 << (31 - bits))) >> (32 - bits)
        packed[row] = (gradient << CURVATURE_BITS) + curvature
        sign = 1 - 2 * labels[row]
        whole = _softplus(sign * logit, losses) >> shift
        for s in range(differences.shape[0]):
            moved = settled[row] + (pending[row] * scales[s] >> scale_bits)
            differences[s] += (_softplus(sign * moved, losses) >> shift) - whole


@_compiled
def _leaf(features: Integers, row: int, nodes: Integers, thresholds: Integers) -> int:
    """Leaf of a row of features (n, F) in one tree with nodes and thresholds (2^depth - 1,), root first."""
    at, inner = 0, nodes.shape[0]
    while at < inner:
        at = 2 * at + 1 + (features[row, nodes[at]] >= thresholds[at])
    return int(at - inner)


@_compiled
def leaf_counts(
    features: Integers, start: int, stop: int, nodes: Integers, thresholds: Integers, counts: Integers
) -> None:
    """Add rows of features (n, F) by leaf to counts (T, 2^depth) of trees with nodes (T, 2^depth - 1)."""
    for begin in range(start, stop, 256):
        for tree in range(nodes.shape[0]):
            for row in range(begin, min(begin + 256, stop)):
                counts[tree, _leaf(features, row, nodes[tree], thresholds[tree])] += 1


@_compiled
def leaf_sums(
    features: Integers,
    start: int,
    stop: int,
    nodes: Integers,
    thresholds: Integers,
    values: Integers,
    total: Integers,
) -> None:
    """Add to total (n,) the value (T, 2^depth) of the leaf of each tree that a row of features (n, F) lies in."""
    for begin in range(start, stop, 256):
        for tree in range(nodes.shape[0]):
            for row in range(begin, min(begin + 256, stop)):
                total[row] += values[tree, _leaf(features, row, nodes[tree], thresholds[tree])]


@_compiled
def add_trees(columns: Integers, features: Integers, thresholds: Integers, values: Integers, total: Integers) -> None:
    """Add to total (n,) the value of each tree (T, cells) for rows of plain columns (F, n), by `tree_cells`' cells."""
    trees, axes, cuts = thresholds.shape
    for tree in range(trees):
        for row in range(columns.shape[1]):
            cell = 0
            for axis in range(axes):
                value, level = columns[features[tree, axis], row], 0
                for cut in range(cuts):
                    level += value >= thresholds[tree, axis, cut]
                cell = cell * (cuts + 1) + level
            total[row] += values[tree, cell]
