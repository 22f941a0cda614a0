"""Folders in bitcoin-etl's layout: its own exports, the same as over RPC, and ones with something wrong."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.unit.ingestion.chainblocks import ETL_FOLDERS, expected, recorded
from tests.unit.ingestion.serving import rpc, serving

from anomalyhive.cli import run
from anomalyhive.errors import AnomalyHiveError, BadInput, BadSetting, BadTable
from anomalyhive.ingestion.bitcoin.source import BITCOIN_FAMILY, NodeSource
from anomalyhive.ingestion.block import Block, Unreadable
from anomalyhive.ingestion.chains import chain_named
from anomalyhive.ingestion.files.bitcoin import FILE_SCHEMAS, BitcoinFiles
from anomalyhive.ingestion.pending import as_batches
from anomalyhive.ingestion.shard.manifest import Manifest
from anomalyhive.ingestion.transport import JsonRpc
from anomalyhive.ingestion.zcash.source import ZCASH_FAMILY

Rows = dict[str, list[dict[str, Any]]]

UNKNOWN = {
    "bitcoin": {"witness_hash", "weight", "witness_count", "parent_hash"},
    "zcash": {
        *("parent_hash", "block_commitments", "size", "version_group_id", "consensus_branch_id", "expiry_height"),
        *("joinsplit_count", "sprout_balance", "sapling_spend_count", "sapling_output_count", "sapling_balance"),
        *("orchard_action_count", "orchard_balance", "fee", "version"),
    },
}
"""Columns that the files leave out for some rows or all, by chain; the version of Zcash's header they write alike."""


def exported(chain: str, folder: str) -> Rows:
    return {table: expected(chain, folder, table) for table in ("blocks", "transactions")}


def write(path: Path, rows: Rows, form: str = "json") -> Path:
    path.mkdir(exist_ok=True)
    for table, some in rows.items():
        file = path / f"{table}_0_9.{form}"
        if form == "json":
            file.write_text("".join(json.dumps(one) + "\n" for one in some))
        elif form == "parquet":
            pq.write_table(pa.Table.from_pylist(some), file)
        else:
            with file.open("w", newline="") as stream:
                writer = csv.DictWriter(stream, list(some[0]))
                writer.writeheader()
                writer.writerows(
                    {k: json.dumps(v) if not isinstance(v, str) else v for k, v in r.items()} for r in some
                )
    return path


def numbers(rows: Rows) -> range:
    return range(rows["blocks"][0]["number"], rows["blocks"][-1]["number"] + 1)


def read(chain: str, path: Path, wanted: range) -> list[Any]:
    source = BitcoinFiles(chain_named(chain), path)
    try:
        return list(source.blocks(wanted))
    finally:
        source.close()


@pytest.mark.parametrize(("chain", "folder"), [(chain, one) for chain, some in ETL_FOLDERS.items() for one in some])
def test_export_gives_the_rows_of_the_same_blocks_over_rpc(tmp_path: Path, chain: str, folder: str) -> None:
    rows = exported(chain, folder)
    family = BITCOIN_FAMILY if chain == "bitcoin" else ZCASH_FAMILY
    found = read(chain, write(tmp_path / "etl", rows), numbers(rows))
    with serving(rpc(recorded(chain, folder))) as served, JsonRpc([served.url]) as client:
        nodes = list(NodeSource(client, chain, family).blocks(numbers(rows)))
    for ours, theirs in zip(found, nodes, strict=True):
        assert isinstance(ours, Block)
        assert isinstance(theirs, Block)
        assert ours.faults == ()
        assert ours.hash == theirs.hash
        as_batches(FILE_SCHEMAS[chain], ours)
        for table, schema in FILE_SCHEMAS[chain].items():
            for one, other in zip(ours.rows[table], theirs.rows[table], strict=True):
                for name, value, expected_value in zip(schema.names, one, other, strict=True):
                    if not (name in UNKNOWN[chain] and value is None):
                        assert value == expected_value, (table, name)


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_other_forms_give_the_same_rows_as_json(tmp_path: Path, form: str) -> None:
    rows = exported("bitcoin", "block_with_transactions")
    one = read("bitcoin", write(tmp_path / "one", rows), numbers(rows))
    two = read("bitcoin", write(tmp_path / "two", rows, form), numbers(rows))
    assert [(block.hash, block.rows, block.faults) for block in one] == [
        (block.hash, block.rows, block.faults) for block in two
    ]


def broken(change: Any) -> Rows:
    rows = exported("bitcoin", "block_with_transactions")
    change(rows)
    return rows


def moved(rows: Rows) -> None:
    rows["transactions"][1]["outputs"][0]["value"] += 1


def renamed(rows: Rows) -> None:
    rows["transactions"][1]["hash"] = "ab" * 32


def of_other_time(rows: Rows) -> None:
    rows["blocks"][1]["timestamp"] += 1


def without_one(rows: Rows) -> None:
    del rows["transactions"][2]


def swapped(rows: Rows) -> None:
    rows["transactions"][1]["index"], rows["transactions"][2]["index"] = 2, 1


def easier(rows: Rows) -> None:
    rows["blocks"][0]["bits"] = "207fffff"


@pytest.mark.parametrize(
    ("change", "at", "reason"),
    [
        (moved, 0, "transaction hash: the fields of 1 give"),
        (renamed, 0, "merkle root:"),
        (of_other_time, 1, "header hash: the fields and the parent give"),
        (without_one, 0, "transaction count: the block says 3, the files have 2"),
        (swapped, 0, "merkle root:"),
        (easier, 0, "proof of work:"),
    ],
)
def test_export_with_one_thing_changed_has_the_fault(tmp_path: Path, change: Any, at: int, reason: str) -> None:
    rows = broken(change)
    found = read("bitcoin", write(tmp_path, rows), numbers(rows))
    assert any(fault.startswith(reason) for fault in found[at].faults)


@pytest.mark.parametrize(
    ("table", "name", "value"),
    [
        *(("blocks", "nonce", one) for one in ("xyz", "", "123456789")),
        *(("blocks", "timestamp", one) for one in (-1, 1 << 40, 1.5, "x")),
        *(("blocks", "bits", one) for one in ("", "1d", None)),
        *(("transactions", "version", one) for one in (None, 1 << 40, "1e3")),
        *(("transactions", "inputs", one) for one in ("nothing", 7, [7], [{}], {"a": 1})),
        *(("transactions", "outputs", one) for one in ([{"value": 1.5, "script_hex": ""}], [{"value": 1 << 70}])),
        ("transactions", "is_coinbase", "maybe"),
        ("transactions", "hash", "00"),
    ],
)
def test_value_that_cannot_be_one_makes_the_block_unreadable(tmp_path: Path, table: str, name: str, value: Any) -> None:
    def change(rows: Rows) -> None:
        rows[table][0][name] = value

    rows = broken(change)
    (first, _) = read("bitcoin", write(tmp_path, rows), numbers(rows))
    assert isinstance(first, Unreadable)
    assert first.reason.startswith("value: ")


def test_block_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    rows = exported("bitcoin", "block_with_transactions")
    found = read("bitcoin", write(tmp_path, rows), range(50_000, 50_003))
    assert isinstance(found[0], Unreadable)
    assert [isinstance(one, Block) for one in found[1:]] == [True, True]


@pytest.mark.parametrize("text", ["", "[1]\n", "{\n", "7\n"])
def test_file_that_is_no_json_lines_is_refused(tmp_path: Path, text: str) -> None:
    path = write(tmp_path, exported("bitcoin", "block_1"))
    (path / "transactions_0_9.json").write_text(text)
    with pytest.raises(BadTable):
        read("bitcoin", path, range(1, 2))


def test_folder_of_another_chain_or_without_transactions_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, exported("zcash", "block_0"))
    with pytest.raises(BadSetting, match="that of zcash mainnet"):
        read("bitcoin", path, range(1))
    (path / "transactions_0_9.json").unlink()
    with pytest.raises(BadInput, match="has no table transactions"):
        read("zcash", path, range(1))
    assert issubclass(BadTable, AnomalyHiveError)


def test_command_ingests_an_export_and_quarantines_what_does_not_hold(tmp_path: Path) -> None:
    rows = broken(of_other_time)
    path = write(tmp_path / "etl", rows)
    out = tmp_path / "out"
    given = ["ingest", "--chain", "bitcoin", "--source", str(path), "--blocks", "50001:50003", "--out", str(out)]
    assert run([*given, "--unfinal"]) == 0
    manifest = Manifest.read(out)
    assert manifest is not None
    assert manifest.quarantined == 1
    kept = [one for one in rows["transactions"] if one["block_number"] == 50_001]
    nested = {name: sum(len(one[name]) for one in kept) for name in ("inputs", "outputs")}
    assert manifest.rows == {"blocks": 1, "transactions": len(kept), **nested}
