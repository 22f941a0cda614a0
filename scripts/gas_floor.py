"""The least that a transaction can cost, whatever its contract does: what the chain charges for its outside.

    floor = 21,000 + calldata + new slots + logs        (+ 32,000 and the code for a deployment)

Calldata: 16 a byte, 4 where it is zero (EIP-2028). A new slot: 22,100, for it is cold and goes from zero to something
(EIP-2929, EIP-2200). A log: 375, 375 a topic and 8 a byte (Yellow Paper, appendix G). Code: 200 a byte of what is
deployed, 2 a word of what deploys it (EIP-3860). Slots that are read or that only change are not in it: how many
there must be is a matter of design, and what this figure is held against.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

BASE, CREATION = 21_000, 32_000
BYTE, ZERO_BYTE = 16, 4
NEW_SLOT = 22_100
LOG, TOPIC, LOG_BYTE = 375, 375, 8
CODE_BYTE, INITCODE_WORD = 200, 2


@dataclass(frozen=True)
class Cost:
    """What a transaction used, and the least that it could have."""

    gas: int
    floor: int


def cost_of(web3: Any, transaction: str) -> Cost:
    """Ask the chain for the transaction, its logs and the slots that it filled; needs Anvil's tracer."""
    sent = web3.eth.get_transaction(transaction)
    receipt = web3.eth.get_transaction_receipt(transaction)
    floor = BASE + _calldata(bytes(sent["input"])) + NEW_SLOT * new_slots(web3, transaction)
    floor += sum(LOG + TOPIC * len(one["topics"]) + LOG_BYTE * len(bytes(one["data"])) for one in receipt["logs"])
    if receipt["contractAddress"] is not None:
        words = -(-len(bytes(sent["input"])) // 32)
        floor += CREATION + INITCODE_WORD * words
        floor += CODE_BYTE * len(bytes(web3.eth.get_code(receipt["contractAddress"])))
    return Cost(int(receipt["gasUsed"]), floor)


def call_cost(transaction: Any) -> int:
    """What a call cost beyond the transaction in which it was made: what another contract pays that makes it."""
    return int(transaction.gas_used) - BASE - _calldata(bytes.fromhex(transaction.input.removeprefix("0x")))


def _calldata(data: bytes) -> int:
    zeros = data.count(0)
    return ZERO_BYTE * zeros + BYTE * (len(data) - zeros)


def new_slots(web3: Any, transaction: str) -> int:
    """How many slots were zero before the transaction and are not after it, in all contracts."""
    asked = [transaction, {"tracer": "prestateTracer", "tracerConfig": {"diffMode": True}}]
    answer = web3.provider.make_request("debug_traceTransaction", asked)
    before, after = answer["result"]["pre"], answer["result"]["post"]
    return sum(
        int(value, 16) != 0 and int(before.get(address, {}).get("storage", {}).get(slot, "0x0"), 16) == 0
        for address, account in after.items()
        for slot, value in account.get("storage", {}).items()
    )
