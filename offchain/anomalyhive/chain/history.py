"""When a contract was deployed, found in a node's history by halving."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from web3 import Web3
from web3.exceptions import Web3Exception

from anomalyhive.chain.create2 import PROXY
from anomalyhive.chain.rpc import MALFORMED, answering


@dataclass(frozen=True)
class Birth:
    """The block that a contract was deployed in, the gas used, and the transaction; what is unknown is None."""

    block: int | None
    gas: int | None
    transaction: str | None


UNKNOWN = Birth(None, None, None)


def birth_of(web3: Web3, address: str, data: bytes) -> Birth:
    """When what is at ``address`` came to be; ``data`` is what the proxy was called with. Raises ChainFailure.

    Needs a node that has the state of old blocks. What it answers is believed only if the block that it leads to has
    the transaction: a node that has forgotten may refuse, but may also tell of the latest state. So what was deployed
    by another contract that called the proxy stays unknown too.
    """
    with answering("eth_getCode"):
        last = web3.eth.block_number
        try:
            return _transaction(web3, _first_with_code(web3, address, last), data)
        # A node refuses what it has forgotten, each in words of its own.
        except (Web3Exception, *MALFORMED):
            return UNKNOWN


def first_block(web3: Web3, address: str) -> int:
    """A block before which there is no code at ``address``, 0 where the node has forgotten. Raises ChainFailure."""
    with answering("eth_getCode"):
        last = web3.eth.block_number
        try:
            return _first_with_code(web3, address, last)
        except (Web3Exception, *MALFORMED):
            return 0


def _first_with_code(web3: Web3, address: str, last: int) -> int:
    """The first block after which there is code, for none of these contracts can be destroyed."""
    low, high = 0, last
    while low < high:
        middle = (low + high) // 2
        if web3.eth.get_code(Web3.to_checksum_address(address), middle):
            high = middle
        else:
            low = middle + 1
    return low


def _transaction(web3: Web3, block: int, data: bytes) -> Birth:
    found: Any = web3.eth.get_block(block, full_transactions=True)
    for sent in found["transactions"]:
        if sent.get("to") == PROXY and bytes(sent["input"]) == data:
            receipt = web3.eth.get_transaction_receipt(sent["hash"])
            if receipt["status"] == 1:
                return Birth(block, receipt["gasUsed"], Web3.to_hex(sent["hash"]))
    return UNKNOWN
