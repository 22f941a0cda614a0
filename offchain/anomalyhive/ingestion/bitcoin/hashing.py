"""The hashes of Bitcoin. They are kept as nodes and explorers show them: the reverse of what is hashed."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from Crypto.Hash import RIPEMD160

from anomalyhive.errors import BadInput

NO_HASH = bytes(32)
"""The parent of the first block, and what a coinbase claims to spend."""

COMMITMENT = bytes.fromhex("6a24aa21a9ed")
"""How the output begins that commits to the witnesses (BIP-141, "Commitment structure")."""


def sha256d(data: bytes) -> bytes:
    """SHA-256 applied twice, in the order of its bytes."""
    return sha256(sha256(data).digest()).digest()


def hash160(data: bytes) -> bytes:
    """RIPEMD-160 of SHA-256: 20 bytes."""
    # Not hashlib's: builds of OpenSSL 3 without the legacy provider do not have it.
    return RIPEMD160.new(sha256(data).digest()).digest()


def shown(digest: bytes) -> bytes:
    """A hash as it is shown, of one as it is computed, and the other way round."""
    return digest[::-1]


def hash_of_text(text: object, name: str) -> bytes:
    """The 32 bytes of a hash in hex, as a node gives it. Raises BadInput."""
    if isinstance(text, str) and len(text) == 64:
        try:
            return bytes.fromhex(text)
        except ValueError:
            pass
    raise BadInput(f"{name} is {str(text)[:80]!r}, not a hash of 64 hex digits")


def merkle_root(hashes: Sequence[bytes]) -> tuple[bytes, bool]:
    """The root over hashes, all as shown, and whether two equal neighbours hide in the tree.

    An odd level repeats its last hash, so a list whose tail is repeated has the root of the list without the
    repetition (CVE-2012-2459): equal pairs that the rule did not make betray it.
    """
    if not hashes:
        raise BadInput("a block without transactions has no merkle root")
    level = [shown(one) for one in hashes]
    doubled = False
    while len(level) > 1:
        doubled = doubled or any(level[i] == level[i + 1] for i in range(0, len(level) - 1, 2))
        if len(level) % 2:
            level.append(level[-1])
        level = [sha256d(level[i] + level[i + 1]) for i in range(0, len(level), 2)]
    return shown(level[0]), doubled
