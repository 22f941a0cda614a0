"""`anomalyhive metrics`: statistics of every address of some chunks of a chain, and the row of one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from anomalyhive.cli.console import frame, note, plain, whole
from anomalyhive.errors import BadSetting
from anomalyhive.metrics.chunks import find_chunks
from anomalyhive.metrics.computing import bucket_rows
from anomalyhive.metrics.detectors import detector_named
from anomalyhive.metrics.engines import DEFAULT_ENGINE, engine_named
from anomalyhive.metrics.sketching import ADDRESS, MOST_BUCKETS
from anomalyhive.metrics.store import add_detectors, row_of, write_store


def metrics(
    in_: Annotated[Optional[str], typer.Option("--in", help="Folders of raw tables, separated by commas.")] = None,
    store: Annotated[Path, typer.Option("--out", help="Folder of the store.")] = Path("metrics"),
    engine: Annotated[str, typer.Option(help="duckdb, polars, spark or dask.")] = DEFAULT_ENGINE,
    buckets: Annotated[int, typer.Option(help="Parts by address, of which one is in memory.")] = 16,
    accounts: Annotated[Optional[Path], typer.Option(help="File with an address a line: rows of these alone.")] = None,
    detectors: Annotated[Optional[str], typer.Option(help="Detectors as further columns, comma-separated.")] = None,
    address: Annotated[Optional[str], typer.Option(help="Show the row of this address.")] = None,
) -> None:
    """Compute the rows of addresses from raw tables into a store, and show the row of one."""
    if in_ is None and address is None:
        raise BadSetting("metrics has nothing to do: give --in DIR to compute, or --address A to show a row")
    if not 1 <= buckets <= MOST_BUCKETS:
        raise BadSetting(f"--buckets {buckets}: give a number from 1 to {MOST_BUCKETS}")
    if address is not None and not ADDRESS.fullmatch(address.lower()):
        raise BadSetting(f"--address {address!r} is none: give 0x and 40 hexadecimal digits")
    if in_ is not None:
        _compute(in_, store, engine, buckets, accounts, [name for name in (detectors or "").split(",") if name])
    if address is not None:
        _show(store, address.lower())


def _compute(text: str, store: Path, engine: str, buckets: int, accounts: Path | None, detectors: list[str]) -> None:
    chunks = find_chunks(*(Path(folder) for folder in text.split(",")))
    held = None if accounts is None else _addresses(accounts)
    for name in detectors:
        detector_named(name)
    runner = engine_named(engine)
    store.mkdir(parents=True, exist_ok=True)
    parts = bucket_rows(runner, chunks, buckets, store, held, note)
    count = write_store(store, parts)
    if detectors:
        add_detectors(store, detectors)
    note(f"{count:,} rows in {store}")


def _addresses(path: Path) -> set[str]:
    """The addresses of a file, the first word of each line up to a comma; a heading is passed over."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadSetting(f"--accounts {path} cannot be read: {error}") from error
    found = set()
    for number, line in enumerate(lines, 1):
        word = line.split(",")[0].strip()
        if ADDRESS.fullmatch(word.lower()):
            found.add(word.lower())
        elif word and number > 1:
            raise BadSetting(
                f"--accounts {path}, line {number}: {word[:80]!r} is no address: give 0x and 40 hexadecimal digits"
            )
    if not found:
        raise BadSetting(f"--accounts {path} has no address: give one a line, 0x and 40 hexadecimal digits")
    return found


def _show(store: Path, address: str) -> None:
    shown = frame(["feature"], ["value"])
    shown.add_column("unit")
    for name, value, unit in row_of(store, address):
        shown.add_row(plain(name), f"{value:,}", plain(unit))
    whole(shown)
