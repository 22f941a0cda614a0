"""`anomalyhive ingest`: a range of a chain's blocks as tables of integers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from anomalyhive.cli.console import note
from anomalyhive.cli.console import out as screen
from anomalyhive.cli.ingest_progress import Bar
from anomalyhive.errors import BadSetting
from anomalyhive.ingestion.chains import chain_named
from anomalyhive.ingestion.pipeline import check_range
from anomalyhive.ingestion.pipeline import ingest as ingest_range
from anomalyhive.ingestion.sources import Access, opened
from anomalyhive.texts import counted

LARGEST_BATCH, MOST_WORKERS = 1000, 64


def ingest(
    chain: Annotated[str, typer.Option(help="ethereum, polygon, bitcoin, zcash or monero.")],
    source: Annotated[str, typer.Option(help="URL of a node, several with commas between, or a folder of files.")],
    blocks: Annotated[str, typer.Option(help="A:B, from block A up to and without block B.")],
    out: Annotated[Path, typer.Option(help="Folder to write; the same command goes on where it stopped.")],
    unfinal: Annotated[bool, typer.Option("--unfinal", help="Take blocks that the chain may still give up.")] = False,
    receipts: Annotated[bool, typer.Option(help="Fetch receipts, logs, token transfers.")] = True,
    workers: Annotated[int, typer.Option(help="Requests under way at once.")] = 4,
    batch: Annotated[int, typer.Option(help="Calls in one request at most.")] = 32,
) -> None:
    """Write a range of blocks as Parquet tables with a manifest."""
    if not 1 <= workers <= MOST_WORKERS:
        raise BadSetting(f"--workers {workers} is outside 1 to {MOST_WORKERS}")
    if not 1 <= batch <= LARGEST_BATCH:
        raise BadSetting(f"--batch {batch} is outside 1 to {LARGEST_BATCH}")
    if out.exists() and not out.is_dir():
        raise BadSetting(f"--out {out} is no folder: name one")
    if out.is_dir() and "://" not in source and Path(source).is_dir() and out.samefile(source):
        raise BadSetting(f"--out {out} is the folder of --source: name another")
    wanted = parse_blocks(blocks)
    which = chain_named(chain)
    with opened(which, source, Access(workers, batch, receipts)) as given, Bar(wanted) as bar:
        manifest = ingest_range(given, which, wanted, out, bar, unfinal)
    rows = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in manifest.rows.items())
    note(f"{rows} in {out}")
    if manifest.quarantined:
        reasons = ", ".join(f"{kind} {count}" for kind, count in manifest.fields["quarantine"]["reasons"].items())
        blocks = counted(manifest.quarantined, "block is", "blocks are")
        note(f"{blocks} in no table but in {out / 'quarantine.jsonl'}: {reasons}")
    screen.print(f"digest {manifest.digest}")


def parse_blocks(text: str) -> range:
    """The blocks that `A:B` names, half open. Raises BadSetting for what is no such range."""
    first, colon, stop = text.partition(":")
    if not colon or not all(part.isascii() and part.isdigit() and len(part) <= 18 for part in (first, stop)):
        raise BadSetting(f"--blocks {text!r} is not A:B, two block numbers such as 19000000:19001000")
    blocks = range(int(first), int(stop))
    check_range(blocks)
    return blocks
