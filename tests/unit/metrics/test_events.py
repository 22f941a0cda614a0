"""Both layouts of raw tables give the same events."""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from anomalyhive.errors import BadTable
from anomalyhive.metrics.chunks import Chunk
from anomalyhive.metrics.events import event_table
from anomalyhive.metrics.features import FEATURES
from anomalyhive.metrics.statistics import COLUMNS

PAGE = Path(__file__).resolve().parents[3] / "docs" / "metrics.md"


@pytest.fixture(scope="module")
def etl(sample: list[Chunk]) -> pa.Table:
    """Transactions in the columns of ethereum-etl."""
    return pq.read_table(sample[5].transactions)


def changed(table: pa.Table, name: str, value: object) -> pa.Table:
    """The table with one cell of a column replaced."""
    column = [value, *table.column(name).to_pylist()[1:]]
    return table.set_column(table.column_names.index(name), name, pa.array(column))


def test_events_of_ingestion_s_columns_are_those_of_ethereum_etl_s(etl: pa.Table) -> None:
    wei = [int(value) for value in etl.column("value").to_pylist()]
    own = etl.drop_columns(["value"]).append_column(
        "value_gwei", pa.array([value // 10**9 for value in wei], pa.int64())
    )
    own = own.append_column("value_wei_rest", pa.array([value % 10**9 for value in wei], pa.int64()))
    assert event_table(own).equals(event_table(etl))


def test_events_are_two_for_a_transaction_and_one_where_the_sender_is_genesis(etl: pa.Table) -> None:
    assert len(event_table(etl)) == 2 * len(etl)
    assert len(event_table(changed(etl, "from_address", "GENESIS"))) == 2 * len(etl) - 1


def test_event_of_a_creation_is_received_by_the_contract_made(etl: pa.Table) -> None:
    made = "0x" + "ab" * 20
    table = changed(changed(etl, "to_address", None), "receipt_contract_address", made).slice(0, 1)
    events = event_table(table)
    received = events.filter(pc.equal(events.column("received"), 1))
    assert received.column("address").to_pylist() == [made]
    assert events.column("created").to_pylist() == [1, 1]


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("from_address", "0x12", "'0x12' is no address"),
        ("value", "1e18", "no amount in wei"),
        ("value", "-5", "no amount in wei"),
        ("value", None, "no amount in wei"),
        ("block_number", -1, "block_number is from -1"),
        ("transaction_index", 1 << 20, "transaction_index is from"),
    ],
)
def test_events_of_what_cannot_be_are_refused(etl: pa.Table, name: str, value: object, words: str) -> None:
    with pytest.raises(BadTable, match=words):
        event_table(changed(etl, name, value))


def test_events_of_a_table_without_a_column_are_refused(etl: pa.Table) -> None:
    with pytest.raises(BadTable, match="there is no column value"):
        event_table(etl.drop_columns(["value"]))


@pytest.mark.parametrize("name", [*COLUMNS, *(one.name for one in FEATURES)])
def test_page_has_every_statistic_and_feature(name: str) -> None:
    assert re.search(rf"^\| `{name}` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
