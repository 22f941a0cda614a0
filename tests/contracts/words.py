"""The words that the hive stores, by `IHive`'s text and an encoder that is not the package's."""

from __future__ import annotations

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from rehearsal import Round, Update

NOTHING = bytes(32)

ROUND_BYTES = 4
"""The last bytes of an update's word, which tell its round."""


def update_word(round_: int, shard: int, node: int, digest: bytes, commitment: bytes) -> bytes:
    """What `submitUpdate` stores for a shard; ``commitment`` is 96 bytes."""
    words = (commitment[:32], commitment[32:64], commitment[64:])
    types = ["uint16", "uint32", *["bytes32"] * 4]
    hash_ = keccak(encode(types, [shard, node, digest, *words]))
    return hash_[:-ROUND_BYTES] + round_.to_bytes(ROUND_BYTES, "big")


def word_of(round_: Round, update: Update) -> bytes:
    """The same, of an update of a round."""
    return update_word(round_.number, update.shard, update.node, update.digest, update.commitment)
