"""The root over all block hashes of a range: a Merkle tree as in section 2.1 of RFC 6962, with SHA-256.

A leaf is SHA-256(0x00 || block hash), a node SHA-256(0x01 || left || right), so that whoever has the root can be shown
with a logarithm of the range's hashes that a block is in it.
"""

from __future__ import annotations

import hashlib

EMPTY = hashlib.sha256(b"").digest()
"""Root of no blocks at all."""


class MerkleRoot:
    """Takes hashes one by one and keeps a logarithm of them: the roots of the full subtrees so far, largest first."""

    def __init__(self) -> None:
        self._peaks: list[tuple[int, bytes]] = []

    def add(self, leaf: bytes) -> None:
        """Append a leaf."""
        height, node = 0, hashlib.sha256(b"\x00" + leaf).digest()
        while self._peaks and self._peaks[-1][0] == height:
            node = _parent(self._peaks.pop()[1], node)
            height += 1
        self._peaks.append((height, node))

    def root(self) -> bytes:
        """The root over the leaves so far."""
        if not self._peaks:
            return EMPTY
        node = self._peaks[-1][1]
        for _, left in reversed(self._peaks[:-1]):
            node = _parent(left, node)
        return node


def _parent(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()
