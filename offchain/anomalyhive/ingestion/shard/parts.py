"""Parts of an unfinished ingestion on the disk: what a kill leaves behind, and what the next run goes on from.

A part is a folder with the rows of consecutive blocks, one Arrow file a table, and an index that names the digest of
each; it appears whole, by a rename. A part whose files are not those of its index (a power cut) is dropped with all
that come after it.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from anomalyhive.ingestion.shard.parquet import joined
from anomalyhive.jsontext import loads

INDEX, SUFFIX, UNFINISHED = "index.json", ".arrow", ".unfinished"


@dataclass(frozen=True)
class Link:
    """A block's place in its chain: hashes in hexadecimal, None where what was given could not even be read.

    ``sound`` is whether the block's own hash holds, ``kept`` whether its rows are in the tables.
    """

    number: int
    hash: str | None
    parent_hash: str | None
    sound: bool
    kept: bool


@dataclass(frozen=True)
class Quarantined:
    """A block that is in no table: why, and what was given for it."""

    number: int
    reasons: tuple[str, ...]
    raw: str


@dataclass(frozen=True)
class Part:
    """A part on the disk."""

    folder: Path
    links: tuple[Link, ...]
    quarantined: tuple[Quarantined, ...]
    rows: Mapping[str, int]

    def batches(self, table: str) -> Iterator[pa.RecordBatch]:
        """The rows of a table, mapped into memory and not read."""
        if self.rows[table]:
            with pa.memory_map(str(self.folder / f"{table}{SUFFIX}")) as source, pa.ipc.open_file(source) as reader:
                for place in range(reader.num_record_batches):
                    yield reader.get_batch(place)


class Parts:
    """The parts of an ingestion, in the order of their blocks."""

    def __init__(self, folder: Path, schemas: Mapping[str, pa.Schema]) -> None:
        self._folder = folder
        self._schemas = schemas
        self.all: list[Part] = []

    def load(self, first: int) -> None:
        """Take up what an earlier run left behind, from block ``first`` on, as far as it holds without a gap."""
        self._folder.mkdir(parents=True, exist_ok=True)
        expected = first
        for folder in sorted(self._folder.iterdir()):
            part = None if folder.name.endswith(UNFINISHED) else self._read(folder)
            if part is None or part.links[0].number != expected:
                shutil.rmtree(folder)
                continue
            self.all.append(part)
            expected = part.links[-1].number + 1

    def links(self) -> Iterator[Link]:
        """The links of all parts' blocks."""
        return (link for part in self.all for link in part.links)

    def append(
        self, links: Sequence[Link], quarantined: Sequence[Quarantined], tables: Mapping[str, Sequence[pa.RecordBatch]]
    ) -> None:
        """Write the next part."""
        name = f"{links[0].number:012d}"
        folder = self._folder / f"{name}{UNFINISHED}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        rows = {table: sum(batch.num_rows for batch in tables.get(table, ())) for table in self._schemas}
        digests = {}
        for table, count in rows.items():
            if count:
                path = folder / f"{table}{SUFFIX}"
                with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, self._schemas[table]) as writer:
                    writer.write_batch(joined(self._schemas[table], list(tables[table])))
                digests[table] = _digest(path)
        index = {
            # Not `asdict`, which copies each value: a range of files may have millions of empty blocks.
            "links": [vars(link) for link in links],
            "quarantined": [vars(one) for one in quarantined],
            "rows": rows,
            "digests": digests,
        }
        text = json.dumps(index)
        (folder / INDEX).write_text(f"{hashlib.sha256(text.encode()).hexdigest()}\n{text}", encoding="utf-8")
        done = folder.with_name(name)
        folder.rename(done)
        self.all.append(Part(done, tuple(links), tuple(quarantined), rows))

    def drop_after(self, number: int) -> None:
        """Remove the parts with blocks above ``number``, from the last back, so that a kill leaves no gap."""
        while self.all and self.all[-1].links[-1].number > number:
            shutil.rmtree(self.all.pop().folder)

    def remove(self) -> None:
        """Remove all parts and their folder."""
        shutil.rmtree(self._folder)

    def _read(self, folder: Path) -> Part | None:
        """The part in a folder, None where it is not as it was written."""
        try:
            digest, _, text = (folder / INDEX).read_text(encoding="utf-8").partition("\n")
            if hashlib.sha256(text.encode()).hexdigest() != digest:
                return None
            index: dict[str, Any] = loads(text)
            whole = all(_digest(folder / f"{table}{SUFFIX}") == one for table, one in index["digests"].items())
        except (OSError, ValueError):
            return None
        if not whole or index["rows"].keys() != self._schemas.keys():
            return None
        quarantined = (Quarantined(one["number"], tuple(one["reasons"]), one["raw"]) for one in index["quarantined"])
        return Part(folder, tuple(Link(**link) for link in index["links"]), tuple(quarantined), index["rows"])


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()
