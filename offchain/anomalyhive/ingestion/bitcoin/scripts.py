"""What an output's script asks for: its type as bitcoind names it, and the address that stands for it."""

from __future__ import annotations

from typing import NamedTuple

from anomalyhive.ingestion.bitcoin.addresses import base58check, segwit_address
from anomalyhive.ingestion.bitcoin.hashing import hash160
from anomalyhive.ingestion.bitcoin.networks import Network

OP_0, OP_1, OP_16 = 0x00, 0x51, 0x60
OP_PUSHDATA1, OP_PUSHDATA2, OP_PUSHDATA4 = 0x4C, 0x4D, 0x4E
OP_RETURN, OP_CHECKSIG, OP_CHECKMULTISIG = 0x6A, 0xAC, 0xAE

MOST_KEYS = 20
"""Public keys of a bare multisig (MAX_PUBKEYS_PER_MULTISIG of bitcoind)."""

ANCHOR = bytes.fromhex("51024e73")
"""Pay to anchor: anyone may spend it (bitcoind 28)."""


class Meaning(NamedTuple):
    """Of a script: its type, how many signatures it asks for, and its address; None where it has none."""

    type: str
    signatures: int | None
    address: str | None


NONSTANDARD = Meaning("nonstandard", None, None)
NULLDATA = Meaning("nulldata", None, None)


def meaning_of(script: bytes, network: Network) -> Meaning:
    """What the script means on a network.

    The patterns are those of bitcoind's Solver (src/script/solver.cpp). A bare public key is shown as the address of
    its hash, as bitcoin-etl does and bitcoind did before version 22; a bare multisig has no address of its own.
    """
    length = len(script)
    if length == 25 and script.startswith(b"\x76\xa9\x14") and script.endswith(b"\x88\xac"):
        return Meaning("pubkeyhash", 1, base58check(network.key_prefix, script[3:23]))
    if length == 23 and script.startswith(b"\xa9\x14") and script[22] == 0x87:
        return Meaning("scripthash", 1, base58check(network.script_prefix, script[2:22]))
    if network.hrp is not None and (witness := _witness_program(script)) is not None:
        return _witness_meaning(script, *witness, network.hrp)
    if length in (35, 67) and script[0] == length - 2 and script[-1] == OP_CHECKSIG and _is_key(script[1:-1]):
        return Meaning("pubkey", 1, base58check(network.key_prefix, hash160(script[1:-1])))
    if script[:1] == bytes([OP_RETURN]):
        return NULLDATA if _pushes_only(script, 1) else NONSTANDARD
    needed = _multisig(script)
    return NONSTANDARD if needed is None else Meaning("multisig", needed, None)


def _witness_program(script: bytes) -> tuple[int, bytes] | None:
    """Version and program where the script is a witness program (BIP-141)."""
    if not 4 <= len(script) <= 42 or script[1] != len(script) - 2:
        return None
    if script[0] == OP_0:
        return 0, script[2:]
    return (script[0] - OP_1 + 1, script[2:]) if OP_1 <= script[0] <= OP_16 else None


def _witness_meaning(script: bytes, version: int, program: bytes, hrp: str) -> Meaning:
    if version == 0 and len(program) not in (20, 32):
        return NONSTANDARD
    address = segwit_address(hrp, version, program)
    if version == 0:
        return Meaning("witness_v0_keyhash" if len(program) == 20 else "witness_v0_scripthash", 1, address)
    if version == 1 and len(program) == 32:
        return Meaning("witness_v1_taproot", 1, address)
    return Meaning("anchor" if script == ANCHOR else "witness_unknown", None, address)


def _is_key(key: bytes) -> bool:
    """Whether bytes have the form of a public key; not whether they are a point."""
    return len(key) == {2: 33, 3: 33, 4: 65, 6: 65, 7: 65}.get(key[0] if key else 0)


def _pushes_only(script: bytes, at: int) -> bool:
    """Whether the script does nothing but push from ``at`` on."""
    while at < len(script):
        code = script[at]
        at += 1
        if code > OP_16:
            return False
        if code < OP_PUSHDATA1:
            at += code
        elif code <= OP_PUSHDATA4:
            width = {OP_PUSHDATA1: 1, OP_PUSHDATA2: 2, OP_PUSHDATA4: 4}[code]
            if at + width > len(script):
                return False
            at += width + int.from_bytes(script[at : at + width], "little")
    return at == len(script)


def _small_number(script: bytes, at: int) -> tuple[int, int] | None:
    """A number from 1 to 20 and the position after it, as a multisig writes its two."""
    code = script[at] if at < len(script) else 0
    if OP_1 <= code <= OP_16:
        return code - OP_1 + 1, at + 1
    if code == 1 and at + 1 < len(script) and 16 < script[at + 1] <= MOST_KEYS:
        return script[at + 1], at + 2
    return None


def _multisig(script: bytes) -> int | None:
    """How many signatures a bare multisig asks for, or None where it is none."""
    if len(script) < 3 or script[-1] != OP_CHECKMULTISIG or (first := _small_number(script, 0)) is None:
        return None
    needed, at = first
    keys = 0
    while at < len(script) and script[at] in (33, 65) and _is_key(script[at + 1 : at + 1 + script[at]]):
        at += 1 + script[at]
        keys += 1
    last = _small_number(script, at)
    return needed if last == (keys, len(script) - 1) and needed <= keys else None
