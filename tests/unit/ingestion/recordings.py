"""Recorded answers of nodes, served over HTTP as the node gave them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

RESOURCES = Path(__file__).resolve().parents[2] / "resources" / "ingestion"

NO_METHOD = {"error": {"code": -32601, "message": "the method does not exist/is not available"}}


def load(path: Path) -> Any:
    """A recorded file's JSON, without the envelope of JSON-RPC."""
    given = json.loads(gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes())
    return given["result"] if isinstance(given, dict) and "result" in given else given


class Recording:
    """The answers of an EVM node; ``by_block`` is whether it knows `eth_getBlockReceipts`."""

    def __init__(self, chain_id: int, by_block: bool = True) -> None:
        self.chain_id = chain_id
        self.by_block = by_block
        self.blocks: dict[int, Any] = {}
        self.receipts: dict[str, Any] = {}
        self.head: int | None = None

    @classmethod
    def of_folder(cls, folder: Path, chain_id: int, by_block: bool = False) -> Recording:
        """The recorded files of blockchain-etl in a folder."""
        made = cls(chain_id, by_block)
        for path in folder.glob("web3_response.eth_getBlockByNumber_0x*_true.json*"):
            block = load(path)
            made.blocks[int(block["number"], 16)] = block
        for path in folder.glob("web3_response.eth_getTransactionReceipt_*"):
            receipt = load(path)
            made.receipts[receipt["transactionHash"]] = receipt
        return made

    def __call__(self, method: str, params: Any) -> Any:
        if method == "eth_chainId":
            return hex(self.chain_id)
        if method == "eth_blockNumber":
            return hex(max(self.blocks) if self.head is None else self.head)
        if method == "eth_getTransactionReceipt":
            return self.receipts.get(params[0])
        if method == "eth_getBlockByNumber":
            return self.blocks.get(int(params[0], 16))
        if method == "eth_getBlockReceipts" and self.by_block:
            block = self.blocks.get(int(params[0], 16))
            return block and [self.receipts[one["hash"]] for one in block["transactions"]]
        return NO_METHOD
