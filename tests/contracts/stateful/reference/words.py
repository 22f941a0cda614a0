"""What the contracts hash, written down anew from the interfaces: 32-byte words side by side under keccak256."""

from __future__ import annotations

from collections.abc import Iterable

from eth_utils.crypto import keccak

from reference.state import NOTHING, Round, Task, Update


def word(value: int) -> bytes:
    """A number as a word."""
    return value.to_bytes(32, "big")


def update_word(round_: int, shard: int, update: Update) -> bytes:
    """What is stored of an update: its hash with the round in the lowest 32 bits."""
    hashed = keccak(word(shard) + word(update.node) + update.digest + update.commitment)
    return hashed[:28] + round_.to_bytes(4, "big")


def commit_word(task: int, round_: int, node: int, scores: bytes, verdict: bytes, salt: bytes) -> bytes:
    """What a validator commits to."""
    return keccak(word(task) + word(round_) + word(node) + keccak(scores) + verdict + salt)


def shown_word(node: int, scores: bytes) -> bytes:
    """What is stored of a revealed verdict."""
    return keccak(word(node) + keccak(scores))


def verdict_word(round_: Round, seat: int) -> bytes:
    """What is stored of a seat's verdict."""
    one = round_.verdicts[seat]
    return one.hidden if one.scores is None else shown_word(one.node, one.scores)


def seed_word(seed: bytes, round_: int) -> bytes:
    """The seed of a round of a task that has one."""
    return keccak(seed + word(round_))


def chance_word(randao: bytes, parent: bytes, task: int, round_: int) -> bytes:
    """The seed of a round of a task that has none, from the block in which it opens."""
    return keccak(randao + parent + word(task) + word(round_))


def mask(bits: Iterable[int]) -> int:
    """A set of seats as bits."""
    return sum(1 << bit for bit in bits)


def points(commitment: bytes) -> tuple[bytes, bytes, bytes]:
    """96 bytes as the contract's G1."""
    return commitment[:32], commitment[32:64], commitment[64:]


def head(task: Task) -> bytes:
    """The model of the last final round."""
    return task.rounds[task.last_final].model if task.last_final else NOTHING
