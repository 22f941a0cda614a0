"""Monero's recorded blocks, and a daemon that answers from them."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from typing import Any

from ..recordings import RESOURCES, load
from ..serving import Reply

FOLDER = RESOURCES / "monero"
HEIGHT = 693324
STAGENET = "76ee3cc98646292206cd3e86f74d88b4dcc1d937088645e9b0cbca84b7ce74eb"
"""The hash of the network's first block (Monero's README names it, and its source has the block)."""
ANSWERS = ("chunking-20-get_transactions_1of2.json.gz", "chunking-20-get_transactions_2of2.json.gz")
PRUNED = "transactions_pruned.json"


def answer(name: str) -> Any:
    """A recorded answer."""
    return load(FOLDER / "jsonrpc" / name)


def recorded_transactions(*names: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Transactions as the daemon gives them, and what it says their bytes mean."""
    return [(one, json.loads(one["as_json"])) for name in names for one in answer(name)["txs"]]


class Daemon:
    """Answers of monerod for block 693324 of stagenet; what a test changes in it, it answers."""

    def __init__(self) -> None:
        self.block = copy.deepcopy(answer("chunking-10-block-693324.json"))
        self.transactions = {one["tx_hash"]: one for one, _ in recorded_transactions(*ANSWERS)}
        self.status = "OK"

    def __call__(self, path: str, asked: Any, _: Mapping[str, str]) -> Any:
        if path == "/get_transactions":
            return self._given(asked["txs_hashes"])
        if path != "/json_rpc" or not isinstance(asked, dict):
            return Reply(b"", 404)
        height = asked["params"].get("height")
        envelope = {"jsonrpc": "2.0", "id": asked["id"]}
        if asked["method"] == "get_block_count":
            return {**envelope, "result": {"count": HEIGHT + 1, "status": self.status}}
        if height == 0 and asked["method"] == "get_block_header_by_height":
            return {**envelope, "result": {"block_header": {"hash": STAGENET}, "status": self.status}}
        if height != HEIGHT:
            return {**envelope, "error": {"code": -2, "message": f"Requested block height: {height} greater than …"}}
        if asked["method"] == "get_block":
            return {**envelope, "result": self.block}
        return {**envelope, "result": {"block_header": self.block["block_header"], "status": self.status}}

    def _given(self, ids: list[str]) -> Any:
        assert len(ids) <= 100
        found = [self.transactions[one] for one in ids if one in self.transactions]
        missed = [one for one in ids if one not in self.transactions]
        return {"status": self.status, "txs": found, **({"missed_tx": missed} if missed else {})}
