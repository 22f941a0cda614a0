"""How rows of a watch's file become what they say, and how hexadecimal text is kept in half the space."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from anomalyhive.monitor.entries import BlockRow, Score

BLOCK_COLUMNS = ", ".join(one.name for one in fields(BlockRow))
SCORE_COLUMNS = ", ".join(one.name for one in fields(Score))


def octets(text: str) -> bytes:
    """The bytes of hexadecimal text, with or without 0x."""
    return bytes.fromhex(text.removeprefix("0x"))


def in_words(column: str) -> str:
    """SQL for the text of bytes: 0x and the digits; an empty text of no bytes."""
    return f"CASE WHEN length({column}) THEN '0x' || lower(hex({column})) ELSE '' END"


def block_of(row: Sequence[Any]) -> BlockRow:
    """A row of BLOCK_COLUMNS."""
    return BlockRow(*row)


def score_of(row: Sequence[Any]) -> Score:
    """A row of SCORE_COLUMNS."""
    return Score(*row)
