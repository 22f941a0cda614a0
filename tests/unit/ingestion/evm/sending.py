"""A transaction sent to a live chain."""

from __future__ import annotations

from typing import Any

from web3 import Web3


def send(web3: Web3, account: Any, **fields: Any) -> str:
    """Sign a transaction, send it, and have it in a block of its own; return its hash."""
    nonce = web3.eth.get_transaction_count(account.address)
    made = {"from": account.address, "chainId": web3.eth.chain_id, "nonce": nonce, "gas": 3_000_000, **fields}
    if "gasPrice" not in made:
        made |= {"maxFeePerGas": 3 * 10**9, "maxPriorityFeePerGas": 10**9}
    signed = account.sign_transaction(made)
    hash_ = web3.eth.send_raw_transaction(signed.raw_transaction)
    web3.eth.wait_for_transaction_receipt(hash_, poll_latency=0.01)
    return str(web3.to_hex(hash_))
