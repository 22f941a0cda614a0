"""A live Ethereum chain into tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from anomalyhive.errors import BadSetting
from anomalyhive.ingestion.chains import CHAINS
from anomalyhive.ingestion.evm.source import EvmSource
from anomalyhive.ingestion.pipeline import ingest
from anomalyhive.ingestion.shard.manifest import Manifest
from anomalyhive.ingestion.transport import JsonRpc

from ..watching import Watch
from .conftest import ANVIL, COMMON, Live


def take(live: Live, out: Path, blocks: range, watch: Watch | None = None, **settings: Any) -> Manifest:
    with JsonRpc([live.chain.url], **settings) as client:
        return ingest(EvmSource(client, ANVIL), ANVIL, blocks, out, watch or Watch())


FINAL = range(COMMON - ANVIL.finality)


def rows(out: Path, table: str) -> list[dict[str, Any]]:
    return list(pq.read_table(out / f"{table}.parquet").to_pylist())


def test_live_chain_gives_its_transactions_with_headers_that_hash_to_their_blocks(live: Live, tmp_path: Path) -> None:
    watch = Watch()
    manifest = take(live, tmp_path, FINAL, watch)
    assert not watch.set_aside
    assert watch.numbers == list(FINAL)
    web3 = live.chain.web3
    blocks = rows(tmp_path, "blocks")
    assert [row["hash"] for row in blocks] == [web3.to_hex(web3.eth.get_block(n)["hash"]) for n in FINAL]
    taken = rows(tmp_path, "transactions")
    assert [row["hash"] for row in taken] == live.sent[: len(taken)]
    assert len(taken) == manifest.rows["transactions"] == len(FINAL) - 1
    creation, transfer, legacy, listed, call = taken[:5]
    assert creation["to_address"] is None
    assert creation["receipt_contract_address"] == live.token.lower()
    assert (transfer["value_gwei"], transfer["value_wei_rest"]) == (1_500_000_000, 1)
    assert [row["transaction_type"] for row in (transfer, legacy, listed)] == [2, 0, 1]
    assert {row["receipt_status"] for row in taken} == {1}
    assert (call["input_selector"], call["input_length"]) == ("0xa9059cbb", 68)
    (minted, moved) = rows(tmp_path, "token_transfers")
    assert moved["token_address"] == live.token.lower()
    assert (moved["from_address"], moved["to_address"]) == (live.sender.address.lower(), "0x" + "22" * 20)
    assert (moved["value"], moved["standard"]) == ("123", 20)
    assert minted["from_address"] == "0x" + "00" * 20


def test_live_chain_gives_the_same_bytes_however_it_is_asked(live: Live, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    assert take(live, one, FINAL).digest == take(live, two, FINAL, workers=1, batch=3).digest
    assert {path.name: path.read_bytes() for path in one.iterdir()} == {
        path.name: path.read_bytes() for path in two.iterdir()
    }


def test_range_beyond_the_final_block_is_refused(live: Live, tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match=rf"ends beyond {FINAL.stop}: .*final 4 blocks deep"):
        take(live, tmp_path, range(FINAL.stop + 1))
    with JsonRpc([live.chain.url]) as client:
        source = EvmSource(client, ANVIL)
        manifest = ingest(source, ANVIL, range(COMMON), tmp_path, Watch(), unfinal=True)
        assert manifest.rows["blocks"] == COMMON
        with pytest.raises(BadSetting, match=r"its last block is 29$"):
            ingest(source, ANVIL, range(COMMON + 1), tmp_path / "more", Watch(), unfinal=True)


def test_chain_of_another_id_is_refused(live: Live) -> None:
    with JsonRpc([live.chain.url]) as client, pytest.raises(BadSetting, match="of chain id 31337, ethereum has 1"):
        EvmSource(client, CHAINS["ethereum"])
