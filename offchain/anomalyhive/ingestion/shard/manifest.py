"""The manifest: what a folder of tables is, as a pure function of the chain."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anomalyhive.atomic import appearing
from anomalyhive.errors import BadInput
from anomalyhive.ingestion.chains import Chain
from anomalyhive.ingestion.shard.digest import TableDigest, canonical_digest
from anomalyhive.ingestion.shard.parquet import FILE_MODE
from anomalyhive.ingestion.shard.parts import Quarantined
from anomalyhive.jsontext import loads

MANIFEST = "manifest.json"

FORMAT = 1
"""Of the manifest and of what its digests are taken over."""

EXTRACTOR = 2
"""Raised whenever the same blocks give other rows than before."""


@dataclass(frozen=True)
class Manifest:
    """A manifest as JSON has it.

    ``digest`` is that of everything else in it, and so of the content of all tables.
    """

    fields: Mapping[str, Any]

    @property
    def digest(self) -> str:
        """What two nodes compare: equal if and only if all else is."""
        return str(self.fields["digest"])

    @property
    def rows(self) -> dict[str, int]:
        """Rows by table."""
        return {name: table["rows"] for name, table in self.fields["tables"].items()}

    @property
    def quarantined(self) -> int:
        """How many blocks are in no table."""
        return int(self.fields["quarantine"]["blocks"])

    @classmethod
    def build(
        cls,
        chain: Chain,
        chain_id: int | str | None,
        blocks: range,
        hashes: tuple[str | None, str | None, bytes],
        tables: Mapping[str, TableDigest],
        quarantined: Iterable[Quarantined],
    ) -> Manifest:
        """The manifest of written tables; ``hashes`` are the first block's, the last one's and the root over all."""
        first, last, root = hashes
        set_aside = list(quarantined)
        reasons = Counter(kind for one in set_aside for kind in {reason_kind(text) for text in one.reasons})
        fields: dict[str, Any] = {
            "format": FORMAT,
            "extractor": EXTRACTOR,
            "chain": chain.name,
            "chain_id": chain_id,
            "unit": chain.unit,
            "blocks": {"start": blocks.start, "stop": blocks.stop},
            "first_hash": first,
            "last_hash": last,
            "blocks_root": root.hex(),
            "tables": {name: {"rows": one.rows, "digest": one.digest().hex()} for name, one in tables.items()},
            "quarantine": {"blocks": len(set_aside), "reasons": dict(sorted(reasons.items()))},
        }
        return cls({**fields, "digest": canonical_digest(fields).hex()})

    @classmethod
    def read(cls, folder: Path) -> Manifest | None:
        """The manifest of a finished folder, None of any other. Raises BadInput for one that does not hold."""
        path = folder / MANIFEST
        try:
            fields = loads(path.read_bytes())
            rest = {name: value for name, value in fields.items() if name != "digest"}
            if fields["digest"] == canonical_digest(rest).hex() and fields["format"] == FORMAT:
                return cls(fields)
        except FileNotFoundError:
            return None
        except (ValueError, AttributeError, KeyError, TypeError, RecursionError):
            pass
        raise BadInput(f"{path} is no manifest of this version, or was changed: ingest into another folder")

    def write(self, folder: Path) -> None:
        """Write it, whole or not at all."""
        with appearing(folder / MANIFEST, FILE_MODE) as stream:
            stream.write(json.dumps(self.fields, indent=2).encode() + b"\n")


def reason_kind(reason: str) -> str:
    """The kind of a fault or of an unreadable block: its words up to the first colon."""
    return reason.partition(":")[0].strip()
