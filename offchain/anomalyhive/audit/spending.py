"""The gas of a lineage, from the receipts of its transactions; a figure for people, which no check stands on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from web3 import Web3

from anomalyhive.audit.audited import Happened
from anomalyhive.audit.reading import ANSWER_ERRORS, ask
from anomalyhive.chain.events import Event
from anomalyhive.chain.gas import Spent, spent_of


def read_spent(web3: Web3, events: Sequence[Event]) -> dict[bytes, Spent]:
    """Transaction -> the function that it called and its gas, for all that the chain still tells of. ChainFailure."""
    hashes = list(dict.fromkeys(event.transaction for event in events))
    asked = [[Web3.to_hex(one)] for one in hashes]
    receipts = ask(web3, [("eth_getTransactionReceipt", one) for one in asked])
    calls = ask(web3, [("eth_getTransactionByHash", one) for one in asked])
    found = {}
    for one, receipt, call in zip(hashes, receipts, calls, strict=True):
        spent = _spent(receipt, call)
        if spent is not None:
            found[one] = spent
    return found


def spent_in(calls: Mapping[bytes, Happened]) -> dict[bytes, Spent]:
    """The same, of transactions that an export holds."""
    return {
        one.hash: spent_of(None if one.target is None else Web3.to_checksum_address(one.target), one.input, one.gas)
        for one in calls.values()
    }


def _spent(receipt: Any, call: Any) -> Spent | None:
    """What one pair of answers says; None where a node has forgotten, or answers something else."""
    try:
        used, target = int(receipt["result"]["gasUsed"], 16), call["result"]["to"]
        data = bytes.fromhex(call["result"]["input"].removeprefix("0x"))
        return spent_of(None if target is None else Web3.to_checksum_address(target), data, used)
    except (*ANSWER_ERRORS, AttributeError):
        return None
