"""The real contracts on a local chain, deployed from the package's own artifacts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from eth_account import Account
from web3 import Web3

from anomalyhive.chain.artifacts import artifact
from anomalyhive.chain.deployment import Contracts, Deployment
from anomalyhive.chain.hive import HiveClient
from anomalyhive.chain.localchain import LocalChain
from anomalyhive.chain.rpc import adds_points
from anomalyhive.chain.signer import Signer, new_key
from anomalyhive.chain.views import Role, TaskConfig

TOKEN = 10**18
SUPPLY = 1_000_000 * TOKEN
COIN = 10**20

CONFIG = TaskConfig(
    train_seconds=100,
    judge_seconds=100,
    reveal_seconds=100,
    tally_seconds=100,
    attest_seconds=100,
    shards=2,
    update_quota=2,
    min_updates=1,
    seats=1,
    quorum=1,
    verdict_quota=1,
    miss_limit=0,
    tolerance=10,
    reward=100 * TOKEN,
    min_stake=TOKEN,
    trainer_bps=8000,
    rounds=0,
    slash_amount=TOKEN,
    seed=b"\x01" * 32,
)


@dataclass
class Place:
    """A chain with the contracts on it, and the sponsor who has all tokens."""

    chain: LocalChain
    sponsor: Signer
    contracts: Contracts

    @property
    def web3(self) -> Web3:
        return self.chain.web3

    def signer(self, wei: int = COIN) -> Signer:
        """A new key with coin for gas."""
        signer = Signer(self.web3, new_key())
        self.chain.fund(signer.address, wei)
        return signer

    def node(self, role: Role) -> Signer:
        """The operator of a new node, which is its own owner."""
        operator, contracts = self.signer(), self.contracts
        contracts.token.send(self.sponsor, operator.address, TOKEN)
        contracts.token.approve(operator, contracts.registry.address, TOKEN)
        contracts.registry.register(operator, operator.address, int(role), TOKEN)
        return operator

    def task(self, **changes: Any) -> int:
        """A new task with escrow for two rounds."""
        config, hive = replace(CONFIG, **changes), self.contracts.hive
        number = hive.create_task(self.sponsor, config, b"\x02" * 32)
        self.contracts.token.approve(self.sponsor, hive.address, 2 * config.reward)
        hive.fund(self.sponsor, number, 2 * config.reward)
        return number


def put(web3: Web3, key: bytes, name: str, *arguments: Any) -> str:
    """Deploy a contract of the package; its address."""
    account: Any = Account.from_key(key)
    made = artifact(name)
    factory = web3.eth.contract(abi=made["abi"], bytecode=made["bytecode"])
    transaction = factory.constructor(*arguments).build_transaction(
        {"from": account.address, "nonce": web3.eth.get_transaction_count(account.address)}
    )
    sent = web3.eth.send_raw_transaction(account.sign_transaction(transaction).raw_transaction)
    receipt = web3.eth.wait_for_transaction_receipt(sent, poll_latency=0.01)
    assert receipt["status"] == 1
    return str(receipt["contractAddress"])


def settle_in(chain: LocalChain) -> Place:
    """Deploy token and hive, which brings its registry, on a chain."""
    key = new_key()
    sponsor = Signer(chain.web3, key)
    chain.fund(sponsor.address, COIN)
    token = put(chain.web3, key, "HiveToken", sponsor.address, SUPPLY)
    hive = put(chain.web3, key, "Hive", token, adds_points(chain.web3))
    registry = str(HiveClient(chain.web3, hive).read("registry"))
    deployment = Deployment(chain.web3.eth.chain_id, token, registry, hive, 0, adds_points(chain.web3), {})
    return Place(chain, sponsor, Contracts.at(chain.web3, deployment))


@pytest.fixture(scope="session")
def anvil(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The contracts on Anvil."""
    with LocalChain("anvil", tmp_path_factory.mktemp("anvil")) as chain:
        yield settle_in(chain)


@pytest.fixture(scope="session")
def ganache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The contracts on Ganache, which cannot add points."""
    with LocalChain("ganache", tmp_path_factory.mktemp("ganache")) as chain:
        yield settle_in(chain)


@pytest.fixture(params=["anvil", "ganache"])
def place(request: pytest.FixtureRequest) -> Place:
    """The contracts on either chain."""
    found: Place = request.getfixturevalue(request.param)
    return found
