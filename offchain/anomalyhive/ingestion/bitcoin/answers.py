"""What a node's JSON may hold, each value checked before anything is made of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from anomalyhive.errors import BadInput

UNITS = 8
"""Decimals of an amount: 10^8 satoshi are a bitcoin, 10^8 zatoshi a ZEC."""

SHOWN = 80
"""Characters of an offending value that a message shows."""


def part(answer: Any, name: str, kind: type) -> Any:
    """The value of that name in an object; it must be of ``kind``. Raises BadInput."""
    if not isinstance(answer, dict):
        raise BadInput(f"{str(answer)[:SHOWN]!r} stands where an object with {name!r} should")
    value = answer.get(name)
    if type(value) is not kind:
        raise BadInput(f"{name!r} is {str(value)[:SHOWN]!r}, not of type {kind.__name__}")
    return value


def number(answer: Any, name: str, bits: int = 32) -> bytes:
    """An integer of so many bits as it is serialized; a negative one in two's complement, as nodes differ there."""
    value = part(answer, name, int)
    if not -(1 << (bits - 1)) <= value < 1 << bits:
        raise BadInput(f"{name!r} is {value}, which has no place in {bits} bits")
    return bytes((value & ((1 << bits) - 1)).to_bytes(bits // 8, "little"))


def octets(answer: Any, name: str, size: int | None = None) -> bytes:
    """Bytes given in hex, ``size`` of them if that is given."""
    text = part(answer, name, str)
    try:
        value = bytes.fromhex(text) if not any(letter.isspace() for letter in text) else None
    except ValueError:
        value = None
    if value is None or size not in (None, len(value)):
        raise BadInput(f"{name!r} is {text[:SHOWN]!r}, not {'' if size is None else f'{size} bytes in '}hex")
    return value


def backwards(answer: Any, name: str) -> bytes:
    """32 bytes as they are serialized, of a hash as it is shown."""
    return octets(answer, name, 32)[::-1]


def amount(answer: Any, name: str) -> int:
    """An amount in coins as satoshi or zatoshi, exactly. Raises BadInput for more than 8 decimals."""
    value = answer.get(name) if isinstance(answer, dict) else None
    if type(value) is int:
        value = Decimal(value)
    # A float has been rounded already, so it is no amount: answers are parsed with Decimal.
    if not isinstance(value, Decimal) or not value.is_finite() or value.adjusted() > 2 * UNITS:
        raise BadInput(f"{name!r} is {str(value)[:SHOWN]!r}, not an amount of coins")
    sign, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)  # the others are not finite
    shift = exponent + UNITS
    units: int = int("".join(map(str, digits)))
    if shift < 0:
        units, rest = divmod(units, 10 ** min(-shift, 2 * len(digits) + 1))
        if rest:
            raise BadInput(f"{name!r} is {str(value)[:SHOWN]}, which has more than {UNITS} decimals")
    else:
        units *= int(10**shift)
    return -units if sign else units
