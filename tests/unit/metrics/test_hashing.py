"""The machine code hashes as hashlib does."""

from __future__ import annotations

import hashlib

import numpy as np

from anomalyhive.metrics.hashing import half_digests


def test_half_digests_of_any_length_are_those_of_hashlib() -> None:
    data = np.random.default_rng(5).integers(0, 256, 400).astype(np.uint8)
    stops = np.arange(3, 3 + 3 * 64 + 2)  # over the ends of three blocks, where padding takes another
    found = half_digests(data, np.full(len(stops), 3), stops)
    for (first, second), stop in zip(found.tolist(), stops.tolist(), strict=True):
        assert first.to_bytes(8, "big") + second.to_bytes(8, "big") == hashlib.sha256(data[3:stop]).digest()[:16]
