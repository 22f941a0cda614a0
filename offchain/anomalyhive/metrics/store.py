"""Rows of addresses in Parquet files, one a bucket, that DuckDB queries: a store.

`rows_NNN.parquet` has the column `address` and a column for each feature; `features.parquet` says the unit of each. The
latter is written last, so a folder without it is no store.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from anomalyhive.atomic import appearing
from anomalyhive.errors import BadInput
from anomalyhive.metrics.detectors import fitted_on, with_detectors
from anomalyhive.metrics.features import AddressRows

if TYPE_CHECKING:
    import duckdb

FEATURES_FILE = "features.parquet"
ROWS_FILES = "rows_*.parquet"
ROWS_FILE = re.compile(r"rows_[0-9]{3,}\.parquet")
"""What the command's own are named; others that ROWS_FILES finds are somebody else's."""
FILE_MODE = 0o644
MOST_FITTED = 50_000
"""Rows that detectors are fitted on."""


def write_store(folder: Path, buckets: Iterable[AddressRows]) -> int:
    """Write the rows of all buckets; return how many there are. What was in the store before is replaced.

    Raises BadInput as `check_free`.
    """
    check_free(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FEATURES_FILE).unlink(missing_ok=True)
    for old in folder.glob(ROWS_FILES):
        old.unlink()
    count = 0
    names: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    for number, rows in enumerate(buckets):
        _write_rows(rows, folder / f"rows_{number:03d}.parquet")
        count, names, units = count + len(rows.addresses), rows.names, rows.units
    _write_features(names, units, folder)
    return count


def check_free(folder: Path) -> None:
    """Raise BadInput for a folder with files that a store would remove or hold for its own, and that are not."""
    strange = [path for path in folder.glob(ROWS_FILES) if not ROWS_FILE.fullmatch(path.name)]
    told = folder / FEATURES_FILE
    if not strange and told.exists():
        try:
            strange = [] if pq.read_schema(told).names == ["name", "unit"] else [told]
        except (pa.ArrowException, OSError):
            strange = [told]
    if strange:
        raise BadInput(f"{strange[0]} is no part of a store, and would be lost: name another folder")


def _write_rows(rows: AddressRows, path: Path) -> None:
    columns = [pa.array(rows.addresses, pa.string()), *(pa.array(column) for column in rows.features.T)]
    _write(pa.table(columns, names=["address", *rows.names]), path)


def _write_features(names: Sequence[str], units: Sequence[str], folder: Path) -> None:
    columns = {"name": pa.array(names, pa.string()), "unit": pa.array(units, pa.string())}
    _write(pa.table(columns), folder / FEATURES_FILE)


def _write(table: pa.Table, path: Path) -> None:
    with appearing(path, FILE_MODE) as stream:
        pq.write_table(table, stream, compression="zstd")


def open_store(folder: Path) -> duckdb.DuckDBPyConnection:
    """A DuckDB connection with the views ``metrics`` (rows) and ``features`` (name, unit). Raises BadInput."""
    import duckdb

    if not (folder / FEATURES_FILE).is_file():
        raise BadInput(f"{folder} is no store of metrics: make one with `anomalyhive metrics --in DIR --out {folder}`")
    connection = duckdb.connect()
    try:
        connection.read_parquet(str(folder / FEATURES_FILE)).create_view("features")
        connection.read_parquet(str(folder / ROWS_FILES)).create_view("metrics")
        due = [("address", "VARCHAR"), *((str(name), "BIGINT") for name, _ in _units(connection))]
        there = [(str(name), str(kind)) for name, kind, *_ in connection.sql("describe metrics").fetchall()]
    except duckdb.Error as error:
        raise BadInput(f"{folder} is a damaged store, make it again: {' '.join(str(error).split())[:200]}") from error
    if there != due:
        other = next((a or b for a, b in zip_longest(there, due) if a != b), ("", ""))
        raise BadInput(f"{folder} is a damaged store, make it again: column {other[0][:80]!r} is not as it was written")
    return connection


def _units(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    """Name and unit of each feature, in the order of the columns."""
    return connection.sql("select name, unit from features").fetchall()


def row_of(folder: Path, address: str) -> list[tuple[str, int, str]]:
    """Name, value and unit of each feature of an address. Raises BadInput if the store has no such address."""
    import duckdb

    connection = open_store(folder)
    try:
        found = connection.execute("select * exclude address from metrics where address = ?", [address]).fetchall()
    except duckdb.Error as error:
        raise BadInput(f"{folder} is a damaged store, make it again: {' '.join(str(error).split())[:200]}") from error
    if not found:
        raise BadInput(f"{folder} has no address {address[:80]!r}: it has no event in the blocks that were read")
    if len(found) > 1 or None in found[0]:
        raise BadInput(f"{folder} is a damaged store, make it again: address {address[:80]} has no one whole row")
    return [(name, int(value), unit) for (name, unit), value in zip(_units(connection), found[0], strict=True)]


def read_store(folder: Path) -> AddressRows:
    """All rows, by ascending address."""
    return _rows(open_store(folder), "select * from metrics order by address")


def add_detectors(folder: Path, names: Sequence[str], seed: int = 0) -> None:
    """Give the rows of a store a column for each detector, fitted on MOST_FITTED of all rows, evenly taken."""
    connection = open_store(folder)
    (count,) = connection.sql("select count(*) from metrics").fetchall()[0]
    step = -(-count // MOST_FITTED) or 1
    taken = f"select * exclude place from (select *, row_number() over (order by address) as place from metrics) where place % {step} = 0"  # noqa: S608, E501
    fitted = fitted_on(_rows(connection, taken).features, names, seed)
    units = dict(_units(connection))
    connection.close()
    (folder / FEATURES_FILE).unlink()
    for path in sorted(folder.glob(ROWS_FILES)):
        rows = with_detectors(_of_table(pq.read_table(path), units), fitted)
        _write_rows(rows, path)
        names, texts = rows.names, rows.units
    _write_features(names, texts, folder)


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> AddressRows:
    units = dict(_units(connection))
    return _of_table(connection.sql(query).to_arrow_table(), units)


def _of_table(table: pa.Table, units: Mapping[str, str]) -> AddressRows:
    columns = [table.column(name).to_numpy() for name in units]
    features = np.column_stack(columns).astype(np.int64) if units else np.zeros((len(table), 0), dtype=np.int64)
    return AddressRows(tuple(table.column("address").to_pylist()), features, tuple(units), tuple(units.values()))
