"""Equihash, Zcash's proof of work: section 7.7.1 of the protocol specification."""

from __future__ import annotations

from hashlib import blake2b


def is_solution(challenge: bytes, solution: bytes, n: int, k: int) -> bool:
    """Whether ``solution`` solves the header up to it, ``challenge`` (140 bytes, nonce included)."""
    width = n // (k + 1) + 1
    if 8 * len(solution) != width << k:
        return False
    packed = int.from_bytes(solution, "big")
    mask = (1 << width) - 1
    indices = [packed >> width * place & mask for place in reversed(range(1 << k))]
    if len(set(indices)) != len(indices):
        return False
    level = [(_row(challenge, index, n, k), index) for index in indices]
    for depth in range(1, k + 1):
        following = []
        for (left, first), (right, second) in zip(level[::2], level[1::2], strict=True):
            both = left ^ right
            # Each half of a pair begins with its least index, so that a solution can be written in one way only.
            if first >= second or both >> n - (width - 1) * depth:
                return False
            following.append((both, first))
        level = following
    return level[0][0] == 0


def _row(challenge: bytes, index: int, n: int, k: int) -> int:
    """The n bits that belong to an index: several share one hash."""
    shared = 512 // n
    person = b"ZcashPoW" + n.to_bytes(4, "little") + k.to_bytes(4, "little")
    digest = blake2b(
        challenge + (index // shared).to_bytes(4, "little"), digest_size=n * shared // 8, person=person
    ).digest()
    start = index % shared * n // 8
    return int.from_bytes(digest[start : start + n // 8], "big")
