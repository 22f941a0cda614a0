"""The log of an export, proven: each event by the receipts root of its block, each block by its hash and its child.

A block's hash is that of its header; the header has the roots over its receipts and transactions, and the hash of the
block before. So where blocks follow each other, the last hash stands for all of them. A gap is filled with headers up
to `MOST_GAP` blocks, whose bloom filters show that nothing of the hive is in them; a longer one is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from anomalyhive.audit.audited import Happened
from anomalyhive.audit.export.records import Record, Sealed, Told
from anomalyhive.audit.report import Anchor, Findings
from anomalyhive.chain.events import Event, Position, event_of
from anomalyhive.errors import AuditFailure, ChainFailure
from anomalyhive.ingestion.evm.sealed import Header, Log, Receipt, Sent
from anomalyhive.ingestion.evm.trie import MOST_ITEMS, ordered_root
from anomalyhive.ingestion.evm.values import Malformed

MOST_GAP = 256
"""Blocks between two with events whose headers an export must have: 140 KiB."""


@dataclass
class Proving:
    """Goes through the records of a log in their order and writes down what does not hold; keeps events only.

    ``addresses`` are those of the contracts. What it finds: ``events`` in order, ``times`` of all blocks with events,
    ``calls`` by transaction, ``stretches``, the blocks that stand as a node ``told`` them, and contracts whose code is
    ``unproven``, with it.
    """

    addresses: Sequence[bytes]
    findings: Findings
    events: list[Event] = field(default_factory=list)
    times: dict[int, int] = field(default_factory=dict)
    calls: dict[bytes, Happened] = field(default_factory=dict)
    stretches: list[Anchor] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    unproven: dict[str, bytes] = field(default_factory=dict)
    head: Header | None = None

    def take(self, record: Record) -> int:
        """Hold one record against what its header says, and against the one before; the number of its block."""
        self.findings.count("log")
        if isinstance(record, Told):
            self._follow(record.number, record.hash, record.parent)
            self._take_told(record)
            return record.number
        try:
            header = Header.read(record.header)
        except Malformed as error:
            raise AuditFailure(f"a header in the log of the export is malformed: {error}") from error
        if header.hash != record.hash:
            self._fail(header.number, f"is named 0x{record.hash.hex()}, its header has the hash 0x{header.hash.hex()}")
        self._follow(header.number, header.hash, header.parent)
        self.head = header
        if isinstance(record, Sealed):
            self._take_sealed(header, record)
        elif header.may_hold(self.addresses):
            self._fail(header.number, "may hold events, by its bloom filter, and its receipts are not given")
        return header.number

    def _follow(self, number: int, hash_: bytes, parent: bytes) -> None:
        before = self.stretches[-1] if self.stretches else None
        if before is None or number > before.last + MOST_GAP + 1:
            self.stretches.append(Anchor(number, number, hash_))
            return
        if number <= before.last:
            raise AuditFailure(f"block {number} follows block {before.last} in the log of the export")
        if number > before.last + 1:
            self._fail(number, f"comes after block {before.last}, and the headers between them are not given")
        elif parent != before.hash:
            self._fail(number, f"names its parent 0x{parent.hex()}, block {before.last} is 0x{before.hash.hex()}")
        self.stretches[-1] = Anchor(before.first, number, hash_)

    def _take_sealed(self, header: Header, record: Sealed) -> None:
        roots = {
            "receipts": (record.receipts, header.receipts),
            "transactions": (record.transactions, header.transactions),
        }
        for name, (encoded, due) in roots.items():
            found = ordered_root(encoded) if len(encoded) < MOST_ITEMS else b""
            if found != due:
                self._fail(header.number, f"has {name} with the root 0x{found.hex()}, its header says 0x{due.hex()}")
        if len(record.receipts) != len(record.transactions):
            self._fail(header.number, f"has {len(record.receipts)} receipts of {len(record.transactions)} transactions")
        before = len(self.events)
        try:
            for log, position in self._placed(header, record):
                self._add(log, position)
        except Malformed as error:
            self._fail(header.number, f"has a malformed receipt or transaction: {error}")
        if len(self.events) > before:
            self.times[header.number] = header.time
        elif not header.may_hold(self.addresses):
            self._fail(header.number, "has receipts without any event, which its bloom filter shows already")

    def _placed(self, header: Header, record: Sealed) -> Iterator[tuple[Log, Position]]:
        """The hive's logs of a block; the place of a log counts those of all its receipts."""
        index = 0
        receipts = [Receipt.read(one) for one in record.receipts]
        gas = [after - before for before, after in pairwise([0, *(one.cumulative_gas for one in receipts)])]
        for place, receipt in enumerate(receipts):
            known = [(at, one) for at, one in enumerate(receipt.logs, index) if one.address in self.addresses]
            index += len(receipt.logs)
            if not known or place >= len(record.transactions):
                continue
            sent = Sent.read(record.transactions[place])
            self.calls[sent.hash] = Happened(sent.hash, sent.target, sent.input, gas[place])
            for at, log in known:
                yield log, Position(header.number, header.hash, sent.hash, at)

    def _take_told(self, record: Told) -> None:
        """What nothing proves; a chain that is asked may confirm it."""
        self.told.append(record)
        self.times[record.number] = record.time
        for one in record.logs:
            if one.log.address not in self.addresses:
                self._fail(record.number, f"has a log of 0x{one.log.address.hex()}, which is no contract of the hive")
                continue
            self._add(one.log, Position(record.number, record.hash, one.transaction, one.index))

    def _add(self, log: Log, position: Position) -> None:
        try:
            self.events.append(event_of(log.topics, log.data, position))
        except ChainFailure as error:
            self._fail(position.block, f"has a log that is no event: {error}")

    def _fail(self, block: int, what: str) -> None:
        self.findings.fail("log", f"block {block} {what}")
