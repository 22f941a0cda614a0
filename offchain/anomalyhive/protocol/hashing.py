"""The hashes that the contract stores, as `IHive` defines them: keccak256 of Solidity's abi.encode.

All inputs of these take a whole word each, so abi.encode is their concatenation, numbers big-endian.
"""

from __future__ import annotations

from eth_utils.crypto import keccak

from anomalyhive.errors import BadInput

WORD = 32
"""Bytes of a word of the EVM."""

COMMITMENT_BYTES = 96
"""Length of a commitment: a point of BLS12-381 G1, x then y."""

ROUND_BYTES = 4
"""How many bytes at the end of an update's word are its round."""


def update_hash(round_: int, shard: int, node: int, digest: bytes, commitment: bytes) -> bytes:
    """What `submitUpdate` stores: a hash with the round in its lowest 32 bits; ``commitment`` is 96 bytes."""
    place = _number("shard", shard) + _number("node", node)
    hashed = keccak(place + _exactly("digest", digest) + _exactly("commitment", commitment, COMMITMENT_BYTES))
    return hashed[:-ROUND_BYTES] + _number("round", round_, ROUND_BYTES)


def verdict_hash(task: int, round_: int, node: int, scores: bytes, verdict: bytes, salt: bytes) -> bytes:
    """What `commitVerdict` takes: a byte a shard, the digest of the verdict's content and a salt, bound to a place."""
    place = _number("task", task) + _number("round", round_) + _number("node", node)
    return keccak(place + keccak(scores) + _exactly("verdict", verdict) + _exactly("salt", salt))


def revealed_hash(node: int, scores: bytes) -> bytes:
    """What `revealVerdict` stores."""
    return keccak(_number("node", node) + keccak(scores))


def vote_hash(feed: str, appeal: int, seat: int, node: int, uphold: bool, salt: bytes) -> bytes:
    """What `IAlertFeed.commitVote` takes: a vote about an appeal and a salt, bound to a feed, a seat and a node."""
    place = _number("feed", int(feed, 16)) + _number("appeal", appeal) + _number("seat", seat) + _number("node", node)
    return keccak(place + _number("uphold", int(uphold)) + _exactly("salt", salt))


def round_seed(seed: bytes, round_: int) -> bytes:
    """The seed of a round of a task whose configuration has a seed (32 bytes, not zero)."""
    return keccak(_exactly("seed", seed) + _number("round", round_))


def _number(name: str, value: int, size: int = WORD) -> bytes:
    if not 0 <= value < 1 << (8 * size):
        raise BadInput(f"{name} {value} is outside 0 to 2^{8 * size} - 1")
    return value.to_bytes(size, "big")


def _exactly(name: str, value: bytes, size: int = WORD) -> bytes:
    if len(value) != size:
        raise BadInput(f"{name} 0x{value.hex()} has {len(value)} bytes, not {size}")
    return value
