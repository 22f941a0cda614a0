"""The events of one address in a chunk: those of the whole chunk, less everybody else's."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from anomalyhive.errors import BadTable
from anomalyhive.metrics.account_events import events_of
from anomalyhive.metrics.chunks import Chunk


def busiest(events: pa.Table, count: int) -> list[str]:
    """The addresses with the most events."""
    counts = events.group_by("address").aggregate([("address", "count")]).sort_by([("address_count", "descending")])
    found: list[str] = counts.column("address").to_pylist()[:count]
    return found


def test_events_of_an_address_are_those_that_the_chunk_has_of_it(sample: list[Chunk]) -> None:
    for chunk in sample[::4]:
        events = chunk.events()
        created = events.filter(pc.and_(pc.equal(events.column("created"), 1), pc.equal(events.column("received"), 1)))
        for address in [*busiest(events, 3), *created.column("address").to_pylist()[:1]]:
            mine = events.filter(pc.equal(events.column("address"), address))
            order = [(name, "ascending") for name in events.column_names]
            assert events_of(chunk, address).sort_by(order).equals(mine.sort_by(order))
            assert len(mine)
    assert len(events_of(sample[0], "0x" + "00" * 19 + "77")) == 0


def test_events_of_an_address_are_found_however_it_is_written(sample: list[Chunk], tmp_path: Path) -> None:
    table = pq.read_table(sample[5].transactions)
    address = next(one for one in busiest(sample[5].events(), 9) if one in table.column("from_address").to_pylist())
    at = table.column_names.index("from_address")
    upper = pc.utf8_replace_slice(pc.utf8_upper(table.column(at)), 0, 2, "0x")
    pq.write_table(table.set_column(at, "from_address", upper), tmp_path / "upper.parquet")
    chunk = replace(sample[5], transactions=tmp_path / "upper.parquet")
    assert events_of(chunk, address).equals(events_of(sample[5], address))


@pytest.mark.parametrize("table", ["transactions", "token_transfers"])
def test_events_of_a_damaged_file_are_refused_by_its_name(sample: list[Chunk], tmp_path: Path, table: str) -> None:
    path = Path(shutil.copy(getattr(sample[5], table), tmp_path / "damaged.parquet"))
    path.chmod(0o600)
    for content in (b"PAR1 nothing", b"", path.read_bytes()[:-9]):
        path.write_bytes(content)
        with pytest.raises(BadTable, match=r"damaged\.parquet is no table of a chunk"):
            events_of(replace(sample[5], **{table: path}), "0x" + "11" * 20)


@pytest.mark.parametrize(
    ("column", "values", "words"),
    [
        ("block_number", ["five"], "is no table of a chunk"),
        ("block_number", [None], "holds the block -1"),
        ("block_number", [7], "holds the block 7, which is not in 0:5"),
        ("gas", ["much"], "gas"),
        ("from_address", [b"\xff"], "is no table of a chunk"),
    ],
)
def test_events_of_a_file_with_what_cannot_be_are_refused(
    sample: list[Chunk], tmp_path: Path, column: str, values: list[object], words: str
) -> None:
    table = pq.read_table(sample[0].transactions).slice(0, 1)
    for name, value in ((column, values), ("to_address", ["0x" + "11" * 20])):
        table = table.set_column(table.column_names.index(name), name, pa.array(value))
    if column != "block_number":
        table = table.set_column(table.column_names.index("block_number"), "block_number", pa.array([3]))
    pq.write_table(table, tmp_path / "strange.parquet")
    with pytest.raises(BadTable, match=words):
        events_of(Chunk(0, 5, tmp_path / "strange.parquet", None), "0x" + "11" * 20)
