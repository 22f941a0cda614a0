"""Addresses as text: Base58Check, Bech32 (BIP-173) and Bech32m (BIP-350)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from anomalyhive.ingestion.bitcoin.hashing import sha256d

BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"

BECH32_CONSTANT = 1
BECH32M_CONSTANT = 0x2BC830A3
"""What the checksum is xored with: version 0 has the older one."""

_GENERATORS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)

CACHED = 1 << 16
"""Addresses that are remembered: exchanges and mining pools come again and again."""


@lru_cache(CACHED)
def base58check(prefix: bytes, payload: bytes) -> str:
    """The text of a version prefix and a hash, with four bytes of checksum."""
    body = prefix + payload
    body += sha256d(body)[:4]
    number = int.from_bytes(body, "big")
    digits = []
    while number:
        number, digit = divmod(number, 58)
        digits.append(BASE58[digit])
    zeros = len(body) - len(body.lstrip(b"\0"))
    return "1" * zeros + "".join(reversed(digits))


@lru_cache(CACHED)
def segwit_address(hrp: str, version: int, program: bytes) -> str:
    """The text of a witness program under a human-readable part."""
    data = [version, *_five_bits(program)]
    constant = BECH32_CONSTANT if version == 0 else BECH32M_CONSTANT
    expanded = [*(ord(letter) >> 5 for letter in hrp), 0, *(ord(letter) & 31 for letter in hrp)]
    checksum = _polymod([*expanded, *data, 0, 0, 0, 0, 0, 0]) ^ constant
    data += [checksum >> 5 * (5 - place) & 31 for place in range(6)]
    return f"{hrp}1{''.join(BECH32[value] for value in data)}"


def _five_bits(program: bytes) -> list[int]:
    """Groups of five bits, the last filled with zeros."""
    pad = -8 * len(program) % 5
    number = int.from_bytes(program, "big") << pad
    groups = (8 * len(program) + pad) // 5
    return [number >> 5 * (groups - 1 - place) & 31 for place in range(groups)]


def _polymod(values: Iterable[int]) -> int:
    checksum = 1
    for value in values:
        top = checksum >> 25
        checksum = (checksum & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(_GENERATORS):
            if top >> bit & 1:
                checksum ^= generator
    return checksum
