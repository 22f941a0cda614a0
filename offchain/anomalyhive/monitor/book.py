"""The book of a watch: what it has seen and said, in one SQLite file that it alone writes.

A block goes in with everything that follows from it, in one transaction: a kill leaves the block with all of that or
without any. For as deep as a chain may be reorganised the book keeps what each block replaced, and gives it back.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import astuple
from pathlib import Path

from anomalyhive.content.locking import holding
from anomalyhive.errors import BadInput, BadSetting, Failure
from anomalyhive.metrics.encoding import STATISTICS_DIGEST
from anomalyhive.monitor import accounts, alerts
from anomalyhive.monitor.alert import Alert, Withdrawal
from anomalyhive.monitor.entries import BlockRow, Entry
from anomalyhive.monitor.rows import BLOCK_COLUMNS, block_of
from anomalyhive.monitor.schema import FILE, connect, create

LOCK = ".lock"

DEPTH = 64
"""Blocks that can be taken back, unless the chain's finality is told."""

KEEP_BLOCKS = 200_000
"""Blocks whose rows are kept: four weeks of Ethereum."""

STEP_BP = 500
"""Basis points by which a score moves from the last that was kept before it is kept, too."""

_SELECT = f"SELECT {BLOCK_COLUMNS} FROM blocks"  # noqa: S608
_INSERT = f"INSERT OR REPLACE INTO blocks ({BLOCK_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?,?)"  # noqa: S608


class Book:
    """The one writer of a watch's file. Of several processes one holds the folder; readers need no leave."""

    def __init__(
        self, database: sqlite3.Connection, folder: Path, limits: tuple[int, int, int], held: ExitStack
    ) -> None:
        """By `open`."""
        self._database, self.folder, self._held = database, folder, held
        self._depth, self._keep_blocks, self._step = limits
        self._place = folder / FILE

    @classmethod
    def open(
        cls, folder: Path, chain_id: int, depth: int = DEPTH, keep_blocks: int = KEEP_BLOCKS, step_bp: int = STEP_BP
    ) -> Book:
        """Open the book in a folder, or make it.

        Raises BadSetting while another process holds it and for a book of another chain, BadInput for a file that is no
        book of this version, Failure for a disk that refuses.
        """
        if keep_blocks <= depth:
            raise BadSetting(f"{keep_blocks} blocks to keep are too few where {depth} may be taken back: keep more")
        refusal = BadSetting(f"{folder} is in use by another watch: wait for it, or name another --watch")
        with ExitStack() as held:
            held.enter_context(holding(folder / LOCK, refusal))
            if not (folder / FILE).exists():
                create(folder / FILE)
            database = connect(folder, writing=True)
            held.callback(database.close)
            made = cls(database, folder, (depth, keep_blocks, step_bp), held.pop_all())
        try:
            made._set_up(chain_id)
        except BaseException:
            made.close()
            raise
        return made

    def _set_up(self, chain_id: int) -> None:
        with self._understood("opened"):
            for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "cache_size = -65536", "temp_store = MEMORY"):
                self._database.execute(f"PRAGMA {pragma}")
            self._database.execute(accounts.TOUCHED)
        due: dict[str, int | str] = {"chain_id": chain_id, "statistics": STATISTICS_DIGEST.hex()}
        for name, value in due.items():
            there = self.fact(name)
            if there is None:
                self.note({name: value})
            elif there != value:
                raise BadSetting(
                    f"{self.folder} is a watch of {name} {there}, and {value} is asked for: name another folder"
                )

    def close(self) -> None:
        """Close the file and let the folder go."""
        self._held.close()

    def __enter__(self) -> Book:
        """Itself, closed at the end."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def fact(self, name: str) -> int | str | None:
        """What was noted under a name, None if nothing was."""
        with self._understood("read"):
            row = self._database.execute("SELECT value FROM meta WHERE key = ?", (name,)).fetchone()
        return None if row is None else row[0]

    def note(self, facts: Mapping[str, int | str]) -> None:
        """Note facts of the watch itself, such as its threshold."""
        with self._writing():
            self._note(facts)

    def begin(
        self,
        start: int,
        parent: str = "",
        known: Iterable[tuple[str, bytes]] = (),
        facts: Mapping[str, int | str] | None = None,
    ) -> None:
        """Begin before block ``start``, with the statistics of addresses up to there; all or nothing.

        ``parent`` is the hash of the block before, where it is known. Raises BadInput where the book has begun.
        """
        if self.fact("start") is not None:
            raise BadInput(f"{self.folder} begins at block {self.fact('start')} already: begin anew in another folder")
        with self._writing(durable=True):
            accounts.load(self._database, known)
            self._note({"start": start, "parent": parent, "floor": start - 1, "pruned": start - 1, **(facts or {})})

    def head(self) -> BlockRow | None:
        """The last block, None before the first."""
        return self._block(f"{_SELECT} ORDER BY number DESC LIMIT 1")

    def block(self, number: int) -> BlockRow | None:
        """The row of a block, None where there is none."""
        return self._block(f"{_SELECT} WHERE number = ?", number)

    def states(self, addresses: Sequence[str]) -> list[bytes | None]:
        """The statistics of each address, None of one that was never touched."""
        with self._understood("read"):
            return accounts.states(self._database, addresses)

    def live(self) -> list[Alert]:
        """The alerts that are live, the oldest first."""
        return self._alerts("state = 'live' ORDER BY place")

    def live_of(self, addresses: Iterable[str]) -> dict[str, Alert]:
        """The live alerts of these addresses."""
        # By the index of addresses: there may be more live alerts than a block touches addresses.
        wanted = "+state = 'live' AND address IN (SELECT value FROM json_each(?))"
        return {one.address: one for one in self._alerts(wanted, json.dumps(list(addresses)))}

    def expiring(self, time: int) -> list[Alert]:
        """The live alerts whose time is over at ``time`` (unix seconds)."""
        return self._alerts("state = 'live' AND expires_at <= ? ORDER BY place", time)

    def write(self, entry: Entry) -> list[Withdrawal]:
        """Put a block in with all that follows from it; return what is withdrawn by it.

        The block is the next one, or the last once more, with what a newer model says of addresses. Raises BadInput for
        any other, Failure for a disk that refuses.
        """
        block, last = entry.block, self._last()
        again = block.number == last and self.block(last) is not None
        if block.number != last + 1 and not again:
            raise BadInput(f"block {block.number} does not follow: {last + 1} is due")
        durable = bool(entry.alerts or entry.ended)
        with self._writing(durable):
            self._database.execute(_INSERT, astuple(block))
            accounts.put(self._database, entry, self._step)
            withdrawals = alerts.end(self._database, entry.ended, block)
            for one in entry.alerts:
                alerts.put(self._database, one)
            self._prune(block.number)
        return withdrawals

    def roll_back(self, number: int, at: int) -> tuple[list[Withdrawal], list[Alert]]:
        """Take all blocks above ``number`` back; return what is withdrawn, and the alerts that are live again.

        ``at`` is the time of it (unix seconds). Raises Failure for blocks that lie deeper than the book can go back.
        """
        head, floor = self._last(), self._whole("floor")
        if number < floor:
            raise Failure(
                f"the chain was reorganised down to block {number}, and {self.folder} can go back to {floor} alone: "
                "see that all endpoints are of one network; then begin anew in another folder"
            )
        with self._writing(durable=True):
            accounts.restore(self._database, number, head)
            withdrawals, revived = alerts.take_back(self._database, number, at)
            for table, column in (("scores", "block_number"), ("blocks", "number"), ("undo", "number")):
                self._database.execute(f"DELETE FROM {table} WHERE {column} > ?", (number,))  # noqa: S608
        return withdrawals, revived

    def posted(self, alert_id: str, transaction: str) -> None:
        """Note the transaction by which an alert stands on a chain. Raises BadInput for an alert that there is not."""
        with self._writing(durable=True):
            changed = self._database.execute("UPDATE alerts SET posted_tx = ? WHERE id = ?", (transaction, alert_id))
            if not changed.rowcount:
                raise BadInput(f"{self.folder} has no alert {alert_id[:80]}")

    def _prune(self, number: int) -> None:
        """Let go of what is too deep to be taken back, of blocks that are too old to be kept, and of what was told."""
        floor, pruned = self._whole("floor"), self._whole("pruned")
        floor = max(floor, number - self._depth)
        old = max(pruned, number - self._keep_blocks)
        self._database.execute("DELETE FROM undo WHERE number <= ?", (floor,))
        if old > pruned:
            self._database.execute("DELETE FROM blocks WHERE number <= ?", (old,))
            self._database.execute(
                "DELETE FROM scores WHERE block_number > ? AND block_number <= ? "
                "AND NOT EXISTS (SELECT 1 FROM alerts WHERE alerts.address = scores.address)",
                (pruned, old),
            )
            oldest = self._block(f"{_SELECT} WHERE number > ? ORDER BY number LIMIT 1", old)
            if oldest is not None:
                alerts.forget(self._database, oldest.time)
        self._note({"floor": floor, "pruned": old})

    def _last(self) -> int:
        """The number of the last block, or of the one before the first."""
        head = self.head()
        return self._whole("start") - 1 if head is None else head.number

    def _whole(self, name: str) -> int:
        """A fact that is a number."""
        found = self.fact(name)
        if not isinstance(found, int):
            raise BadInput(f"{self.folder} has not begun: say before which block")
        return found

    def _block(self, query: str, *values: int) -> BlockRow | None:
        with self._understood("read"):
            row = self._database.execute(query, values).fetchone()
        return None if row is None else block_of(row)

    def _note(self, facts: Mapping[str, int | str]) -> None:
        self._database.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", facts.items())

    def _alerts(self, condition: str, *values: int | str) -> list[Alert]:
        with self._understood("read"):
            return alerts.those(self._database, condition, *values)

    @contextmanager
    def _writing(self, durable: bool = False) -> Iterator[None]:
        """One transaction. What is told to others survives a power cut; the rest is read again from the chain."""
        with self._understood("written"):
            self._database.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._database.execute("COMMIT")
            except BaseException:
                if self._database.in_transaction:
                    self._database.execute("ROLLBACK")
                raise

    @contextmanager
    def _understood(self, done: str) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise Failure(
                f"{self._place} cannot be {done} ({error}): make room, or restore it, or begin anew in another folder"
            ) from error
