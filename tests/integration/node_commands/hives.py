"""A hive on Anvil with its deployment record, nodes made by the command, and the command run in this process."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from web3 import Web3

from anomalyhive import cli
from anomalyhive.chain.create2 import PROXY, Plan
from anomalyhive.chain.deployment import Contracts, Deployment
from anomalyhive.chain.deployment_record import SENT, Deployed, write
from anomalyhive.chain.history import Birth
from anomalyhive.chain.localchain import LocalChain
from anomalyhive.chain.proxy import ensure_proxy
from anomalyhive.chain.rpc import request
from anomalyhive.chain.signer import Signer
from anomalyhive.chain.verification import code_at
from anomalyhive.node.hands import KeyHand
from anomalyhive.node.home import NodeHome
from anomalyhive.node.joining import join
from anomalyhive.node.keystore import address_in, read_key
from anomalyhive.node.making import Wanted, make_node
from anomalyhive.node.passwords import Passwords
from anomalyhive.node.place import Place

ACCOUNTS = Path(__file__).parents[2] / "data" / "accounts-400.csv"
DEPLOYER_KEY = bytes([7]) * 32
COIN = 10**20
TOKEN = 10**18
PASSWORD = "a password of the tests"


@dataclass(frozen=True)
class Hive:
    """A chain with a hive, and the folder with its record and its store."""

    chain: LocalChain
    folder: Path
    contracts: Contracts

    @property
    def web3(self) -> Web3:
        return self.chain.web3

    @property
    def record(self) -> Path:
        return self.folder / "deployment.json"

    @property
    def store(self) -> str:
        return f"directory:{self.folder / 'store'}"

    @property
    def deployer(self) -> Signer:
        return Signer(self.web3, DEPLOYER_KEY)

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Take back whatever happens on the chain meanwhile."""
        snapshot = request(self.web3, "evm_snapshot", [])
        try:
            yield
        finally:
            assert request(self.web3, "evm_revert", [snapshot]) is True

    def pass_time(self, seconds: int) -> None:
        request(self.web3, "evm_increaseTime", [seconds])
        request(self.web3, "evm_mine", [])


def deployed(chain: LocalChain, folder: Path) -> Hive:
    """Deploy a hive through the proxy and write its record, as `scripts/deploy.py` does with Brownie."""
    web3, signer = chain.web3, Signer(chain.web3, DEPLOYER_KEY)
    chain.fund(signer.address, COIN)

    def send(to: str, wei: int, data: bytes) -> Any:
        transaction: Any = {
            "from": signer.address, "to": to, "value": wei, "data": Web3.to_hex(data),
            "nonce": web3.eth.get_transaction_count(Web3.to_checksum_address(signer.address)),
            "chainId": web3.eth.chain_id, "gas": 15_000_000, "gasPrice": web3.eth.gas_price,
        }  # fmt: skip
        signed = signer._account.sign_transaction(transaction)
        sent = web3.eth.send_raw_transaction(signed.raw_transaction)
        return web3.eth.wait_for_transaction_receipt(sent, poll_latency=0.01)

    ensure_proxy(web3, send)
    plan = Plan(signer.address, True)
    births = {}
    for name in SENT:
        receipt = send(PROXY, 0, plan.salt + plan.creations[name])
        births[name] = Birth(receipt["blockNumber"], receipt["gasUsed"], Web3.to_hex(receipt["transactionHash"]))
    codes = {name: code_at(web3, address) for name, address in plan.addresses.items()}
    write(folder / "deployment.json", Deployed(web3.eth.chain_id, "anvil", plan, codes, births).as_json())
    return Hive(chain, folder, Contracts.at(web3, Deployment.read(folder / "deployment.json")))


@dataclass(frozen=True)
class Done:
    """A command that has ended."""

    code: int
    out: str
    err: str

    def succeeded(self) -> str:
        """Assert that it did; what it printed, in single spaces."""
        assert self.code == 0, self.out + self.err
        return " ".join(self.out.split())

    def refused(self, code: int, *words: str) -> None:
        """Assert that it failed with this code and one message with all these words in it."""
        assert self.code == code, self.out + self.err
        assert re.fullmatch(r"error: [^\n]+\n", self.err), self.err
        assert "unforeseen" not in self.err
        assert all(word in self.err for word in words), self.err


@dataclass(frozen=True)
class Command:
    """The command `anomalyhive` in this process."""

    capsys: pytest.CaptureFixture[str]
    monkeypatch: pytest.MonkeyPatch

    def __call__(self, *arguments: object, **environ: str) -> Done:
        """Run it with a password in the environment."""
        self.capsys.readouterr()
        with self.monkeypatch.context() as patch:
            for name, value in {"ANOMALYHIVE_PASSWORD": PASSWORD, "COLUMNS": "200", **environ}.items():
                patch.setenv(name, value)
            code = cli.run([str(one) for one in arguments])
        said = self.capsys.readouterr()
        return Done(code, said.out, said.err)


@dataclass(frozen=True)
class Made:
    """A node that was made by the command, and its keys."""

    home: Path
    hive: Hive

    @property
    def folder(self) -> NodeHome:
        return NodeHome(self.home)

    @property
    def place(self) -> Place:
        return Place.of(self.home)

    @property
    def number(self) -> int:
        return self.hive.contracts.registry.node_of(address_in(self.folder.operator))

    @property
    def operator(self) -> Signer:
        return Signer(self.hive.web3, read_key(self.folder.operator, PASSWORD))

    @property
    def owner(self) -> Signer:
        return Signer(self.hive.web3, read_key(self.folder.owner, PASSWORD))

    def fund(self, tokens: int = 1_000) -> None:
        """Give owner and operator coin, and the owner tokens."""
        self.hive.chain.fund(self.folder.owner_address(), COIN)
        self.hive.chain.fund(address_in(self.folder.operator), COIN)
        if tokens:
            self.hive.contracts.token.send(self.hive.deployer, self.folder.owner_address(), tokens * TOKEN)

    def set(self, **values: str) -> None:
        """Write settings, as TOML has their values, in place of those that stand there."""
        text = self.folder.config.read_text()
        for name, value in values.items():
            text, count = re.subn(rf"(?m)^(# )?{name} = .*$", lambda _: f"{name} = {value}", text)  # noqa: B023
            assert count == 1, name
        self.folder.config.write_text(text)


def settle_in(hive: Hive, home: Path, role: str, slot: int | None = None, stake: int = 1_000) -> Made:
    """A node of task 1 without the command: made, funded, registered, and in its slot if one is named."""
    passwords = Passwords({"ANOMALYHIVE_PASSWORD": PASSWORD}, lambda _: "")
    wanted = Wanted([hive.chain.url], hive.record, [role], [1], store=hive.store)
    make_node(NodeHome(home), wanted, passwords, {}, lambda _: None)
    made = Made(home, hive)
    made.fund(stake)
    made.set(max_fee_wei="1_000_000_000_000")
    place = made.place
    join(place, KeyHand(made.owner, 10**12, lambda _: None), stake * TOKEN, lambda _: None)
    if slot is not None:
        take = hive.contracts.hive.take_shard if role == "train" else hive.contracts.hive.take_seat
        take(made.operator, 1, slot)
    return made


def make(command: Command, hive: Hive, home: Path, *more: object, **environ: str) -> Made:
    """Make a node."""
    command(
        "node", "init", "--home", home, "--endpoint", hive.chain.url, "--deployment", hive.record,
        "--store", hive.store, *more, **environ,
    ).succeeded()  # fmt: skip
    return Made(home, hive)
