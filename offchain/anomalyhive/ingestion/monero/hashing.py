"""Monero's hashes: Keccak-256 with the padding from before SHA-3, and the tree hash of CryptoNote."""

from __future__ import annotations

from collections.abc import Sequence

from eth_utils.crypto import keccak

from anomalyhive.content.varint import varint

NO_HASH = bytes(32)

WRONG_TREE_HEIGHT = 202612
WRONG_TREE_BLOB = bytes.fromhex("3a8a2b3a29b50fc86ff73dd087ea43c6f0d6b8f936c849194d5c84c737903966")
WRONG_TREE_ID = bytes.fromhex("bbd604d2ba11ba27935e006ed39c9bfdd99b76bf4a50654bc1e1e61217962698")
"""The block whose 514 transactions met a fault in the tree hash of September 2014: its id is by decree, that of the
blob with this hash (`calculate_block_hash` in Monero's src/cryptonote_basic/cryptonote_format_utils.cpp)."""


def tree_hash(hashes: Sequence[bytes]) -> bytes:
    """The root over a block's transaction ids, the miner's first (CryptoNote standard 003, section 4)."""
    if len(hashes) == 1:
        return hashes[0]
    width = 1 << (len(hashes) - 1).bit_length() - 1
    # Only so many are paired at first that a power of two is left.
    alone = 2 * width - len(hashes)
    level = [*hashes[:alone], *_paired(hashes[alone:])]
    while len(level) > 1:
        level = _paired(level)
    return level[0]


def _paired(hashes: Sequence[bytes]) -> list[bytes]:
    return [keccak(hashes[place] + hashes[place + 1]) for place in range(0, len(hashes), 2)]


def block_id(header: bytes, transactions: Sequence[bytes], height: int, blob: bytes) -> bytes:
    """The id of a block by its header, its transactions' ids, its height and its whole blob."""
    if height == WRONG_TREE_HEIGHT and keccak(blob) == WRONG_TREE_BLOB:
        return WRONG_TREE_ID
    hashed = header + tree_hash(transactions) + varint(len(transactions))
    return keccak(varint(len(hashed)) + hashed)


def transaction_id(prefix: bytes, base: bytes, prunable_hash: bytes) -> bytes:
    """The id of a transaction of version 2 from its three parts."""
    return keccak(keccak(prefix) + keccak(base) + prunable_hash)
