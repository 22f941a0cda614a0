"""A live chain of Bitcoin's kind: btcd in its simulation network."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest
from tests.unit.ingestion.bitcoin.btcd import miner_address, miner_script, running, signed

from anomalyhive.cli import run
from anomalyhive.ingestion.bitcoin.transaction import Input, Output
from anomalyhive.ingestion.shard.manifest import Manifest
from anomalyhive.ingestion.transport import JsonRpc

COIN = 10**8
BLOCKS = 104


def test_ingest_of_a_live_btcd_agrees_with_what_it_says(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with running(tmp_path) as url, JsonRpc([url]) as node:
        hashes = node.call("generate", [101])
        first = node.call("getblock", [hashes[0], 2])["rawtx"][0]
        spent = Input(bytes.fromhex(first["txid"]), 0, b"", 0xFFFFFFFF)
        outputs = [
            Output(30 * COIN, miner_script()),
            Output(19 * COIN, b"\xa9\x14" + b"\x07" * 20 + b"\x87"),
            Output(1, b"\x6a\x02hi"),
            Output(COIN - 10_001, b"\x00\x14" + b"\x08" * 20),
        ]
        txid = node.call("sendrawtransaction", [signed(spent, outputs).hex(), True])
        node.call("generate", [2])
        for folder in ("one", "two"):
            out = str(tmp_path / folder)
            said = ["--chain", "bitcoin", "--source", url, "--blocks", f"0:{BLOCKS}", "--out", out, "--unfinal"]
            assert run(["ingest", *said]) == 0, capfd.readouterr()
        seen = [node.call("getblock", [node.call("getblockhash", [number]), 2]) for number in range(BLOCKS)]

    manifests = [Manifest.read(tmp_path / folder) for folder in ("one", "two")]
    assert manifests[0] is not None
    assert manifests[0].quarantined == 0
    assert manifests[0].fields["chain_id"] == seen[0]["hash"]
    assert manifests[0].digest == manifests[1].digest  # type: ignore[union-attr]
    tables = {
        name: pq.read_table(tmp_path / "one" / f"{name}.parquet").to_pylist()
        for name in ("blocks", "transactions", "inputs", "outputs")
    }
    for ours, theirs in zip(tables["blocks"], seen, strict=True):
        same = ("hash", "size", "weight", "version", "nonce")
        assert {name: ours[name] for name in same} == {name: theirs[name] for name in same}
        assert (ours["stripped_size"], ours["bits"]) == (theirs["strippedsize"], int(theirs["bits"], 16))
        assert (ours["merkle_root"], ours["block_timestamp"]) == (theirs["merkleroot"], theirs["time"])
    listed = [one for block in seen for one in block["rawtx"]]
    assert [one["hash"] for one in tables["transactions"]] == [one["txid"] for one in listed]
    made = [output for one in listed for output in one["vout"]]
    assert [one["value"] for one in tables["outputs"]] == [int(one["value"] * COIN) for one in made]
    for ours, theirs in zip(tables["outputs"], made, strict=True):
        script = theirs["scriptPubKey"]
        assert ours["script"].hex() == script["hex"]
        assert ours["type"] == script["type"]
        if ours["type"] != "pubkey":
            assert [ours["address"]] == script.get("addresses", [None])
    (row,) = tables["inputs"]
    assert (row["transaction_hash"], row["spent_transaction_hash"], row["value"]) == (txid, first["txid"], None)
    assert {one["address"] for one in tables["outputs"] if one["block_number"] == 1} == {miner_address()}
