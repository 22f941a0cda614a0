"""What every adapter makes of a block: rows of integers, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import pyarrow as pa

Row = tuple[Any, ...]
"""Values in the order of the table's columns; None is what the chain does not show."""


@dataclass(frozen=True)
class Block:
    """A block as its tables have it.

    ``rows`` is table -> rows in the order in which they stand in the block, as tuples or, where an adapter has them by
    columns, as a batch; every table's first column is `block_number`. ``faults`` says what does not hold of the block
    by itself: a hash that is not that of its header, a count that does not agree, a negative amount. Each is
    "kind: what was found, what was expected"; the manifest counts by kind. A block with faults goes to quarantine as a
    whole, with ``raw``.
    """

    number: int
    hash: bytes
    parent_hash: bytes
    rows: Mapping[str, Sequence[Row] | pa.RecordBatch]
    faults: tuple[str, ...] = ()
    raw: bytes = b""


@dataclass(frozen=True)
class Unreadable:
    """What was given for a block cannot even be decoded: ``reason`` is "kind: …" and names the offending value."""

    number: int
    reason: str
    raw: bytes = b""


class Source(Protocol):
    """Where blocks come from: endpoints of nodes, or a folder of files.

    One that holds connections or files has a `close` as well.
    """

    @property
    def schemas(self) -> Mapping[str, pa.Schema]:
        """Table -> schema; the same for every source of a chain's family."""

    @property
    def chain_id(self) -> int | str | None:
        """What tells networks of one name apart: the id of EIP-155, else the hash of the first block in hex.

        None where the source cannot tell. Raises ChainFailure.
        """

    def head(self) -> int:
        """The number of the last block that there is. Raises ChainFailure or BadInput."""

    def hash_of(self, number: int) -> bytes:
        """The hash of a block as the source has it now, to notice a reorganisation."""

    def blocks(self, numbers: range) -> Iterator[Block | Unreadable]:
        """The blocks with these numbers, in their order; every number once."""
