"""What the manifest of an ingestion says of its tables, held against them before anything is counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from anomalyhive.errors import BadInput, BadSetting, BadTable
from anomalyhive.ingestion.chains import chain_named
from anomalyhive.ingestion.pipeline import JOB, QUARANTINE
from anomalyhive.ingestion.shard.finished import check_table, parent_of_first
from anomalyhive.ingestion.shard.manifest import MANIFEST, Manifest

EVM = "evm"
"""The family of chains whose transactions give statistics."""


@dataclass(frozen=True)
class Ingested:
    """The blocks ``start`` to ``stop`` (half-open) of a chain, whole: ``chain`` is its name, and its id if it has one.

    ``parent`` and ``last`` are the hashes (hex) of the block before the first and of the last one, None where nothing
    says them. ``digest`` (32 bytes) names the rows of all tables. ``tables`` is name -> digest of its rows, as hex, of
    those that events are made of.
    """

    folder: Path
    chain: str
    start: int
    stop: int
    parent: str | None
    last: str | None
    digest: bytes
    tables: Mapping[str, str]

    @property
    def paths(self) -> dict[str, Path]:
        """The files of the tables."""
        return {name: self.folder / f"{name}.parquet" for name in self.tables}

    def check(self) -> None:
        """Raise BadTable for a table that has other rows than the manifest says."""
        for name, path in self.paths.items():
            check_table(path, name, self.tables[name])


def ingested(folder: Path, manifest: Manifest, names: Sequence[str]) -> Ingested:
    """What a manifest says of these tables, of which it may lack some.

    Raises BadInput for a manifest that says something else than an ingestion writes, for a chain of which there are no
    statistics, and where blocks were quarantined: what is counted without them is not what anyone else counts, and
    no merge would notice.
    """
    path = folder / MANIFEST
    try:
        fields, lacking = manifest.fields, manifest.quarantined
        start, stop, chain = fields["blocks"]["start"], fields["blocks"]["stop"], chain_named(fields["chain"])
        tables = {name: str(fields["tables"][name]["digest"]) for name in names if name in fields["tables"]}
        reasons = ", ".join(f"{kind} {count}" for kind, count in fields["quarantine"]["reasons"].items())
        digest = bytes.fromhex(manifest.digest)
    except (KeyError, TypeError, ValueError, AttributeError, BadSetting) as error:
        raise BadInput(f"{path} does not say its chain, blocks and tables: ingest the chunk again") from error
    if type(start) is not int or type(stop) is not int:
        raise BadInput(f"{path} names the blocks {str(start)[:40]}:{str(stop)[:40]}, which are no numbers")
    if chain.family != EVM:
        raise BadInput(f"{folder} holds blocks of {chain.name}: statistics are of Ethereum's and Polygon's accounts")
    if lacking:
        raise BadInput(
            f"{folder} lacks {lacking:,} of its blocks, which are quarantined ({reasons[:200]}): "
            f"{folder / QUARANTINE} says why; others would count them, so ingest these blocks again from another node"
        )
    parent, last = parent_of_first(folder, manifest), str(fields.get("last_hash") or "") or None
    return Ingested(folder, f"{chain.name}, id {fields.get('chain_id')}", start, stop, parent, last, digest, tables)


def unfinished(folders: Sequence[Path]) -> Path | None:
    """The first of these folders in which an ingestion has begun and not ended."""
    return next((one for one in folders if (one / JOB).is_file() and not (one / MANIFEST).is_file()), None)


def check_follows(before: Ingested, after: Ingested) -> None:
    """Raise BadTable for neighbours of which the later one does not go on where the other ends."""
    if before.stop == after.start and before.last and after.parent and before.last != after.parent:
        raise BadTable(
            f"{after.folder} begins behind the block {after.parent}, and {before.folder} ends with {before.last}: they "
            "are of different forks or chains, so ingest both again from one node"
        )
