"""Rows that belong together, and the order that a seed gives them.

Two rows are in one group if they have the same id or the same features, or if a chain of such rows joins
them. Whoever trains on one row of a group and tests on another tests on what was learned by heart.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from anomalyhive.tables.table import Table

ORDER_DOMAIN = b"ANOMALYHIVE_V1_ROW_ORDER"
"""Separates these hashes from every other use of the same seed."""


@dataclass(frozen=True)
class Group:
    """Rows (ascending indices) that no split for testing may part; ``stratum`` is the largest label of any."""

    key: bytes
    rows: tuple[int, ...]
    stratum: int


def content_key(seed: int, purpose: str, content: bytes) -> bytes:
    """The place (32 bytes, sha2-256) of content in the order of a seed, another for each purpose."""
    prefix = b"\0".join([ORDER_DOMAIN, str(seed).encode(), purpose.encode()])
    return hashlib.sha256(hashlib.sha256(prefix).digest() + content).digest()


def row_contents(table: Table) -> list[bytes]:
    """What names each row whatever its position: its id if there is one, else its features."""
    if table.ids is not None:
        return [b"id" + name.encode() for name in table.ids]
    return [b"row" + row for row in feature_bytes(table)]


def feature_bytes(table: Table) -> list[bytes]:
    """The features of each row as bytes, little-endian on every machine; equal if the features are."""
    return [row.tobytes() for row in table.features.astype("<i8")]


def groups_of(table: Table, seed: int, purpose: str) -> list[Group]:
    """All groups in the order of the seed. Neither order nor groups depend on the order of the rows."""
    parent = list(range(len(table)))

    def root(row: int) -> int:
        while parent[row] != row:
            parent[row] = parent[parent[row]]  # path halving: Tarjan & van Leeuwen 1984
            row = parent[row]
        return row

    names: list[list[bytes]] = [feature_bytes(table)]
    if table.ids is not None:
        names.append([name.encode() for name in table.ids])
    for kind in names:
        first: dict[bytes, int] = {}
        for row, name in enumerate(kind):
            parent[root(row)] = root(first.setdefault(name, row))
    members: dict[int, list[int]] = {}
    for row in range(len(table)):
        members.setdefault(root(row), []).append(row)
    keys = [content_key(seed, purpose, content) for content in row_contents(table)]
    labels = table.labels.tolist() if table.is_labelled else [0] * len(table)
    groups = [
        Group(min(keys[row] for row in rows), tuple(rows), max(labels[row] for row in rows))
        for rows in members.values()
    ]
    return sorted(groups, key=lambda group: group.key)
