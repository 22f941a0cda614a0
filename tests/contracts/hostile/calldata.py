"""Calldata by the word: what a well-meaning encoder never sends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from eth_abi.abi import encode
from eth_utils.conversions import to_bytes

from rehearsal import Round


def words(data: str) -> tuple[bytes, list[int]]:
    """Selector and words of calldata in hexadecimal."""
    raw = to_bytes(hexstr=data)
    return raw[:4], [int.from_bytes(raw[at : at + 32], "big") for at in range(4, len(raw), 32)]


def joined(selector: bytes, values: Sequence[int]) -> str:
    """The inverse."""
    return "0x" + (selector + b"".join(value.to_bytes(32, "big") for value in values)).hex()


def exchanged(data: str, place: int, value: int) -> str:
    """The same with another word at a place; places count from the end where negative."""
    selector, values = words(data)
    values[place] = value
    return joined(selector, values)


def flipped(data: str, place: int, bit: int) -> str:
    """The same with one bit flipped."""
    selector, values = words(data)
    return exchanged(joined(selector, values), place, values[place] ^ (1 << bit))


def send(sender: Any, contract: Any, data: str) -> Any:
    """A transaction of these bytes."""
    return sender.transfer(contract, 0, data=data)


def tally_with_scores_first(selector: str, round_: Round, shared: bool) -> str:
    """A tally whose arrays lie the other way round than every encoder puts them, apart by a gap of junk.

    With ``shared`` all score strings, which must be equal then, are one string in calldata.
    """
    strings = round_.scores[:1] if shared else round_.scores
    count = len(round_.scores)
    body = [count, *(32 * (count + 2 * (0 if shared else i)) for i in range(count))]
    for one in strings:
        body += [len(one), int.from_bytes(one.ljust(32, b"\xff"), "big")]
    junk = [2**256 - 1] * 7
    rows = encode(["(uint16,uint32,bytes32,(bytes32,bytes32,bytes32))[]"], [round_.rows])[32:]
    head = [*round_.key, 32 * (4 + len(body) + len(junk)), 32 * 4]
    return joined(to_bytes(hexstr=selector), [*head, *body, *junk]) + rows.hex()
