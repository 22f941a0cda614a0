"""Monero's blocks from a daemon into tables."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from anomalyhive.errors import ChainFailure
from anomalyhive.ingestion.block import Block, Unreadable
from anomalyhive.ingestion.chains import CHAINS
from anomalyhive.ingestion.monero.decode import decode
from anomalyhive.ingestion.monero.source import RPC_PATH, MoneroSource
from anomalyhive.ingestion.pipeline import ingest
from anomalyhive.ingestion.shard.manifest import Manifest
from anomalyhive.ingestion.transport import JsonRpc, Patience

from ..serving import serving
from ..watching import Watch
from .recorded import HEIGHT, PRUNED, STAGENET, Daemon, recorded_transactions

BLOCK = range(HEIGHT, HEIGHT + 1)
HASTY = Patience(attempts=1)


def take(daemon: Daemon, out: Path, watch: Watch) -> Manifest:
    with serving(daemon) as served, JsonRpc([served.url], path=RPC_PATH, batch=1, patience=HASTY) as client:
        return ingest(MoneroSource(client), CHAINS["monero"], BLOCK, out, watch, unfinal=True)


def rows(out: Path, table: str) -> list[dict[str, Any]]:
    return list(pq.read_table(out / f"{table}.parquet").to_pylist())


@pytest.fixture
def daemon() -> Daemon:
    return Daemon()


def test_recorded_block_gives_the_rows_that_the_daemon_states(daemon: Daemon, tmp_path: Path) -> None:
    watch = Watch()
    manifest = take(daemon, tmp_path, watch)
    assert not watch.set_aside
    assert manifest.fields["chain_id"] == STAGENET
    stated = [(one["tx_hash"], json.loads(one["as_json"])) for one in daemon.transactions.values()]
    (block,) = rows(tmp_path, "blocks")
    header = daemon.block["block_header"]
    assert block == {
        "block_number": HEIGHT,
        "block_timestamp": header["timestamp"],
        "hash": header["hash"],
        "parent_hash": header["prev_hash"],
        "major_version": header["major_version"],
        "minor_version": header["minor_version"],
        "nonce": header["nonce"],
        "size": len(daemon.block["blob"]) // 2
        + sum(len(one["as_hex"]) // 2 for one in daemon.transactions.values()),
        "weight": header["block_weight"],
        "reward": header["reward"],
        "difficulty": str(header["difficulty"]),
        "transaction_count": 105,
    }  # fmt: skip
    assert manifest.rows["transactions"] == len(stated) == 105
    for row, (id_, json_) in zip(rows(tmp_path, "transactions"), stated, strict=True):
        assert (row["hash"], row["unlock_time"]) == (id_, str(json_["unlock_time"]))
        assert row["fee"] == json_["rct_signatures"].get("txnFee", 0)
        assert row["ringct_type"] == json_["rct_signatures"]["type"]
        assert row["extra_length"] == len(json_["extra"])
    spent = [one["key"] for _, json_ in stated for one in json_["vin"] if "key" in one]
    inputs = rows(tmp_path, "inputs")
    assert [one["key_image"] for one in inputs] == [one["k_image"] for one in spent]
    assert [one["ring_size"] for one in inputs] == [len(one["key_offsets"]) for one in spent]
    made = [one["target"]["key"] for _, json_ in stated for one in json_["vout"]]
    assert [one["public_key"] for one in rows(tmp_path, "outputs")] == made


def test_hidden_amounts_are_null_and_the_reward_is_not(daemon: Daemon, tmp_path: Path) -> None:
    take(daemon, tmp_path, Watch())
    assert {one["amount"] for one in rows(tmp_path, "inputs")} == {None}
    reward, *others = (one["amount"] for one in rows(tmp_path, "outputs"))
    assert reward == daemon.block["block_header"]["reward"]
    assert set(others) == {None}


def test_recorded_block_gives_the_same_bytes_again(daemon: Daemon, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    assert take(daemon, one, Watch()).digest == take(daemon, two, Watch()).digest
    assert {path.name: path.read_bytes() for path in one.iterdir()} == {
        path.name: path.read_bytes() for path in two.iterdir()
    }


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("hash", "00" * 32, "header hash: the bytes give"),
        ("timestamp", 0, "timestamp: the bytes give 1603530881, the daemon says 0"),
        ("num_txes", 1, "num txes: the bytes give 104, the daemon says 1"),
        ("reward", 1.5, "reward: the bytes give"),
        ("nonce", True, "nonce: the bytes give"),
        ("difficulty", -1, "difficulty -1 is no integer of 64 bits"),
        ("block_weight", 2**63, "block_weight 9223372036854775808 does not fit"),
    ],
)
def test_header_that_does_not_agree_puts_the_block_in_quarantine(
    daemon: Daemon, tmp_path: Path, field: str, value: Any, words: str
) -> None:
    daemon.block["block_header"][field] = value
    watch = Watch()
    manifest = take(daemon, tmp_path, watch)
    ((number, reasons),) = watch.set_aside
    assert number == HEIGHT
    assert words in " ".join(reasons).replace("'", "")
    assert manifest.rows["blocks"] == manifest.rows["transactions"] == 0


def test_transactions_of_a_block_that_is_not_what_it_says_are_not_asked_for(daemon: Daemon) -> None:
    daemon.block["block_header"]["hash"] = "00" * 32
    with serving(daemon) as served, JsonRpc([served.url], path=RPC_PATH, batch=1, patience=HASTY) as client:
        (block,) = MoneroSource(client).blocks(BLOCK)
        assert isinstance(block, Block)
        assert block.faults
        assert {path for path, _ in served.requests} == {RPC_PATH}


def test_transaction_of_another_id_puts_the_block_in_quarantine(daemon: Daemon, tmp_path: Path) -> None:
    ids = daemon.block["tx_hashes"]
    daemon.transactions[ids[3]] = daemon.transactions[ids[4]]
    watch = Watch()
    take(daemon, tmp_path, watch)
    ((_, reasons),) = watch.set_aside
    assert reasons == (f"transaction hash: the bytes of 4 give {ids[4]}, the block says {ids[3]}",)


def test_daemon_without_a_transaction_is_not_asked_for_ever(daemon: Daemon, tmp_path: Path) -> None:
    missed = daemon.block["tx_hashes"][7]
    del daemon.transactions[missed]
    with pytest.raises(ChainFailure, match=f"does not have transactions.*{missed}"):
        take(daemon, tmp_path, Watch())
    assert not (tmp_path / "manifest.json").exists()


def test_pruned_daemon_is_passed_over_for_a_whole_one(daemon: Daemon, tmp_path: Path) -> None:
    pruned = copy.deepcopy(daemon)
    for one in pruned.transactions.values():
        one |= {"as_hex": "", "pruned_as_hex": one["as_hex"][:400], "prunable_as_hex": ""}
    whole = take(daemon, tmp_path / "whole", Watch())
    with pytest.raises(ChainFailure, match="it is pruned"):
        take(pruned, tmp_path / "pruned", Watch())
    with (
        serving(pruned) as first,
        serving(daemon) as second,
        JsonRpc([first.url, second.url], path=RPC_PATH, batch=1, patience=Patience(attempts=3)) as client,
    ):
        source = MoneroSource(client)
        both = ingest(source, CHAINS["monero"], BLOCK, tmp_path / "both", Watch(), unfinal=True)
    assert both.digest == whole.digest


def test_daemon_that_synchronizes_is_named_by_its_status(daemon: Daemon, tmp_path: Path) -> None:
    daemon.status = "BUSY"
    with pytest.raises(ChainFailure, match="its status is 'BUSY'"):
        take(daemon, tmp_path, Watch())


HOSTILE = [None, [], "x", 7, {}, {"blob": 5}, {"blob": "0x00"}, {"blob": "0g"}, {"blob": "00 "}, {"blob": "ff" * 99}]


@pytest.mark.parametrize("answer", HOSTILE, ids=repr)
def test_answer_that_is_no_block_is_unreadable(answer: Any) -> None:
    found = decode(5, answer, [])
    assert isinstance(found, Unreadable)
    assert found.number == 5
    assert found.reason.startswith("value: ")


@pytest.mark.parametrize("given", [7, [7], [{}], [{"as_hex": 3}], [{"as_hex": "", "pruned_as_hex": "zz"}]], ids=repr)
def test_transactions_that_are_none_make_the_block_unreadable(daemon: Daemon, given: Any) -> None:
    assert isinstance(decode(HEIGHT, daemon.block, given), Unreadable)


def test_too_few_transactions_are_a_fault(daemon: Daemon) -> None:
    found = decode(HEIGHT, daemon.block, [])
    assert isinstance(found, Block)
    assert found.faults == ("transaction count: the block has 104, 0 were given",)
    assert not found.rows


def test_pruned_transaction_is_no_part_of_a_block(daemon: Daemon) -> None:
    (one, _), *_ = recorded_transactions(PRUNED)
    found = decode(HEIGHT, daemon.block, [one])
    assert isinstance(found, Unreadable)
    assert "it is pruned" in found.reason
