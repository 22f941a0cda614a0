"""A watch over a recorded chain that is served by HTTP, and what its book must come to."""

from __future__ import annotations

import copy
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
from ingestion.clock import Clock
from ingestion.evm.conftest import ANVIL, LENGTH
from ingestion.recordings import Recording
from ingestion.serving import rpc, serving

from anomalyhive.ingestion.evm.source import EvmSource
from anomalyhive.ingestion.transport import JsonRpc
from anomalyhive.metrics.events import event_table
from anomalyhive.metrics.features import rows_of
from anomalyhive.metrics.partial import partials
from anomalyhive.monitor.book import Book
from anomalyhive.monitor.models import Learned
from anomalyhive.monitor.packing import unpack
from anomalyhive.monitor.reading import WatchReader
from anomalyhive.monitor.schema import FILE
from anomalyhive.monitor.statistics import Statistics
from anomalyhive.monitor.watch import Happened, Watch, WatchSettings
from anomalyhive.raw.joining import engine
from monitor.learnt import Given

Forks = tuple[Recording, Recording]


Change = Callable[[str, Any, Any], Any]


def as_it_is(method: str, params: Any, answer: Any) -> Any:
    return answer


class Node:
    """A node whose chain a test sets: a recording up to a head, and what is changed of its answers."""

    def __init__(self, recording: Recording, head: int = LENGTH - 1) -> None:
        self.recording, self.head = recording, head
        self.change: Change = as_it_is

    def __call__(self, method: str, params: Any) -> Any:
        if method == "eth_blockNumber":
            return self.change(method, params, hex(self.head))
        if method in ("eth_getBlockByNumber", "eth_getBlockReceipts") and int(params[0], 16) > self.head:
            return None
        self.recording.by_block = True
        return self.change(method, params, copy.deepcopy(self.recording(method, params)))


@contextmanager
def watching(node: Node, folder: Path, models: Given, others: tuple[str, ...] = (), **settings: Any) -> Iterator[Watch]:
    """A watch over a node, from block 0."""
    with serving(rpc(node)) as served:
        client = JsonRpc([served.url, *others], workers=2, patience=Clock().patience())
        with closing(EvmSource(client, ANVIL)) as source:
            chosen = WatchSettings(**{"start": 0, **settings})
            with closing(Watch.open(folder, ANVIL, source, models, chosen)) as watch:
                yield watch


def to_the_end(watch: Watch, most: int = 200) -> list[Happened]:
    """Step until there is nothing more to do."""
    found = []
    for _ in range(most):
        found.append(watch.step())
        if found[-1].idle:
            return found
    raise AssertionError("the watch does not come to rest")


def tables(recording: Recording, numbers: range) -> list[pa.Table]:
    """Transactions and token transfers of recorded blocks, as ingestion reads them."""
    recording.by_block = True
    with serving(rpc(recording)) as served, closing(EvmSource(JsonRpc([served.url]), ANVIL)) as source:
        blocks = list(source.blocks(numbers))
    return [
        pa.Table.from_batches([one.rows[name] for one in blocks if name in one.rows])  # type: ignore[union-attr, list-item]
        for name in ("transactions", "token_transfers")
    ]


def assert_exact(
    folder: Path, learned: Learned, recording: Recording, stop: int, without: tuple[int, ...] = ()
) -> None:
    """All statistics in the book, as readers have them too, and the scores by them, are those of the blocks at once."""
    events = event_table(*tables(recording, range(stop)))
    for number in without:
        events = events.filter(pa.compute.not_equal(events["block_number"], number))
    compact = partials(engine(), events, 0, stop).compact
    due, rows = Statistics.of_compact(compact), rows_of(compact)
    with Book.open(folder, ANVIL.chain_id or 0, ANVIL.finality) as book:
        found = unpack(due.addresses, book.states(due.addresses))
    assert (found.values == due.values).all()
    assert (found.ranks == due.ranks).all()
    database = sqlite3.connect(folder / FILE)
    assert database.execute("SELECT count(*) FROM accounts").fetchone() == (len(due.addresses),)
    database.close()
    points = learned.opinion(due.features()).points
    with WatchReader(folder) as reader:
        latest = [reader.latest(address) for address in due.addresses]
        shown = [reader.statistics(address) for address in rows.addresses]
    assert shown == [list(zip(rows.names, row, rows.units, strict=True)) for row in rows.features.tolist()]
    assert [None if one is None else one.probability_bp for one in latest] == points
