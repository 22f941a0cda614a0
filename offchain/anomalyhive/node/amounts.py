"""Tokens and coin as people write them, without a float: both have 18 decimals."""

from __future__ import annotations

import re

from anomalyhive.errors import BadSetting

DECIMALS = 18
UNIT = 1_000_000_000_000_000_000
WRITTEN = re.compile(r"([0-9]{1,30})(?:\.([0-9]{1,18}))?")


def tokens(amount: int) -> str:
    """1e-18 tokens as tokens, exactly."""
    return f"{decimal(amount)} {'token' if amount == UNIT else 'tokens'}"


def decimal(amount: int) -> str:
    """An amount in 1e-18 as a decimal, exactly.

    >>> decimal(1_234_500_000_000_000_000_000)
    '1,234.5'
    """
    whole, part = divmod(amount, UNIT)
    return f"{whole:,}" + (f".{part:0{DECIMALS}}".rstrip("0") if part else "")


def rounded(amount: int) -> str:
    """An amount in 1e-18 with six decimals at most, cut and not rounded up: for a person to look at."""
    return decimal(amount - amount % (UNIT // 1_000_000))


def parse_amount(text: str, option: str) -> int:
    """An amount in 1e-18 from a decimal. Raises BadSetting.

    >>> parse_amount("0.5", "--stake")
    500000000000000000
    """
    match = WRITTEN.fullmatch(text.strip().replace(",", "").replace("_", ""))
    if match is None:
        raise BadSetting(f"{option} {text[:60]!r} is no amount: write tokens such as 1000 or 0.5, at most 18 decimals")
    whole, part = match.groups()
    return int(whole) * UNIT + int(str(part or "").ljust(DECIMALS, "0"))
