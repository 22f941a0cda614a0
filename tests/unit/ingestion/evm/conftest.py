"""A live Ethereum chain with transfers, a creation and token transfers, and what its node answered on two forks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from eth_account import Account
from web3 import Web3

from anomalyhive.chain.artifacts import artifact
from anomalyhive.chain.localchain import CHAIN_IDS, LocalChain
from anomalyhive.chain.rpc import request
from anomalyhive.ingestion.chains import Chain

from ..recordings import Recording
from .busy import Busy, busy_chain
from .sending import send

ANVIL = Chain("anvil", "evm", CHAIN_IDS["anvil"], "gwei", 4)

COMMON, LENGTH = 30, 60
"""Blocks that both forks have, and blocks of each."""


@dataclass
class Live:
    """The chain, who sent its transactions, and its token."""

    chain: LocalChain
    sender: Any
    token: str
    sent: list[str]


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with LocalChain("anvil", tmp_path_factory.mktemp("anvil")) as chain:
        web3 = chain.web3
        account = Account.from_key("0x" + "11" * 32)
        chain.fund(account.address, 10**22)
        found = artifact("HiveToken")
        contract = web3.eth.contract(abi=found["abi"], bytecode=found["bytecode"])
        creation = contract.constructor(account.address, 10**24).data_in_transaction
        sent = [send(web3, account, to=None, data=creation, value=0)]
        token = web3.eth.get_transaction_receipt(sent[0])["contractAddress"]
        typed = web3.eth.contract(address=token, abi=found["abi"])
        stranger = "0x" + "22" * 20
        call = typed.functions.transfer(stranger, 123)._encode_transaction_data()
        sent += [
            send(web3, account, to=stranger, value=1_500_000_000_000_000_001),
            send(web3, account, to=stranger, value=7, gasPrice=2 * 10**9),
            send(web3, account, to=stranger, value=7, gasPrice=2 * 10**9, accessList=[]),
            send(web3, account, to=token, value=0, data=call),
        ]
        while web3.eth.block_number < COMMON - 1:
            sent.append(send(web3, account, to=stranger, value=web3.eth.block_number))
        yield Live(chain, account, token, sent)


def record(web3: Web3, stop: int) -> Recording:
    """What the node answers for the blocks below ``stop``."""
    made = Recording(ANVIL.chain_id or 0)
    for number in range(stop):
        made.blocks[number] = request(web3, "eth_getBlockByNumber", [hex(number), True])
        for receipt in request(web3, "eth_getBlockReceipts", [hex(number)]):
            made.receipts[receipt["transactionHash"]] = receipt
    return made


@pytest.fixture(scope="session")
def forks(live: Live) -> tuple[Recording, Recording]:
    """The same chain up to block COMMON - 1, and two ways on from there."""
    web3 = live.chain.web3
    made = []
    for value in (1000, 2000):
        snapshot = request(web3, "evm_snapshot", [])
        while web3.eth.block_number < LENGTH - 1:
            send(web3, live.sender, to="0x" + "33" * 20, value=value + web3.eth.block_number)
        made.append(record(web3, LENGTH))
        request(web3, "evm_revert", [snapshot])
    for one in made:
        one.head = LENGTH - 1 + ANVIL.finality
    return made[0], made[1]


@pytest.fixture(scope="session")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Busy]:
    """A chain of its own, on which nothing more happens."""
    with busy_chain(tmp_path_factory.mktemp("busy")) as made:
        yield made
