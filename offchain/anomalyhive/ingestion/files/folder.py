"""The tables of a folder, read in the order of their blocks however the files are ordered, as text and as a stream."""

from __future__ import annotations

import csv
import gzip
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import duckdb

from anomalyhive.errors import BadTable
from anomalyhive.ingestion.transport.client import parse

LINES = (".json", ".json.gz", ".jsonl", ".jsonl.gz")
"""JSON, an object a line."""

ENDINGS = (".csv", ".csv.gz", ".parquet", *LINES)

MEMORY = "512MB"
"""What sorting may hold; beyond it DuckDB writes to a temporary folder."""

LONGEST_ROW = 1 << 20
"""Bytes of a CSV row: a transaction's input has up to 128 KiB, as hex twice that."""

ROWS = 2048
"""Rows that are fetched at a time."""

Cells = dict[str, "str | None"]
"""A row by column, plus `#`, its number in the files: the first row after the header is 1."""


class Folder:
    """Tables by name: ``transactions`` is every file whose name begins so and ends as ENDINGS say.

    ``keys`` is table -> the column of the block's number. Raises BadTable where no table is there, a file cannot be
    read, or a block's number is none.
    """

    def __init__(self, path: Path, keys: dict[str, str]) -> None:
        self._scratch = tempfile.TemporaryDirectory(prefix="anomalyhive-")
        self._engine = duckdb.connect(config={"memory_limit": MEMORY, "temp_directory": self._scratch.name})
        self._keys = keys
        self._order: dict[str, str] = {}
        self.columns: dict[str, list[str]] = {}
        files = sorted(one for one in path.iterdir() if one.is_file() and one.name.lower().endswith(ENDINGS))
        for table in keys:
            self._add(table, [one for one in files if _is_of(one, table)])
        if not self.columns:
            raise BadTable(f"{path} holds no table: name files {', '.join(keys)} with one of {' '.join(ENDINGS)}")

    def close(self) -> None:
        """Close the engine and remove what it wrote."""
        self._engine.close()
        self._scratch.cleanup()

    def last(self) -> int:
        """The highest number of a block in any table; -1 where all are empty."""
        keys = {table: _name(self._keys[table]) for table in self.columns}
        highest = [self._one(f"select max({key}::bigint) from {table}") for table, key in keys.items()]  # noqa: S608 - our names
        return max((int(one) for one in highest if one is not None), default=-1)

    def by_block(self, table: str, numbers: range) -> Iterator[tuple[int, list[Cells]]]:
        """Block number -> its rows, for the blocks in the range that have any, in order."""
        if table not in self.columns:
            return
        key = f"{_name(self._keys[table])}::bigint"
        # A connection of its own: each table is read while the others are.
        cursor = self._engine.cursor()
        cursor.execute(
            f'select * from {table} where {key} >= ? and {key} < ? order by {key}{self._order[table]}, "#"',  # noqa: S608 - our names
            [numbers.start, numbers.stop],
        )
        names = [*self.columns[table], "#"]
        for number, rows in groupby(_fetched(cursor), lambda row: int(row[names.index(self._keys[table])])):
            yield number, [dict(zip(names, row, strict=True)) for row in rows]

    def _add(self, table: str, files: Sequence[Path]) -> None:
        if not files:
            return
        listed = ", ".join("'" + str(one).replace("'", "''") + "'" for one in files)
        forms = {_form(one) for one in files}
        if len(forms) > 1:
            raise BadTable(
                f"{files[0].parent}: {table} is there as {' and as '.join(sorted(forms))}: leave one of them"
            )
        reader = _reader(forms.pop(), listed, files)
        try:
            given = self._engine.execute(f"describe select * from {reader}").fetchall()  # noqa: S608 - our names
            columns = ", ".join(_as_text(str(name), str(type_)) for name, type_, *_ in given)
            self._engine.execute(
                f"create view {table} as select {columns}, "  # noqa: S608 - names quoted
                f'(row_number() over ())::varchar as "#" from {reader}'
            )
            names = [str(row[0]) for row in given]
        except duckdb.Error as error:
            raise BadTable(f"{files[0]}: {_told(error)}") from error
        if self._keys[table] not in names:
            raise BadTable(f"{files[0]} has no column {self._keys[table]!r}: its columns are {', '.join(names)[:200]}")
        self.columns[table] = names
        places = [name for name in ("transaction_index", "log_index", "index") if name in names]
        self._order[table] = "".join(f", try_cast({name} as bigint)" for name in places)
        self._check_numbers(table, files[0])

    def _check_numbers(self, table: str, file: Path) -> None:
        key = _name(self._keys[table])
        try:
            wrong = self._engine.execute(
                f'select "#", {key} from {table} '  # noqa: S608 - our names
                f"where not coalesce(regexp_full_match({key}, '[0-9]{{1,18}}'), false) limit 1"
            ).fetchone()
        except duckdb.Error as error:
            raise BadTable(f"{file}: {_told(error)}") from error
        if wrong is not None:
            raise BadTable(f"{file}, row {wrong[0]}, column {key}: {str(wrong[1])[:40]!r} is no number of a block")

    def _one(self, query: str) -> Any:
        row = self._engine.execute(query).fetchone()
        return None if row is None else row[0]


def _is_of(file: Path, table: str) -> bool:
    """Whether a file's name is the table's, alone or before something that is no letter, such as a range."""
    rest = file.name[len(table) :]
    return file.name.startswith(table) and not rest[:1].isalpha()


def _form(file: Path) -> str:
    name = file.name.lower()
    return "Parquet" if name.endswith(".parquet") else "JSON" if name.endswith(LINES) else "CSV"


def _reader(form: str, listed: str, files: Sequence[Path]) -> str:
    """What reads the files, every value of CSV and JSON as text."""
    if form == "Parquet":
        return f"read_parquet([{listed}])"
    if form == "JSON":
        columns = ", ".join(_typed(one) for one in _members(files))
        return f"read_json([{listed}], format='newline_delimited', columns={{{columns}}})"
    return (
        f"read_csv([{listed}], auto_detect=false, header=true, delim=',', quote='\"', escape='\"', "
        f"max_line_size={LONGEST_ROW}, columns={{{', '.join(_typed(one) for one in _header(files))}}})"
    )


def _as_text(column: str, type_: str) -> str:
    """A column as text; lists and structs as JSON."""
    quoted = '"' + column.replace('"', '""') + '"'
    nested = type_.endswith("]") or type_.startswith(("STRUCT", "MAP"))
    return f"to_json({quoted})::varchar as {quoted}" if nested else f"{quoted}::varchar as {quoted}"


def _first_line(file: Path) -> str:
    """Of a file, packed or not. Raises BadTable."""
    try:
        with gzip.open(file) if file.suffix == ".gz" else file.open("rb") as stream:
            return stream.readline(LONGEST_ROW).decode("utf-8-sig")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise BadTable(f"{file} cannot be read ({error}): get the file again") from error


def _members(files: Sequence[Path]) -> list[str]:
    """The names of the first object's members; what others have besides is not read."""
    for file in files:
        line = _first_line(file)
        if not line.strip():
            continue
        try:
            given = parse(line.encode())
        except ValueError as error:
            raise BadTable(f"{file}: its first line is no JSON ({error}): give JSON with an object a line") from error
        if not isinstance(given, dict) or not given or "#" in given:
            raise BadTable(f"{file}: its first line is no object with names: give JSON with an object a line")
        return list(given)
    raise BadTable(f"{files[0]} is empty: get the file again")


def _header(files: Sequence[Path]) -> list[str]:
    """The columns of CSV files, which must be the same in all; the engine would guess, by the rows below."""
    headers = []
    for file in files:
        headers.append(next(csv.reader([_first_line(file)]), []))
        if not headers[-1] or len(set(headers[-1])) < len(headers[-1]) or "#" in headers[-1]:
            raise BadTable(f"{file}: its first row names no columns, or one twice: {', '.join(headers[-1])[:200]!r}")
        if headers[-1] != headers[0]:
            raise BadTable(f"{file} has other columns than {files[0]}: export them in one form")
    return headers[0]


def _typed(column: str) -> str:
    return "'" + column.replace("'", "''") + "': 'VARCHAR'"


def _name(column: str) -> str:
    return f'"{column}"'


def _told(error: duckdb.Error) -> str:
    """What the engine says of a file, in one line: for a CSV the line and the value."""
    return " ".join(str(error).split())[:300]


def _fetched(cursor: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    try:
        while rows := cursor.fetchmany(ROWS):
            yield from rows
    except duckdb.Error as error:
        raise BadTable(_told(error)) from error
    finally:
        cursor.close()
