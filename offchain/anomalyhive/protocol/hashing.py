"""The hashes that the contract stores, as `IHive` defines them: keccak256 of Solidity's abi.encode."""

from __future__ import annotations

from eth_abi.abi import encode
from eth_utils.crypto import keccak

CLAIMED = (1).to_bytes(32, "big")
"""What stands in the place of an update or a verdict once it was claimed."""


def update_hash(node: int, digest: bytes, commitment: bytes) -> bytes:
    """What `submitUpdate` stores; ``commitment`` is 96 bytes."""
    return keccak(encode(["uint256", "bytes32", "bytes32"], [node, digest, keccak(commitment)]))


def verdict_hash(task: int, round_: int, node: int, scores: bytes, verdict: bytes, salt: bytes) -> bytes:
    """What `commitVerdict` takes: scores (a byte a shard), digest of the content and salt, bound to a place."""
    return keccak(
        encode(
            ["uint256", "uint256", "uint256", "bytes32", "bytes32", "bytes32"],
            [task, round_, node, keccak(scores), verdict, salt],
        )
    )


def revealed_hash(node: int, scores: bytes) -> bytes:
    """What `revealVerdict` stores."""
    return keccak(encode(["uint256", "bytes32"], [node, keccak(scores)]))


def round_seed(seed: bytes, round_: int) -> bytes:
    """The seed of a round of a task whose configuration has a seed (32 bytes, not zero)."""
    return keccak(encode(["bytes32", "uint256"], [seed, round_]))
