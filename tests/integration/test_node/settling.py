"""A hive with registered nodes and a task, on a chain that makes a block a second; nodes as processes of their own."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from federations import accounts

from anomalyhive.audit import AuditReport, Options, audit_lineage, read_record
from anomalyhive.chain.deployment import Contracts, Deployment, deploy
from anomalyhive.chain.events import Event, read_events
from anomalyhive.chain.localchain import LocalChain
from anomalyhive.chain.rpc import request
from anomalyhive.chain.signer import Signer, new_key
from anomalyhive.chain.views import Role
from anomalyhive.content.directory import DirectoryStore
from anomalyhive.content.kinds import Model
from anomalyhive.federation.crew import register
from anomalyhive.federation.founding import create_funded, publish_spec, task_config
from anomalyhive.federation.rows import share_out
from anomalyhive.federation.settings import Settings
from anomalyhive.node.config_text import config_text

from .one_node import main

COIN = 100 * 10**18

SMALL = {"candidates": 8, "kept": 4, "additive": 2, "refined": 4, "bins": 16}
"""Parameters of a learner that takes next to no time."""

PATIENCE = 240.0
"""Seconds after which a test has failed: nothing here takes a fifth of it on an idle machine."""

PROCESSES = multiprocessing.get_context("forkserver")
"""Each node is a process of its own, forked from one that has read all modules: a start takes no seconds."""

PROCESSES.set_forkserver_preload([main.__module__])


def task_settings(rounds: int) -> Settings:
    """Two shards and a validator."""
    return accounts(nodes=2, validators=1, rounds=rounds, params=SMALL)


@dataclass
class Node:
    """A node's home and, while it runs, its process."""

    name: str
    home: Path
    operator: bytes
    salt: bytes
    environment: dict[str, str]
    process: BaseProcess | None = None

    def configure(self, **values: Any) -> None:
        """Write its settings."""
        self.home.mkdir(parents=True, exist_ok=True)
        (self.home / "node.toml").write_text(config_text(values))

    def start(self) -> None:
        """Start the process."""
        self.process = PROCESSES.Process(target=main, args=(self.home, self.operator, self.salt, self.environment))
        self.process.start()

    def kill(self) -> None:
        """Kill the process with SIGKILL, wherever it is."""
        if self.process is not None:
            self.process.kill()
            self.process.join()

    def end(self) -> int | None:
        """Tell the process to end with SIGTERM, and return its exit code."""
        assert self.process is not None
        self.process.terminate()
        self.process.join(PATIENCE)
        return self.process.exitcode

    def told(self) -> list[dict[str, Any]]:
        """What it has told, but for a line that a kill cut."""
        found = []
        for line in self.words().splitlines():
            with contextlib.suppress(ValueError):
                found.append(json.loads(line))
        return found

    def words(self) -> str:
        """Everything that it said."""
        log = self.home / "log"
        return log.read_text() if log.exists() else ""


@dataclass
class Hive:
    """A chain with the contracts, a task, and the nodes."""

    chain: LocalChain
    deployment: Deployment
    contracts: Contracts
    store: DirectoryStore
    sponsor: Signer
    task: int
    settings: Settings
    nodes: list[Node] = field(default_factory=list)

    def wait(self, ready: Callable[[], bool], seconds: float = PATIENCE) -> None:
        """Wait until something is so. Fails, with what the nodes said, when it takes too long."""
        deadline = time.monotonic() + seconds
        while not ready():
            if time.monotonic() > deadline:
                said = "\n\n".join(f"{one.name}\n{one.words()[-2500:]}" for one in self.nodes)
                raise AssertionError(f"it never came to pass; the nodes said:\n{said}")
            time.sleep(0.1)

    def finals(self) -> int:
        """How many rounds are final."""
        return self.contracts.hive.task(self.task).finals

    def events(self, name: str) -> list[Event]:
        """The events of a name."""
        return [one for one in read_events(self.chain.web3, [self.deployment.hive], 0) if one.name == name]

    def weights(self) -> list[str]:
        """The digests of the learned state of every final round."""
        models = [bytes(one.values["model"]) for one in self.events("RoundFinalized")]
        return [Model.fetch(self.store, model).weights.hex() for model in models]

    def audit(self) -> AuditReport:
        """The audit of chain and store."""
        record = read_record(self.chain.web3, self.deployment)
        return audit_lineage(record, self.store, Options(entropy=b"\x07" * 32))

    def submitted(self) -> list[tuple[int, int]]:
        """Round and shard of every update on the chain, sorted."""
        return sorted((one.values["round"], one.values["shard"]) for one in self.events("UpdateSubmitted"))

    def tick(self) -> None:
        """From now on the chain makes a block a second, and none for a transaction."""
        request(self.chain.web3, "evm_setAutomine", [False])
        request(self.chain.web3, "evm_setIntervalMining", [1])


def founded(folder: Path, rounds: int) -> None:
    """Deploy the contracts and found the task in a folder, which `opened` opens any number of times."""
    settings, key = task_settings(rounds), new_key()
    with LocalChain("anvil", folder / "chain") as chain:
        sponsor = Signer(chain.web3, key)
        chain.fund(sponsor.address, COIN)
        deployment = deploy(chain.url, key, folder / "deployment.json")
        contracts = Contracts.at(chain.web3, deployment)
        spec = publish_spec(settings, share_out(settings), DirectoryStore(folder / "store"))
        # Long phases: only a node that is gone for good would let one pass.
        phases = ("train_seconds", "judge_seconds", "reveal_seconds", "tally_seconds", "attest_seconds")
        config = replace(task_config(settings), min_updates=2, **dict.fromkeys(phases, 120))  # type: ignore[arg-type]  # seconds
        number = create_funded(contracts, sponsor, config, spec)
        keys = {}
        for name, role in ROLES.items():
            operator = Signer(chain.web3, keys.setdefault(name, new_key()))
            chain.fund(operator.address, COIN)
            register(sponsor, contracts, operator, operator.address, role)
        chain.save()
    known = {"sponsor": key.hex(), **{name: one.hex() for name, one in keys.items()}}
    (folder / "keys.json").write_text(json.dumps({"task": number, "keys": known}))


ROLES = {"trainer-0": Role.TRAIN, "trainer-1": Role.TRAIN, "validator": Role.VALIDATE, "keeper": Role.MONITOR}
"""The nodes of a hive. The keeper has no task of its own: what it does, anyone may do."""


@contextlib.contextmanager
def opened(folder: Path, copy: Path, rounds: int, url: str | None = None, **changes: Any) -> Iterator[Hive]:
    """A founded hive from a folder, in a copy of it; at the end every process is gone."""
    shutil.copytree(folder, copy, dirs_exist_ok=True)
    known = json.loads((copy / "keys.json").read_text())
    with LocalChain("anvil", copy / "chain") as chain:
        deployment = Deployment.read(copy / "deployment.json")
        contracts = Contracts.at(chain.web3, deployment)
        store = DirectoryStore(copy / "store")
        sponsor = Signer(chain.web3, bytes.fromhex(known["keys"]["sponsor"]))
        hive = Hive(chain, deployment, contracts, store, sponsor, known["task"], task_settings(rounds))
        hive.nodes = [_node(copy, name, bytes.fromhex(known["keys"][name])) for name in ROLES]
        for one in hive.nodes:
            settle(one, copy, hive, url or chain.url, **changes)
        hive.tick()
        try:
            yield hive
        finally:
            for one in hive.nodes:
                one.kill()


def settle(node: Node, folder: Path, hive: Hive, url: str, **changes: Any) -> None:
    """Write a node's settings."""
    role = ROLES[node.name].name.lower()
    values: dict[str, Any] = {
        "endpoints": [url], "chain_id": 31337, "deployment": str(folder / "deployment.json"), "roles": [role],
        "tasks": [hive.task], "store": f"directory:{folder / 'store'}", "confirmations": 2, "poll_seconds": 0.4,
        "keeper": node.name == "keeper", "claim_every": 2,
    }  # fmt: skip
    node.configure(**{**values, **changes})


def _node(folder: Path, name: str, key: bytes) -> Node:
    return Node(name, folder / name, key, new_key(), {"XDG_STATE_HOME": str(folder / "state")})


def start(nodes: Sequence[Node]) -> None:
    """Start several nodes."""
    for one in nodes:
        one.start()
