"""Folders in ethereum-etl's layout: real exports, and ones with something wrong."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq
import pytest
from tests.unit.ingestion.recordings import RESOURCES

from anomalyhive.cli import run
from anomalyhive.errors import BadTable
from anomalyhive.ingestion.block import Block, Unreadable
from anomalyhive.ingestion.chains import chain_named
from anomalyhive.ingestion.files.evm import FILE_SCHEMAS, EvmFiles
from anomalyhive.ingestion.shard.manifest import Manifest

TRANSFER = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
ETHEREUM = chain_named("ethereum")
HEAD = (
    "hash,nonce,block_hash,block_number,transaction_index,from_address,to_address,value,gas,gas_price,input,"
    "block_timestamp"
)
HASH = "0x" + "ab" * 32


def line(number: object = 7, place: int = 0, value: object = 10**18 + 3, **changed: str) -> str:
    cells = {"hash": HASH, "nonce": "1", "block_hash": HASH, "block_number": str(number)}
    cells |= {"transaction_index": str(place), "from_address": "0xaa", "to_address": "", "value": str(value)}
    cells |= {"gas": "21000", "gas_price": "5", "input": "0xa9059cbb00", "block_timestamp": "1600000000"}
    return ",".join({**cells, **changed}.values())


def folder(path: Path, *lines: str, name: str = "transactions.csv", head: str = HEAD) -> Path:
    text = "\n".join([head, *lines]) + "\n"
    data = text.encode()
    (path / name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return path


def read(path: Path, numbers: range) -> list[Block | Unreadable]:
    source = EvmFiles(ETHEREUM, path)
    try:
        return list(source.blocks(numbers))
    finally:
        source.close()


@pytest.mark.parametrize("name", ["transactions.csv", "transactions_7_9.csv.gz"])
def test_transactions_without_blocks_come_in_order_with_null_for_what_is_not_there(tmp_path: Path, name: str) -> None:
    given = read(folder(tmp_path, line(9), line(7, 1), line(7, 0), name=name), range(6, 10))
    assert [len(one.rows["transactions"]) for one in given if isinstance(one, Block)] == [0, 2, 0, 1]
    assert all(isinstance(one, Block) and one.hash == b"" and not one.faults for one in given)
    assert isinstance(given[1], Block)
    first = given[1].rows["transactions"][0]
    assert first == (
        7, 1600000000, 0, HASH, 1, "0xaa", None, 10**9, 3, 21000, 5,
        None, None, None, None, None, "0xa9059cbb", 5, None, None, None,
    )  # fmt: skip


def test_parquet_gives_the_same_rows_as_csv(tmp_path: Path) -> None:
    made = folder(tmp_path, line(9), line(7))
    rows = [one.rows for one in read(made, range(7, 10)) if isinstance(one, Block)]
    texts = arrow_csv.ConvertOptions(column_types=dict.fromkeys(("from_address", "to_address", "input"), pa.string()))
    table = arrow_csv.read_csv(made / "transactions.csv", convert_options=texts)
    (made / "transactions.csv").unlink()
    pq.write_table(table, made / "transactions_00.parquet")
    assert [one.rows for one in read(made, range(7, 10)) if isinstance(one, Block)] == rows


@pytest.mark.parametrize("value", ["1.0", "1e18", "-1", "0x10", "1_000", "9" * 79, str(1 << 257)])
def test_value_that_is_no_whole_number_makes_its_block_unreadable_naming_row_and_value(
    tmp_path: Path, value: str
) -> None:
    one, other, third = read(folder(tmp_path, line(7), line(8, value=value), line(9)), range(7, 10))
    assert isinstance(other, Unreadable)
    assert other.reason.startswith(f"value: transactions, row 2, column 'value': '{value[:40]}' is no whole number")
    assert value in other.raw.decode()
    assert isinstance(one, Block)
    assert isinstance(third, Block)


def test_ingest_quarantines_a_negative_value_and_counts_it(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "given").mkdir()
    given = folder(tmp_path / "given", line(7), line(8, value=-1), line(9))
    asked = ["--chain", "ethereum", "--source", str(given), "--blocks", "7:10", "--out", str(tmp_path / "out")]
    assert run(["ingest", *asked, "--unfinal"]) == 0
    assert "block 8 is quarantined: value: transactions, row 2, column 'value': '-1'" in capfd.readouterr().out
    manifest = Manifest.read(tmp_path / "out")
    assert manifest is not None
    assert manifest.fields["quarantine"] == {"blocks": 1, "reasons": {"value": 1}}
    assert pq.read_table(tmp_path / "out" / "transactions.parquet").column("block_number").to_pylist() == [7, 9]
    (told,) = map(json.loads, (tmp_path / "out" / "quarantine.jsonl").read_text().splitlines())
    assert (told["block_number"], told["reasons"][0][:5]) == (8, "value")
    assert json.loads(told["raw"])["transactions"][0]["value"] == "-1"


@pytest.mark.parametrize("number", ["x", "-1", "1.5", "", "9" * 19])
def test_block_number_that_is_none_is_refused_naming_row_and_value(tmp_path: Path, number: str) -> None:
    with pytest.raises(BadTable, match="row 2, column"):
        read(folder(tmp_path, line(7), line(number)), range(7, 9))


def test_row_with_too_many_cells_is_refused_naming_the_line(tmp_path: Path) -> None:
    with pytest.raises(BadTable, match=r"Line: 3"):
        read(folder(tmp_path, line(7), line(8) + ",more"), range(7, 9))


def test_folder_without_tables_and_file_without_numbers_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadTable, match="holds no table"):
        read(tmp_path, range(1))
    with pytest.raises(BadTable, match="has no column 'block_number'"):
        read(folder(tmp_path, "1,2", head="a,b"), range(1))


@pytest.mark.parametrize("data", [b"\x1f\x8bnothing", b"PAR1 nothing PAR1"])
def test_damaged_file_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / ("transactions.csv.gz" if data[0] == 0x1F else "transactions.parquet")).write_bytes(data)
    with pytest.raises(BadTable, match="transactions"):
        read(tmp_path, range(1))


def test_block_whose_count_differs_has_a_fault_and_a_missing_one_is_unreadable(tmp_path: Path) -> None:
    folder(tmp_path, line(7))
    other = "0x" + "cd" * 32
    head = "number,hash,parent_hash,timestamp,transaction_count"
    folder(tmp_path, f"7,{HASH},{other},1600000000,2", name="blocks.csv", head=head)
    block, missing = read(tmp_path, range(7, 9))
    assert isinstance(block, Block)
    assert block.faults == ("transaction count: the block says 2, the files have 1",)
    assert (block.hash.hex(), block.parent_hash.hex()) == (HASH[2:], other[2:])
    assert isinstance(missing, Unreadable)
    assert json.loads(block.raw)["transactions"][0]["hash"] == HASH


BLOCKS_HEAD = "number,hash,parent_hash,timestamp,transaction_count"


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        ([line(7, 0), line(7, 2)], "transaction: the 2 of the block stand at 0, 2"),
        ([line(7, 0), line(7, 0)], "transaction: two of the block stand at one place"),
        ([line(7, 0), line(7, 1, block_hash="0x12")], f"transaction: '{HASH}' says it is of block 0x12"),
    ],
)
def test_transactions_that_are_not_those_of_the_block_are_a_fault(tmp_path: Path, rows: list[str], fault: str) -> None:
    folder(tmp_path, *rows)
    folder(tmp_path, f"7,{HASH},{HASH},1600000000,2", name="blocks.csv", head=BLOCKS_HEAD)
    (block,) = read(tmp_path, range(7, 8))
    assert isinstance(block, Block)
    assert block.faults == (fault,)


def test_blocks_alone_are_read_without_their_transactions(tmp_path: Path) -> None:
    folder(tmp_path, f"7,{HASH},{HASH},1600000000,2", name="blocks.csv", head=BLOCKS_HEAD)
    (block,) = read(tmp_path, range(7, 8))
    assert isinstance(block, Block)
    assert block.faults == ()


@pytest.mark.parametrize("form", ["csv", "json", "parquet"])
def test_topics_are_the_same_in_every_form(tmp_path: Path, form: str) -> None:
    cells = {"log_index": 3, "transaction_hash": HASH, "transaction_index": 0, "block_number": 7}
    cells |= {"address": "0xaa", "data": "0x"}
    topics = [TRANSFER, HASH]
    if form == "csv":
        head = ",".join([*cells, "topics"])
        folder(tmp_path, ",".join([*map(str, cells.values()), f'"{",".join(topics)}"']), name="logs.csv", head=head)
    elif form == "json":
        (tmp_path / "logs.json").write_text(json.dumps({**cells, "topics": topics}) + "\n")
    else:
        pq.write_table(pa.Table.from_pylist([{**cells, "topics": topics}]), tmp_path / "logs.parquet")
    (block,) = read(tmp_path, range(7, 8))
    assert isinstance(block, Block)
    assert block.rows["logs"] == [(7, None, 0, 3, HASH, "0xaa", "0x", 2, TRANSFER, HASH, None, None)]


WITHDRAWAL = '{"index":1,"validator_index":2,"address":"0xaa","amount":3}'


@pytest.mark.parametrize(
    ("given", "rows"),
    [("", []), (WITHDRAWAL, [(7, 5, 1, 2, "0xaa", 3)]), (f"[{WITHDRAWAL}]", [(7, 5, 1, 2, "0xaa", 3)])],
)
def test_withdrawals_of_a_block_are_rows(tmp_path: Path, given: str, rows: list[tuple[object, ...]]) -> None:
    quoted = given.replace('"', '""')
    head = "number,hash,parent_hash,timestamp,withdrawals_root,withdrawals"
    folder(tmp_path, f'7,{HASH},{HASH},5,{HASH},"{quoted}"', name="blocks.csv", head=head)
    (block,) = read(tmp_path, range(7, 8))
    assert isinstance(block, Block)
    assert block.rows["withdrawals"] == rows
    (row,) = block.rows["blocks"]
    assert dict(zip(FILE_SCHEMAS["blocks"].names, row, strict=True))["withdrawal_count"] == len(rows)


@pytest.mark.parametrize(
    "given", ["{", "[7]", '{"index":1}', '{"index":1,"validator_index":2,"address":"","amount":1.5}']
)
def test_withdrawals_that_are_none_make_their_block_unreadable(tmp_path: Path, given: str) -> None:
    quoted = given.replace('"', '""')
    head = "number,hash,parent_hash,timestamp,withdrawals_root,withdrawals"
    folder(tmp_path, f'7,{HASH},{HASH},5,{HASH},"{quoted}"', name="blocks.csv", head=head)
    (block,) = read(tmp_path, range(7, 8))
    assert isinstance(block, Unreadable)
    assert "blocks, row 1" in block.reason or "withdrawals, row 1" in block.reason


def test_ingest_from_a_folder_writes_the_same_twice(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "given").mkdir()
    given = folder(tmp_path / "given", line(9), line(7, 1), line(7))
    digests = []
    for name in ("one", "two"):
        out = ["--out", str(tmp_path / name), "--unfinal"]
        assert run(["ingest", "--chain", "ethereum", "--source", str(given), "--blocks", "7:10", *out]) == 0
        manifest = Manifest.read(tmp_path / name)
        assert manifest is not None
        assert manifest.quarantined == 0
        digests.append(manifest.digest)
    assert digests[0] == digests[1]
    assert pq.read_table(tmp_path / "one" / "transactions.parquet").num_rows == 3


def test_recorded_export_with_receipts_and_logs_has_the_columns_of_the_chain(tmp_path: Path) -> None:
    recorded = RESOURCES / "evm/ethereum-etl"
    for job, names in (
        ("test_export_blocks_job/block_with_logs", ("blocks", "transactions")),
        ("test_export_receipts_job/receipts_with_logs", ("receipts", "logs")),
    ):
        for name in names:
            (tmp_path / f"{name}.csv").write_bytes((recorded / job / f"expected_{name}.csv").read_bytes())
    (block,) = read(tmp_path, range(483_920, 483_921))
    assert isinstance(block, Block)
    assert (block.faults, block.hash.hex()[:8]) == ((), "246edb4b")
    rows = {
        table: [dict(zip(FILE_SCHEMAS[table].names, row, strict=True)) for row in some]
        for table, some in block.rows.items()
    }
    assert rows["blocks"][0]["transaction_count"] == len(rows["transactions"])
    assert [one["transaction_index"] for one in rows["transactions"]] == list(range(len(rows["transactions"])))
    used = {one["transaction_hash"]: one["gas_used"] for one in rows["receipts"]}
    assert used
    for one in rows["transactions"]:
        assert one["receipt_gas_used"] == used.get(one["hash"])
    assert rows["logs"]
    for one in rows["logs"]:
        assert (one["topic0"], one["topic_count"]) == (TRANSFER, 3)
        assert one["topic3"] is None
        assert one["block_timestamp"] == rows["blocks"][0]["block_timestamp"]
