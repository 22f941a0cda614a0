"""The deployment proxy on a chain that does not have it yet: see `create2`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from web3 import Web3
from web3.exceptions import Web3RPCError

from anomalyhive.chain.create2 import (
    PROXY,
    PROXY_CODE,
    PROXY_COST,
    PROXY_GAS_PRICE,
    PROXY_SIGNER,
    PROXY_TRANSACTION,
)
from anomalyhive.chain.rpc import answering, because
from anomalyhive.chain.verification import code_at
from anomalyhive.errors import ChainFailure

Send: TypeAlias = Callable[[str, int, bytes], Any]
"""Sends wei and data to an address, waits until that is mined, and returns the receipt."""

PROTECTED = ("replay-protected", "EIP-155", "EIP155", "chain id", "chainId")
"""What nodes say that take no transaction without a chain id."""

MINING_SECONDS = 180.0


def ensure_proxy(web3: Web3, send: Send) -> None:
    """See to it that the chain has the proxy, and pay for it. Raises ChainFailure where it cannot have it."""
    code = code_at(web3, PROXY)
    if code == PROXY_CODE:
        return
    if code:
        raise ChainFailure(f"{PROXY} is not the deterministic deployment proxy on this chain, but other code")
    signer = Web3.to_checksum_address(PROXY_SIGNER)
    with answering("eth_getTransactionCount"):
        tried = web3.eth.get_transaction_count(signer)
        base, balance = web3.eth.get_block("latest").get("baseFeePerGas", 0), web3.eth.get_balance(signer)
    if tried:
        raise ChainFailure(f"the proxy's deployment has failed on this chain, and it has only one try: no {PROXY} here")
    if base > PROXY_GAS_PRICE:
        raise ChainFailure(f"the proxy's deployment pays {PROXY_GAS_PRICE} wei for gas, the chain asks {base}: wait")
    # Tried before it is paid for: what a node refuses for its missing chain id would take the coin for nothing.
    complaint = _submit_proxy(web3)
    if complaint and not _is_refused(complaint):
        if balance < PROXY_COST:
            send(PROXY_SIGNER, PROXY_COST - balance, b"")
        complaint = _submit_proxy(web3)
    if complaint:
        raise ChainFailure(
            f"this chain has no deployment proxy at {PROXY} and refuses its deployment ({complaint}): send the "
            f"transaction 0x{PROXY_TRANSACTION.hex()} through a node that takes transactions without a chain id (geth: "
            "--rpc.allow-unprotected-txs), or ask who runs the chain for the proxy, then run this again"
        )
    if code_at(web3, PROXY) != PROXY_CODE:
        raise ChainFailure(
            f"the proxy's deployment was mined, and {PROXY} has no code: its gas is not enough on this chain"
        )


def _submit_proxy(web3: Web3) -> str | None:
    """Send the proxy's deployment and wait for it; what the node says against it, None if nothing."""
    try:
        sent = web3.eth.send_raw_transaction(PROXY_TRANSACTION)
    except (Web3RPCError, ValueError) as error:
        return because(error)
    web3.eth.wait_for_transaction_receipt(sent, timeout=MINING_SECONDS, poll_latency=0.1)
    return None


def _is_refused(complaint: str) -> bool:
    return any(words in complaint for words in PROTECTED)
