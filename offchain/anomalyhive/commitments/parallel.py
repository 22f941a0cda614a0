"""A multi-exponentiation on all processors: the library leaves Python's lock while it works."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from py_arkworks_bls12381 import G1Point, Scalar

from anomalyhive.commitments import curve

_LEAST = 1024
"""Points that are worth a thread of their own: about 2 ms of work."""


def multiply_sum(points: Sequence[G1Point], scalars: Sequence[Scalar]) -> G1Point:
    """sum_i scalars_i · points_i; the same point on any number of threads, because the group is exact."""
    parts = min(os.cpu_count() or 1, len(points) // _LEAST)
    if parts < 2:
        return curve.multiply_sum(points, scalars)
    size = -(-len(points) // parts)
    starts = range(0, len(points), size)
    with ThreadPoolExecutor(max_workers=parts) as threads:
        sums = list(threads.map(lambda at: curve.multiply_sum(points[at : at + size], scalars[at : at + size]), starts))
    return sum(sums[1:], start=sums[0])
