"""What a node must remember across a kill: written before the transaction that makes it binding."""

from __future__ import annotations

from typing import Protocol


class Journal(Protocol):
    """Values by key. `put` returns only when the value would survive a power cut."""

    def get(self, key: str) -> bytes | None:
        """The value, or None where nothing was put."""

    def put(self, key: str, value: bytes) -> None:
        """Keep a value; a later one replaces it."""
