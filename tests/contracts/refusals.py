"""What a contract must answer to who may not: one custom error, with its values."""

from __future__ import annotations

from typing import Any

import brownie


def refused(error: str, *values: Any) -> Any:
    """A context in which a transaction or a call must revert with just this custom error and these values.

    >>> with refused("NotSponsor", task, stranger):     # doctest: +SKIP
    ...     hive.withdrawEscrow(task, 1, {"from": stranger})
    """
    return brownie.reverts(f"{error}: {', '.join(_shown(value) for value in values)}")


def _shown(value: Any) -> str:
    """A value as Brownie shows it in an error: addresses and accounts in lower case, numbers in decimal."""
    text = str(int(value)) if isinstance(value, int) else str(value)
    return text.lower() if text.startswith("0x") else text
