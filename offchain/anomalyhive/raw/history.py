"""One address by itself: its events in a folder of chunks or in what a node tells, and the row that comes of them.

An address's row depends on its own events alone, so it is, integer for integer, the row that a federation on the same
blocks has of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from anomalyhive.core.learner import Integers
from anomalyhive.errors import BadTable
from anomalyhive.ingestion.evm.history import History
from anomalyhive.ingestion.shard.manifest import Manifest
from anomalyhive.metrics.account_events import events_of
from anomalyhive.metrics.chunks import Chunk, find_chunks
from anomalyhive.metrics.events import event_table
from anomalyhive.metrics.features import rows
from anomalyhive.metrics.partial import partials
from anomalyhive.raw.detecting import NONE, Fitted
from anomalyhive.raw.joining import as_images, engine


@dataclass(frozen=True, eq=False)
class Account:
    """The events of an address in the blocks ``first`` to ``stop`` (half-open); ``chain_id`` is None if unknown."""

    address: str
    first: int
    stop: int
    chain_id: int | None
    events: pa.Table

    @property
    def transactions(self) -> int:
        """How many it sent or received; one to itself counts once."""
        own = self.events.filter(pc.equal(self.events.column("track"), 0))
        twice = pc.and_(pc.equal(own.column("alone"), 1), pc.equal(own.column("sent"), 1))
        return len(own) - int(pc.sum(pc.cast(twice, pa.int64())).as_py() or 0)

    @property
    def token_transfers(self) -> int:
        """How many it sent or received; one to itself counts twice."""
        return len(self.events.filter(pc.equal(self.events.column("track"), 1)))

    def row(self, columns: Sequence[str], detectors: Fitted = NONE) -> Integers:
        """The images int64 (1, F) of these columns, as a model of raw transactions reads them. Raises BadTable."""
        return as_images(self.statistics(), columns, detectors)

    def statistics(self) -> Integers:
        """All statistics int64 (1, F) in their fixed order. Raises BadTable where there is no event."""
        if not len(self.events):
            raise BadTable(f"{self.address} has no event in the blocks {self.first}:{self.stop}: there is no row of it")
        return rows(partials(engine(), self.events, self.first, self.stop)).features


def account_of(history: History) -> Account:
    """The events of what a node told."""
    events = event_table(history.transactions, history.token_transfers)
    blocks = history.blocks
    return Account(history.address, blocks.start, blocks.stop, history.chain_id, _own(events, history.address))


def account_in(folder: Path, address: str, blocks: range | None = None) -> Account:
    """The events of an address (lower case) in a folder of chunks, or in some of its blocks.

    Raises BadInput for what is no such folder, and for blocks of which it holds none.
    """
    chunks = find_chunks(folder)
    first, stop = chunks[0].start, chunks[-1].stop
    if blocks is not None:
        if blocks.start >= stop or blocks.stop <= first:
            raise BadTable(f"{folder} holds the blocks {first}:{stop}, and none of {blocks.start}:{blocks.stop}")
        first, stop = max(first, blocks.start), min(stop, blocks.stop)
    events = pa.concat_tables([events_of(chunk, address) for chunk in chunks])
    number = events.column("block_number")
    inside = events.filter(pc.and_(pc.greater_equal(number, first), pc.less(number, stop)))
    return Account(address, first, stop, chain_id_of(chunks), inside)


def chain_id_of(chunks: Sequence[Chunk]) -> int | None:
    """The chain that all these chunks are of, as their manifests say; None if they do not."""
    manifests = [Manifest.read(chunk.transactions.parent) for chunk in chunks]
    known = {None if one is None else one.fields["chain_id"] for one in manifests}
    return known.pop() if len(known) == 1 else None


def _own(events: pa.Table, address: str) -> pa.Table:
    return events.filter(pc.equal(events.column("address"), address))
