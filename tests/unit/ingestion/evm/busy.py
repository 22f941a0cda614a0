"""A live chain with every kind of thing that can happen to an address, and a node in front of it that may lie."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from eth_account import Account
from web3 import Web3

from anomalyhive.chain.artifacts import artifact
from anomalyhive.chain.localchain import LocalChain
from anomalyhive.chain.rpc import request

from ..serving import Served, rpc, serving
from .sending import send

CROWD = 60
"""Transactions in one block: more than two pages of a search."""

SOLITARY = "0x" + "44" * 20
"""An address to which nothing ever happened."""

PAID_INSIDE = "0x" + "55" * 20
"""An address that got ether from a contract alone."""


@dataclass
class Busy:
    """The chain, two accounts that did all that an account can do, the token that one of them created."""

    chain: LocalChain
    owner: str
    other: str
    token: str

    @property
    def stop(self) -> int:
        """The block after the last."""
        return self.chain.web3.eth.block_number + 1


@contextmanager
def busy_chain(folder: Path) -> Iterator[Busy]:
    """Start the chain and let it all happen."""
    with LocalChain("anvil", folder) as chain:
        web3 = chain.web3
        owner, other = (Account.from_key("0x" + digit * 32) for digit in ("31", "32"))
        for one in (owner, other):
            chain.fund(one.address, 10**22)
        found = artifact("HiveToken")
        typed = web3.eth.contract(abi=found["abi"], bytecode=found["bytecode"])
        creation = typed.constructor(owner.address, 10**24).data_in_transaction
        hash_ = send(web3, owner, to=None, data=creation, value=0)
        token = str(web3.eth.get_transaction_receipt(hash_)["contractAddress"])
        functions = web3.eth.contract(address=web3.to_checksum_address(token), abi=found["abi"]).functions

        def call(sender: Any, name: str, *values: Any) -> None:
            data = getattr(functions, name)(*values)._encode_transaction_data()
            send(web3, sender, to=token, value=0, data=data, gas=200_000)

        for value in (5, 10**15, 3 * 10**18):
            send(web3, owner, to=other.address, value=value)
            request(web3, "evm_increaseTime", [value % 100_000 + 60])
        send(web3, owner, to=owner.address, value=1)
        send(web3, other, to=owner.address, value=10**18, gasPrice=2 * 10**9, gas=21_000)
        call(owner, "transfer", other.address, 123)
        call(owner, "transfer", owner.address, 0)
        call(owner, "approve", other.address, 50)
        call(other, "transferFrom", owner.address, SENT_TO, 7)
        call(other, "transfer", owner.address, 10**30)  # more than there is: it fails
        pay_inside(web3, owner)
        crowd(web3, owner, other)
        request(web3, "anvil_mine", [hex(40)])
        send(web3, other, to=owner.address, value=2)
        yield Busy(chain, owner.address.lower(), other.address.lower(), token.lower())


SENT_TO = "0x" + "66" * 20
"""An address that got tokens and nothing else."""


def pay_inside(web3: Web3, sender: Any) -> None:
    """Pay PAID_INSIDE through a contract whose code passes on what it gets: CALL(gas, address, value, 0, 0, 0, 0)."""
    code = bytes.fromhex("5f5f5f5f3473" + PAID_INSIDE[2:] + "5af100")
    # PUSH1 size, DUP1, PUSH1 offset, PUSH0, CODECOPY, PUSH0, RETURN
    hash_ = send(web3, sender, to=None, data=f"0x60{len(code):02x}80600a5f395ff300{code.hex()}", value=0)
    forwarder = web3.eth.get_transaction_receipt(hash_)["contractAddress"]
    send(web3, sender, to=forwarder, value=9)
    assert web3.eth.get_balance(web3.to_checksum_address(PAID_INSIDE)) == 9


def crowd(web3: Web3, sender: Any, receiver: Any) -> None:
    """CROWD transactions from one to the other in one block."""
    request(web3, "evm_setAutomine", [False])
    nonce = web3.eth.get_transaction_count(sender.address)
    for count in range(CROWD):
        made = {"chainId": web3.eth.chain_id, "nonce": nonce + count, "gas": 21_000, "gasPrice": 2 * 10**9}
        signed = sender.sign_transaction({**made, "to": receiver.address, "value": count})
        web3.eth.send_raw_transaction(signed.raw_transaction)
    request(web3, "evm_mine", [])
    request(web3, "evm_setAutomine", [True])
    assert len(web3.eth.get_block("latest")["transactions"]) == CROWD


Tampering = Callable[[str, Any, Any], Any]
"""Method, parameters and the true result -> the result that is given; {"error": …} for an error."""


@contextmanager
def behind(chain: LocalChain, tampering: Tampering) -> Iterator[Served]:
    """The chain's node behind one that changes what it likes."""

    def answer(method: str, params: Any) -> Any:
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        given = requests.post(chain.url, json=body, timeout=30).json()
        true = {"error": given["error"]} if "error" in given else given["result"]
        return tampering(method, params, true)

    with serving(rpc(answer)) as served:
        yield served
