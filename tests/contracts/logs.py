"""What Brownie shows of events and structs, as plain values to compare with."""

from __future__ import annotations

from typing import Any


def logged(transaction: Any, event: str) -> list[dict[str, Any]]:
    """Every event of this name in the order of the logs; values as `plain` gives them."""
    if event not in transaction.events:
        return []
    return [{name: plain(value) for name, value in one.items()} for one in transaction.events[event]]


def plain(value: Any) -> Any:
    """Structs as tuples, addresses as checksummed strings, bytes as bytes: Brownie's own types compare by rules."""
    if isinstance(value, (list, tuple)):
        return tuple(plain(one) for one in value)
    if isinstance(value, bytes):
        return bytes(value)
    if isinstance(value, str):
        return str(value)
    return value if isinstance(value, bool) else int(value)
