"""The values of EVM JSON-RPC, hexadecimal text: checked, and made integers or lower-case text.

https://ethereum.org/developers/docs/apis/json-rpc, section "Hex encoding".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

HASH, ADDRESS, BLOOM, NONCE = 32, 20, 256, 8
"""Bytes of a hash, an address, a bloom filter and a header's nonce."""

GWEI = 10**9
"""Wei."""

INT64 = 2**63
SHOWN = 80


class Malformed(Exception):
    """A value is not what the protocol says; the text names it."""


def quantity(value: Any, name: str) -> int:
    """An integer. Raises Malformed."""
    # int() alone takes signs, underscores and blanks.
    if not isinstance(value, str) or value[:2] != "0x" or not value.isalnum() or not value.isascii():
        raise Malformed(f"{name} {shown(value)} is no hexadecimal quantity")
    try:
        return int(value, 16)
    except ValueError:
        raise Malformed(f"{name} {shown(value)} is no hexadecimal quantity") from None


def integer(value: Any, name: str) -> int:
    """A quantity that a column takes. Raises Malformed."""
    number = quantity(value, name)
    if number >= INT64:
        raise Malformed(f"{name} {shown(value)} is {number.bit_length()} bits wide, more than the 63 of a column")
    return number


def data(value: Any, name: str, width: int | None = None) -> bytes:
    """Bytes, as many as ``width``. Raises Malformed."""
    if (
        isinstance(value, str)
        and value[:2] == "0x"
        and len(value) == 2 + 2 * (len(value) // 2 - 1 if width is None else width)
    ):
        try:
            found = bytes.fromhex(value[2:])
        except ValueError:
            found = b""
        if 2 + 2 * len(found) == len(value):  # fromhex passes over blanks
            return found
    raise Malformed(f"{name} {shown(value)} is not {'bytes' if width is None else f'{width} bytes'} in hexadecimal")


def texts(values: Sequence[Any], name: str, width: int) -> list[str]:
    """Many values of so many bytes, as lower-case text. Raises Malformed."""
    size = 2 + 2 * width
    for value in values:
        if not isinstance(value, str) or len(value) != size or value[:2] != "0x":
            raise Malformed(f"{name} {shown(value)} is not {width} bytes in hexadecimal")
    try:
        found = len(bytes.fromhex("".join([value[2:] for value in values])))
    except ValueError:
        found = -1
    if found != width * len(values):
        for value in values:
            data(value, name, width)
    return [value.lower() for value in values]


def optional_texts(values: Sequence[Any], name: str, width: int) -> list[str | None]:
    """The same with nulls left as they are."""
    there = iter(texts([value for value in values if value is not None], name, width))
    return [None if value is None else next(there) for value in values]


def integers(values: Iterable[Any], name: str) -> list[int]:
    """Many quantities that a column takes. Raises Malformed."""
    return [integer(value, name) for value in values]


def optional_integers(values: Iterable[Any], name: str) -> list[int | None]:
    """The same with nulls left as they are."""
    return [None if value is None else integer(value, name) for value in values]


def required(record: Mapping[str, Any], name: str) -> Any:
    """A value that must be there. Raises Malformed."""
    value = record.get(name)
    if value is None:
        raise Malformed(f"{name} is missing")
    return value


def listed(value: Any, name: str) -> list[Any]:
    """A list of anything. Raises Malformed."""
    if not isinstance(value, list):
        raise Malformed(f"{name} {shown(value)} is no list")
    return value


def objects(value: Any, name: str) -> list[dict[str, Any]]:
    """A list of JSON objects. Raises Malformed."""
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise Malformed(f"{name} {shown(value)} is no list of objects")
    return value


def shown(value: Any) -> str:
    """A value, not longer than a message may be."""
    text = repr(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
