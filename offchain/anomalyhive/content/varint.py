"""Integers in as few bytes as they need: unsigned LEB128, as multiformats and CryptoNote write it."""

from __future__ import annotations


def varint(value: int) -> bytes:
    """An integer from 0 on in groups of seven bits, the lowest first, in its shortest form."""
    groups = bytearray()
    while value >= 0x80:
        groups.append(value & 0x7F | 0x80)
        value >>= 7
    groups.append(value)
    return bytes(groups)
