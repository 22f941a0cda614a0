"""The events of a transaction, as plain values to compare with."""

from __future__ import annotations

from typing import Any


def logged(transaction: Any, event: str) -> list[dict[str, Any]]:
    """Every event of this name in the order of the logs: addresses as checksummed strings, 32-byte words as bytes."""
    if event not in transaction.events:
        return []
    return [{name: _plain(value) for name, value in one.items()} for one in transaction.events[event]]


def _plain(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return tuple(_plain(one) for one in value)
    if isinstance(value, str) and value.startswith("0x") and len(value) != 42:
        return bytes.fromhex(value[2:])
    return str(value) if isinstance(value, str) else value
