"""What a node may answer about an address: nothing of it gets into a history unseen, and nothing takes forever."""

from __future__ import annotations

from typing import Any

import pytest

from anomalyhive.chain.rpc import request
from anomalyhive.errors import BadSetting, ChainFailure
from anomalyhive.ingestion.evm.history import logs, otterscan

from .busy import Busy, behind
from .searching import NO_METHOD, SEARCH, Heard, changed, fetch, without_otterscan


def each(of: str, **values: Any) -> Any:
    """A change of a field in every transaction of a page."""
    return lambda page: {**page, of: [{**one, **values} for one in page[of]]}


@pytest.mark.parametrize(
    ("method", "change", "words"),
    [
        (SEARCH, lambda page: {**page, "firstPage": False, "txs": page["txs"] * 401}, "a page of"),
        (SEARCH, each("txs", blockNumber="0x0"), "block 0 was given where blocks after 0"),
        (SEARCH, each("txs", blockNumber="0x" + "f" * 40), "cannot be read: blockNumber"),
        (SEARCH, each("txs", hash="0xzz"), "cannot be read: hash '0xzz'"),
        (SEARCH, lambda _: None, "cannot be read: txs None"),
        (SEARCH, lambda _: {"txs": [7]}, r"cannot be read: txs \[7\]"),
        ("eth_getLogs", lambda logs: [{**one, "blockNumber": "0xfff"} for one in logs], "a log of block 4095"),
        ("eth_getLogs", lambda logs: [{**one, "topics": one["topics"][:1]} for one in logs], "is of another address"),
        ("eth_getLogs", lambda logs: [{**one, "removed": True} for one in logs], "was removed"),
        ("eth_getLogs", lambda logs: [{**one, "logIndex": "0x0", "blockNumber": "0x7"} for one in logs], "two tra"),
        ("eth_getLogs", lambda _: "none", "cannot be read: logs 'none'"),
        ("eth_getTransactionCount", lambda _: "many", "eth_getTransactionCount 'many'"),
        ("eth_blockNumber", lambda _: None, "the answer to eth_blockNumber cannot be read"),
        ("eth_blockNumber", lambda _: hex(2**63 - 1), f"its last block is {2**63 - 1}, which no chain"),
        ("eth_chainId", lambda _: hex(2**70), "the answer to eth_chainId cannot be read"),
        ("ots_getContractCreator", lambda _: {"hash": "0x12"}, "hash '0x12' is not 32 bytes"),
    ],
)
def test_node_that_contradicts_itself_is_refused(busy: Busy, method: str, change: Any, words: str) -> None:
    with behind(busy.chain, changed(method, change)) as served, pytest.raises(ChainFailure, match=words):
        fetch(served.url, busy.owner)


@pytest.mark.parametrize(
    ("method", "change", "words"),
    [
        (SEARCH, each("txs", value="0x64"), "transaction hash: the fields give"),
        (SEARCH, each("txs", type="0x9"), "transaction type: '0x9'"),
        (SEARCH, each("txs", transactionIndex="0x5"), "has None at place 5"),
        (SEARCH, each("txs", blockHash="0x" + "12" * 32), "header hash: the fields give"),
        ("eth_getTransactionReceipt", lambda one: {**one, "transactionHash": "0x" + "12" * 32}, "receipt: its tran"),
        ("eth_getTransactionReceipt", lambda one: {**one, "gasUsed": "0xffffffff"}, "gas used of"),
        ("eth_getTransactionReceipt", lambda one: {**one, "logs": None}, "logs None is no list"),
        ("eth_getTransactionReceipt", lambda _: 7, "receipt 7"),
        ("eth_getBlockByNumber", lambda one: {**one, "timestamp": "0x1"}, "header hash: the fields give"),
        ("eth_getBlockByNumber", lambda one: {**one, "transactions": one["transactions"][1:]}, "has None at place"),
    ],
)
def test_transaction_that_does_not_hold_is_set_aside_and_named(
    busy: Busy, method: str, change: Any, words: str
) -> None:
    heard = Heard()
    with behind(busy.chain, changed(method, change)) as served:
        found = fetch(served.url, busy.owner, range(2, 4), heard)
    assert found.set_aside == len(heard.aside) >= 2
    assert len(found.transactions) == 0
    hashes = {
        f"transaction {one}"
        for one in fetch(busy.chain.url, busy.owner, range(2, 4)).transactions.column("hash").to_pylist()
    }
    assert hashes <= set(heard.aside)
    assert all(words in heard.aside[one] for one in hashes)


def test_transactions_of_others_and_duplicates_change_nothing(busy: Busy) -> None:
    true = fetch(busy.chain.url, busy.owner)
    others = request(busy.chain.web3, SEARCH, [busy.other, 0, 25])["txs"]

    def tampering(method: str, _: Any, result: Any) -> Any:
        if method == SEARCH:
            low, high = (edge([int(one["blockNumber"], 16) for one in result["txs"]]) for edge in (min, max))
            strange = [one for one in others if low <= int(one["blockNumber"], 16) <= high]
            return {**result, "txs": [*strange, *result["txs"], *result["txs"]]}
        return result * 2 if method == "eth_getLogs" else result

    heard = Heard()
    with behind(busy.chain, tampering) as served:
        found = fetch(served.url, busy.owner, heard=heard)
    assert found.transactions.equals(true.transactions)
    assert found.token_transfers.equals(true.token_transfers)
    assert heard.aside == {}


def test_pages_that_are_cut_within_a_block_lose_nothing(busy: Busy) -> None:
    true = fetch(busy.chain.url, busy.other)

    def tampering(method: str, _: Any, result: Any) -> Any:
        # As a node that stops in the middle of a block: the newest of the page are the ones that are missing.
        cut = {**result, "txs": result["txs"][-20:], "firstPage": False} if method == SEARCH else result
        return cut if method == SEARCH and len(result["txs"]) > 20 else result

    with behind(busy.chain, tampering) as served:
        assert fetch(served.url, busy.other).transactions.equals(true.transactions)


def test_transaction_that_the_search_leaves_out_is_found_by_its_nonce(busy: Busy) -> None:
    def tampering(method: str, _: Any, result: Any) -> Any:
        kept = [one for one in result["txs"] if one["to"] is not None] if method == SEARCH else []
        return {**result, "txs": kept} if method == SEARCH else result

    heard = Heard()
    with behind(busy.chain, tampering) as served:
        found = fetch(served.url, busy.owner, heard=heard)
    assert found.transactions.equals(fetch(busy.chain.url, busy.owner).transactions)
    assert heard.aside == {}


def test_transaction_that_nobody_finds_is_named_by_its_nonce(busy: Busy) -> None:
    def tampering(method: str, _: Any, result: Any) -> Any:
        if method == SEARCH:
            return {**result, "txs": [one for one in result["txs"] if one["nonce"] != "0x2"]}
        return None if method == "ots_getTransactionBySenderAndNonce" else result

    heard = Heard()
    with behind(busy.chain, tampering) as served:
        found = fetch(served.url, busy.owner, heard=heard)
    assert found.set_aside == 1
    assert heard.aside == {"what it sent with nonce 2": "the endpoint does not find it"}


def test_node_that_cannot_look_back_is_named(busy: Busy) -> None:
    pruned = {"error": {"code": -32000, "message": "missing trie node"}}
    heard = Heard()
    with behind(busy.chain, changed("eth_getTransactionCount", lambda _: pruned)) as served:
        found = fetch(served.url, busy.owner, heard=heard)
    assert "missing trie node" in heard.aside["the check that nothing sent is missing"]
    assert found.transactions.equals(fetch(busy.chain.url, busy.owner).transactions)


def test_pages_without_end_come_to_an_end(busy: Busy) -> None:
    heard = Heard()
    with behind(busy.chain, changed(SEARCH, lambda page: {**page, "firstPage": False})) as served:
        found = fetch(served.url, busy.owner, heard=heard)
        asked = sum(one["method"] == SEARCH for _, one in served.requests if isinstance(one, dict))
    assert asked <= 10
    assert found.transactions.equals(fetch(busy.chain.url, busy.owner).transactions)


def test_more_than_is_taken_is_refused(busy: Busy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(otterscan, "MOST_TRANSACTIONS", 20)
    with pytest.raises(BadSetting, match="more than 20 transactions: take a part of its history with --blocks"):
        fetch(busy.chain.url, busy.owner)
    monkeypatch.undo()
    monkeypatch.setattr(logs, "MOST_TRANSFERS", 2)
    with pytest.raises(BadSetting, match="more than 2 token transfers"):
        fetch(busy.chain.url, busy.owner)


@pytest.mark.parametrize(
    "refusal",
    [
        {"code": -32602, "message": "eth_getLogs is limited to a 10 blocks range"},
        {"code": -32005, "message": "query returned more than 10000 results"},
        {"code": -32005, "message": "limit exceeded"},
        {"code": -32000, "message": "query timeout exceeded"},
    ],
)
def test_logs_of_too_many_blocks_are_asked_for_in_halves(busy: Busy, refusal: dict[str, Any]) -> None:
    spans = []

    def tampering(method: str, params: Any, result: Any) -> Any:
        if method != "eth_getLogs":
            return result
        span = int(params[0]["toBlock"], 16) - int(params[0]["fromBlock"], 16) + 1
        spans.append(span)
        return {"error": refusal} if span > 10 else result

    with behind(busy.chain, tampering) as served:
        found = fetch(served.url, busy.owner)
    assert found.token_transfers.equals(fetch(busy.chain.url, busy.owner).token_transfers)
    assert max(spans) == busy.stop
    assert len(spans) < 60


def test_node_that_refuses_the_logs_of_one_block_is_named(busy: Busy) -> None:
    refusal = {"error": {"code": -32000, "message": "logs are not kept"}}
    with (
        behind(busy.chain, changed("eth_getLogs", lambda _: refusal)) as served,
        pytest.raises(ChainFailure, match="refused eth_getLogs: logs are not kept"),
    ):
        fetch(served.url, busy.owner)
    with (
        behind(busy.chain, changed("eth_getLogs", lambda _: NO_METHOD)) as served,
        pytest.raises(ChainFailure, match="the method does not exist"),
    ):
        fetch(served.url, busy.owner)
    asked = sum(one["method"] == "eth_getLogs" for _, one in served.requests if isinstance(one, dict))
    assert asked == 1


def test_block_that_does_not_hold_is_set_aside_by_the_scan(busy: Busy) -> None:
    def tampering(method: str, params: Any, result: Any) -> Any:
        if method == "eth_getBlockByNumber" and params[0] == "0x3":
            return {**result, "miner": "0x" + "12" * 20}
        return without_otterscan(method, params, result)

    heard = Heard()
    with behind(busy.chain, tampering) as served:
        found = fetch(served.url, busy.owner, range(2, 5), heard)
    assert found.set_aside == 1
    assert heard.aside["block 3"].startswith("header hash: the fields give")
    assert found.transactions.column("block_number").to_pylist() == [2, 4]
    assert heard.numbers == [2, 3, 4]
