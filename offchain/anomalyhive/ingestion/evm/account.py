"""The code of an account, proven against a block's state root (EIP-1186, appendix D of the Yellow Paper)."""

from __future__ import annotations

from collections.abc import Sequence

from anomalyhive.ingestion.evm.keccak import keccak
from anomalyhive.ingestion.evm.rlp import Item, decode, items, octets
from anomalyhive.ingestion.evm.values import HASH, Malformed

NIBBLES = 64
"""Of a key: the hash of the address."""

BRANCH, PAIR = 17, 2
"""Items of a branch, and of a leaf or an extension."""


def code_hash(state_root: bytes, address: bytes, proof: Sequence[bytes]) -> bytes:
    """The hash of an account's code, by the nodes on the way from the root to it. Raises Malformed."""
    key = [nibble for byte in keccak(address) for nibble in (byte >> 4, byte & 15)]
    wanted: Item = state_root
    at, taken = 0, 0
    while True:
        if isinstance(wanted, bytes) and len(wanted) == HASH:
            if taken == len(proof) or keccak(proof[taken]) != wanted:
                raise Malformed(f"node {taken} of the proof is not the one that is named above it")
            node = items(decode(proof[taken]), "node")
            taken += 1
        else:  # a node shorter than its hash stands in the one above
            node = items(wanted, "node")
        if len(node) == BRANCH and at < NIBBLES:
            wanted, at = node[key[at]], at + 1
            continue
        if len(node) != PAIR:
            raise Malformed(f"a node of {len(node)} items is neither branch, extension nor leaf")
        path, is_leaf = _path(octets(node[0], "path"))
        if key[at : at + len(path)] != path:
            raise Malformed("the proof leads to another account")
        wanted, at = node[1], at + len(path)
        if is_leaf:
            break
    if at != NIBBLES or taken != len(proof):
        raise Malformed("the proof goes on after its leaf, or ends too early")
    account = items(decode(octets(wanted, "account")), "account", 4)
    return octets(account[3], "codeHash", HASH)


def _path(encoded: bytes) -> tuple[list[int], bool]:
    """Nibbles and whether they end in a leaf: hex-prefix encoding, appendix C."""
    if not encoded or encoded[0] >> 6:
        raise Malformed("a path has no flag")
    nibbles = [nibble for byte in encoded for nibble in (byte >> 4, byte & 15)]
    return nibbles[1 if nibbles[0] & 1 else 2 :], nibbles[0] >= 2
