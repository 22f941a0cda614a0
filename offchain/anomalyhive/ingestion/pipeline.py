"""Blocks of a range into a folder of tables: checked, linked, resumed after a kill, rolled back with the chain."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from anomalyhive.atomic import appearing
from anomalyhive.errors import BadInput, BadSetting, ChainFailure
from anomalyhive.ingestion.block import Block, Source, Unreadable
from anomalyhive.ingestion.chains import Chain
from anomalyhive.ingestion.pending import PartSize, Pending, as_batches
from anomalyhive.ingestion.shard.digest import TableDigest, canonical_digest, kind
from anomalyhive.ingestion.shard.finished import check_tables, last_block
from anomalyhive.ingestion.shard.manifest import EXTRACTOR, Manifest
from anomalyhive.ingestion.shard.merkle import MerkleRoot
from anomalyhive.ingestion.shard.parquet import FILE_MODE, write_table
from anomalyhive.ingestion.shard.parts import Link, Parts, Quarantined
from anomalyhive.jsontext import loads

PARTS, JOB, QUARANTINE = ".parts", "job.json", "quarantine.jsonl"
"""Names in the folder: the parts and what they are of, while it is unfinished; the blocks that are in no table."""

ROLLBACKS = 100
"""Reorganisations in one run after which the source is not one chain, such as endpoints of different networks."""

WRITERS = 2
"""Tables that are written at once; each holds a row group in memory."""


class Listener(Protocol):
    """What a run tells of itself."""

    def resumed(self, number: int) -> None:
        """Blocks below ``number`` were there already."""

    def read(self, number: int) -> None:
        """Blocks up to ``number`` are read."""

    def rolled_back(self, number: int) -> None:
        """The chain was reorganised above block ``number``, and what was read of it dropped."""

    def quarantined(self, number: int, reasons: tuple[str, ...]) -> None:
        """A block is in no table, and why."""


def ingest(
    source: Source,
    chain: Chain,
    blocks: range,
    out: Path,
    listener: Listener,
    unfinal: bool = False,
    size: PartSize | None = None,
) -> Manifest:
    """Ingest a range into a folder, going on where an earlier run stopped; return the manifest.

    With ``unfinal`` blocks are taken that the chain may still give up. Of a folder that is finished it is checked that
    it holds the tables that are asked for, as they were written, of blocks that are the chain's still. Raises
    BadSetting, BadInput, ChainFailure.
    """
    check_range(blocks)
    done = Manifest.read(out)
    if done is not None:
        _check_same(done, chain, blocks, out)
        _check_whole(done, source, out)
        return done
    _check_unused(source, out)
    _check_final(source, chain, blocks, unfinal)
    out.mkdir(parents=True, exist_ok=True)
    run = _Run(source, chain, blocks, out, listener, size or PartSize())
    run.resume()
    run.read()
    return run.finish()


def check_range(blocks: range) -> None:
    """Raise BadSetting for what is no range of blocks."""
    if blocks.step != 1 or blocks.start < 0 or blocks.stop <= blocks.start:
        raise BadSetting(f"--blocks {blocks.start}:{blocks.stop} holds no block: give A:B with 0 <= A < B")


def _check_same(done: Manifest, chain: Chain, blocks: range, out: Path) -> None:
    there = done.fields
    if there["chain"] != chain.name or there["blocks"] != {"start": blocks.start, "stop": blocks.stop}:
        held = f"{there['chain']} {there['blocks']['start']}:{there['blocks']['stop']}"
        raise BadSetting(
            f"--out {out} holds {held} already: name another folder for {chain.name} {blocks.start}:{blocks.stop}"
        )
    if there["extractor"] != EXTRACTOR:
        raise BadSetting(
            f"--out {out} was written by extractor {there['extractor']}, this is {EXTRACTOR}: name another folder"
        )


def _check_whole(done: Manifest, source: Source, out: Path) -> None:
    if done.rows.keys() != source.schemas.keys():
        raise BadSetting(
            f"--out {out} holds the tables {', '.join(done.rows)} already, and "
            f"{', '.join(source.schemas)} are asked for: name another folder"
        )
    check_tables(out, done)
    number, there = last_block(out, done), done.fields["last_hash"]
    if number is not None and (now := source.hash_of(number).hex()) != there:
        raise BadInput(
            f"--out {out} ends with block {number} of the hash {there}, and the source has {now} there: the chain was "
            "reorganised, or it is another one: ingest into another folder"
        )


def _check_unused(source: Source, out: Path) -> None:
    """Raise BadSetting for files in the way that no ingestion wrote which may go on; they would be written over."""
    if (out / JOB).is_file():
        return
    for name in (*(f"{table}.parquet" for table in source.schemas), QUARANTINE):
        if (out / name).exists():
            raise BadSetting(f"--out {out} holds a {name} and no {JOB} of an unfinished ingestion: name another folder")


def _check_final(source: Source, chain: Chain, blocks: range, unfinal: bool) -> None:
    head = source.head()
    last = head if unfinal else head - chain.finality
    if blocks.stop - 1 > last:
        why = f"its last block is {head}"
        if not unfinal:
            why += f", and {chain.name} is final {chain.finality} blocks deep (--unfinal takes what may change)"
        raise BadSetting(f"--blocks {blocks.start}:{blocks.stop} ends beyond {last + 1}: {why}")


class _Run:
    """One run over a range."""

    def __init__(
        self, source: Source, chain: Chain, blocks: range, out: Path, listener: Listener, size: PartSize
    ) -> None:
        self._source, self._chain, self._blocks, self._out, self._listener = source, chain, blocks, out, listener
        self._parts = Parts(out / PARTS, source.schemas)
        self._pending = Pending(source.schemas, size)
        self._rollbacks = 0

    def resume(self) -> None:
        """Take up an earlier run's parts; BadSetting where they are of another job."""
        job = {
            "chain": self._chain.name,
            "start": self._blocks.start,
            "stop": self._blocks.stop,
            "extractor": EXTRACTOR,
            "schemas": _described(self._source.schemas),
        }
        path = self._out / JOB
        if path.is_file():
            try:
                there = loads(path.read_bytes())
            except ValueError as error:
                raise BadInput(f"{path} is no JSON: remove {self._out} and begin anew") from error
            if there != job:
                raise BadSetting(f"--out {self._out} holds another unfinished ingestion ({path}): name another folder")
        else:
            with appearing(path, FILE_MODE) as stream:
                stream.write(json.dumps(job, indent=2).encode() + b"\n")
        self._parts.load(self._blocks.start)
        self._parts.drop_after(self._blocks.stop - 1)
        self._listener.resumed(self._next)

    def read(self) -> None:
        """Read what is missing, until the last block read is the chain's."""
        while True:
            self._follow_chain()
            if self._next == self._blocks.stop:
                break
            self._read_on()
        self._pending.flush(self._parts)

    def finish(self) -> Manifest:
        """Write tables and quarantine, then the manifest, which says that all is there; remove the parts."""
        schemas = self._source.schemas
        with ThreadPoolExecutor(WRITERS, "table") as writers:
            written = writers.map(self._write_table, schemas, schemas.values())
            tables = dict(zip(schemas, written, strict=True))
        quarantined = [one for part in self._parts.all for one in part.quarantined]
        self._write_quarantine(quarantined)
        first = last = None
        root = MerkleRoot()
        for link in self._parts.links():
            if link.kept and link.hash is not None:
                first, last = first or link.hash, link.hash
                root.add(bytes.fromhex(link.hash))
        hashes = first, last, root.root()
        manifest = Manifest.build(self._chain, self._source.chain_id, self._blocks, hashes, tables, quarantined)
        manifest.write(self._out)
        self._parts.remove()
        (self._out / JOB).unlink()
        return manifest

    def _write_table(self, name: str, schema: pa.Schema) -> TableDigest:
        return write_table(self._out / f"{name}.parquet", name, schema, self._batches(name))

    def _batches(self, table: str) -> Iterator[pa.RecordBatch]:
        return (batch for part in self._parts.all for batch in part.batches(table))

    def _write_quarantine(self, quarantined: list[Quarantined]) -> None:
        with appearing(self._out / QUARANTINE, FILE_MODE) as stream:
            for one in quarantined:
                line = {"block_number": one.number, "reasons": list(one.reasons), "raw": one.raw}
                stream.write(json.dumps(line).encode() + b"\n")

    @property
    def _last(self) -> Link | None:
        if self._pending.links:
            return self._pending.links[-1]
        return self._parts.all[-1].links[-1] if self._parts.all else None

    @property
    def _next(self) -> int:
        last = self._last
        return self._blocks.start if last is None else last.number + 1

    def _read_on(self) -> None:
        """Read from the next block to the end of the range, or to where the chain has been reorganised."""
        with closing(_generator(self._source.blocks(range(self._next, self._blocks.stop)))) as given:
            for block in itertools.islice(given, self._blocks.stop - self._next):
                number = self._next
                tables, reasons = self._judged(number, block)
                if reasons:
                    # A node may have been wrong once, or the chain have moved on below us.
                    if self._rolled_back():
                        return
                    block = next(iter(self._source.blocks(range(number, number + 1))), block)
                    tables, reasons = self._judged(number, block)
                if reasons or not isinstance(block, Block):
                    self._pending.set_aside(number, block, reasons)
                    self._listener.quarantined(number, reasons)
                else:
                    self._pending.keep(block, tables)
                if self._pending.full:
                    self._pending.flush(self._parts)
                self._listener.read(number)
        if self._next != self._blocks.stop:
            raise ChainFailure(f"the source ends before block {self._next}: see that it holds all of the range")

    def _judged(self, number: int, block: Block | Unreadable) -> tuple[dict[str, pa.RecordBatch], tuple[str, ...]]:
        """A block's rows as batches, and what is wrong with it."""
        if isinstance(block, Unreadable):
            return {}, (block.reason,)
        if block.number != number:
            return {}, (f"number: block {block.number} was given where {number} was asked for",)
        faults = list(block.faults)
        last = self._last
        if last is not None and last.sound and last.hash != block.parent_hash.hex():
            faults.append(f"parent hash: {block.parent_hash.hex()} is not {last.hash}, the hash of block {number - 1}")
        try:
            return as_batches(self._source.schemas, block), tuple(faults)
        except ValueError as error:
            return {}, (*faults, f"row: {error}")

    def _follow_chain(self) -> None:
        while self._rolled_back():
            pass

    def _rolled_back(self) -> bool:
        """Whether the chain is no longer the one that was read; if so, what it gave up is dropped."""
        last = self._last
        if last is None or self._agrees(last):
            return False
        self._rollbacks += 1
        if self._rollbacks > ROLLBACKS:
            raise ChainFailure(
                f"the chain was reorganised {ROLLBACKS} times: see that all endpoints are of one network"
            )
        while (last := self._last) is not None and not self._agrees(last):
            # Below what is in memory whole parts go: the blocks of one below the fork are read again.
            self._pending.drop_after(last.number - 1)
            self._parts.drop_after(last.number - 1)
        self._listener.rolled_back(self._next - 1)
        return True

    def _agrees(self, link: Link) -> bool:
        """Whether the source has the block still; of one that could not be read nothing can be said."""
        return link.hash is None or self._source.hash_of(link.number).hex() == link.hash


def _generator(blocks: Iterator[Block | Unreadable]) -> Any:
    """The same, with a `close` that ends what was begun ahead."""
    yield from blocks


def _described(schemas: Mapping[str, pa.Schema]) -> str:
    """What the tables' columns are, as a digest."""
    columns = {name: [[one.name, kind(one.type), one.nullable] for one in schema] for name, schema in schemas.items()}
    return canonical_digest(columns).hex()
