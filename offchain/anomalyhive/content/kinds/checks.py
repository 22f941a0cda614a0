"""What a field of a root may be. Each check returns its value or raises BadInput, which names the field."""

from __future__ import annotations

from collections.abc import Mapping

from anomalyhive.content.cid import DIGEST_BYTES
from anomalyhive.errors import BadInput

MOST_INTEGER = (1 << 63) - 1
"""Largest chain id and task number that a root can name: what int64 holds."""

MOST_ROUND = (1 << 32) - 1
MOST_SHARDS = 1024
MOST_CHUNKS = 1 << 14
"""Chunks of a chain that a task learns from: their links fit into the root of its spec."""

MOST_NODE = (1 << 32) - 1
MOST_SEATS = 20
MOST_ROWS = 1 << 40
"""Above every table; sums of int64 statistics over more rows could overflow."""

TEXT_LENGTH = 1000
"""Characters of a name, a column or a reason."""

ADDRESS_BYTES = 20


def integer(name: str, value: object, low: int, high: int) -> int:
    """An int from ``low`` to ``high``, both included; a bool is none."""
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise BadInput(f"{name} is {str(value)[:80]}, not an integer from {low} to {high}")
    return value


def text(name: str, value: object, least: int = 1) -> str:
    """A str of ``least`` to TEXT_LENGTH characters."""
    if not isinstance(value, str) or not least <= len(value) <= TEXT_LENGTH:
        raise BadInput(f"{name} is {str(value)[:80]!r}, not a text of {least} to {TEXT_LENGTH} characters")
    return value


def octets(name: str, value: object, length: int) -> bytes:
    """Exactly ``length`` bytes."""
    if not isinstance(value, bytes) or len(value) != length:
        raise BadInput(f"{name} is {str(value)[:80]}, not {length} bytes")
    return value


def digest(name: str, value: object) -> bytes:
    """The digest of a block."""
    return octets(name, value, DIGEST_BYTES)


def names(name: str, value: object) -> tuple[str, ...]:
    """A tuple of one or more texts without repetition."""
    if not isinstance(value, tuple) or not value:
        raise BadInput(f"{name} is {str(value)[:80]}, not a tuple of names")
    for index, item in enumerate(value):
        text(f"{name}[{index}]", item)
    if len(set(value)) != len(value):
        twice = next(item for item in value if value.count(item) > 1)
        raise BadInput(f"{name} has {twice!r} twice")
    return value


def parameters(name: str, value: object) -> Mapping[str, int]:
    """A mapping from texts to int64."""
    if not isinstance(value, Mapping):
        raise BadInput(f"{name} is {str(value)[:80]}, not a map")
    for key, item in value.items():
        text(f"a key of {name}", key)
        integer(f"{name}.{key}", item, -MOST_INTEGER - 1, MOST_INTEGER)
    return value


def place(chain: object, hive: object, task: object, round_: object, first_round: int) -> None:
    """Chain id, contract, task and round; rounds count from 1, and 0 is the time before them."""
    integer("chain", chain, 1, MOST_INTEGER)
    octets("hive", hive, ADDRESS_BYTES)
    integer("task", task, 1, MOST_INTEGER)
    integer("round", round_, first_round, MOST_ROUND)
