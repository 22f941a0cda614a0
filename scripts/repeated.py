"""The blocks of a recording again and again, as one longer chain: a long range without the time to mine it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from anomalyhive.ingestion.evm.header import header_hash

SECONDS = 12
"""Between two blocks."""

BEGINNING = 2
"""Blocks that are not repeated: the first one, and the one that makes the tokens."""


@dataclass(frozen=True)
class Place:
    """A block of the longer chain: which of the recording it is, and what stands there instead of what."""

    recorded: int
    changes: tuple[tuple[bytes, bytes], ...] = ()

    def rewritten(self, text: bytes) -> bytes:
        """A text of the recorded block, its receipts or its logs, as this block's."""
        for old, new in self.changes:
            text = text.replace(old, new)
        return text


def places(headers: Sequence[Mapping[str, Any]], repeat: int) -> Iterator[Place]:
    """The blocks of a chain that holds all blocks but the beginning ``repeat`` times.

    Number, parent, time and with them the hash are others each time, where a block has them and where its transactions,
    receipts and logs name it. Ids of transactions and all roots stay as they are: no field of theirs tells the block.
    A receipt that is asked for by its transaction's id is that of the first of these blocks.
    """
    yield from (Place(number) for number in range(len(headers)))
    last, number = headers[-1], len(headers)
    parent, now = last["hash"], int(last["timestamp"], 16)
    for _ in range(repeat - 1):
        for recorded in range(BEGINNING, len(headers)):
            old = headers[recorded]
            now += SECONDS
            new = {**old, "number": hex(number), "parentHash": parent, "timestamp": hex(now)}
            new["hash"] = parent = f"0x{header_hash(new).hex()}"
            yield Place(recorded, tuple(_changes(old, new)))
            number += 1


def _changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[bytes, bytes]]:
    for name in ("number", "parentHash", "timestamp", "hash"):
        for member in (name, f"block{name.capitalize()}"):
            yield _member(member, old[name]), _member(member, new[name])


def _member(name: str, value: str) -> bytes:
    return f'"{name}":{json.dumps(value)}'.encode()
