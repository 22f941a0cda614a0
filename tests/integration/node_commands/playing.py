"""Rounds of task 1, played by nodes that were made in their own homes, honest ones and others."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anomalyhive.chain.deployment import Deployment
from anomalyhive.chain.views import Phase, RoundView
from anomalyhive.content.directory import DirectoryStore
from anomalyhive.federation.founding import open_task
from anomalyhive.federation.journal import FileJournal
from anomalyhive.federation.settings import Settings
from anomalyhive.node.hands import KeyHand
from anomalyhive.node.sponsoring import Terms, create, fund, publish_rows
from anomalyhive.roles.keeper import Keeper
from anomalyhive.roles.public_check import PublicCheck, shard_rows
from anomalyhive.roles.steps import Actor, take_steps
from anomalyhive.roles.task import Task
from anomalyhive.roles.trainer import Trainer

from .hives import ACCOUNTS, TOKEN, Command, Hive, Made, settle_in

REWARD = 10 * TOKEN
PARAMS = {"candidates": 8, "kept": 2, "depth": 3}


@dataclass(frozen=True)
class Play:
    """A hive with task 1 of two shards and three seats, and the nodes in them: shards first, then seats."""

    hive: Hive
    task: Task
    nodes: Sequence[Made]

    @property
    def trainers(self) -> Sequence[Made]:
        return self.nodes[:2]

    @property
    def validators(self) -> Sequence[Made]:
        return self.nodes[2:]

    def actor(self, made: Made, kind: type[Any]) -> Actor:
        """A node's actor in its role, of an honest kind or another."""
        store = DirectoryStore(Path(self.hive.store.removeprefix("directory:")))
        drafts = DirectoryStore(made.folder.drafts)
        common: dict[str, Any] = {
            "task": self.task, "node": made.number, "signer": made.operator, "hive": self.hive.contracts.hive,
            "store": store, "drafts": drafts,
        }  # fmt: skip
        place = list(self.nodes).index(made)
        if issubclass(kind, Trainer):
            return kind(**common, shard=place, rows=shard_rows(self.task, store, place))
        journal = FileJournal(made.folder.journal)
        check = PublicCheck(self.task, store)
        return kind(**common, seat=place - 2, journal=journal, data_check=check, secret=b"\x05" * 32)

    def open(self) -> int:
        hive = self.hive.contracts.hive
        hive.open_round(self.hive.deployer, 1)
        return hive.task(1).latest_round

    def round(self, kinds: Sequence[type[Any] | None]) -> RoundView:
        """Open a round and play it to its end; ``kinds`` goes by node, None for one that is away.

        Where nobody has anything to do, time passes.
        """
        hive, number = self.hive.contracts.hive, self.open()
        actors = [self.actor(made, kind) for made, kind in zip(self.nodes, kinds, strict=True) if kind is not None]
        actors.append(Keeper(self.hive.deployer, hive))
        while (view := hive.round(1, number)).phase not in (Phase.FINAL, Phase.CANCELLED):
            if not take_steps(actors, lambda: hive.round(1, number)):
                self.hive.pass_time(max(view.ends_at - view.now, 1))
        take_steps(actors, lambda: hive.round(1, number))
        return hive.round(1, number)


def begin(hive: Hive, folder: Path) -> Play:
    """Create task 1 and put its nodes in their places, with escrow for three rounds."""
    sponsor = KeyHand(hive.deployer, 10**12, lambda _: None)
    settings = Settings(
        data=str(ACCOUNTS), label="FLAG", id="Address", nodes=2, validators=3, rounds=5, test_fraction="0",
        params=PARAMS,
    )  # fmt: skip
    store = DirectoryStore(Path(hive.store.removeprefix("directory:")))
    spec = publish_rows(settings, store, lambda _: None)
    config = Terms(600, REWARD, 1_000 * TOKEN, 3).config(settings)
    deployment = Deployment.read(hive.record)
    assert create(hive.contracts, deployment, sponsor, config, spec, store) == 1
    fund(hive.contracts, sponsor, 1, 3 * REWARD)
    nodes = [settle_in(hive, folder / f"trainer-{i}", "train", i) for i in range(2)]
    nodes += [settle_in(hive, folder / f"validator-{i}", "validate", i) for i in range(3)]
    return Play(hive, open_task(hive.contracts, deployment, 1, store), nodes)


def said(command: Command, made: Made, runs: bool = True) -> dict[str, list[str]]:
    """Check -> what it says, of a node that runs or does not; the exit code is 1 if and only if there is anything."""
    if runs:
        with made.folder.held():
            done = command("doctor", "--json", "--home", made.home)
    else:
        done = command("doctor", "--json", "--home", made.home)
    found: dict[str, list[str]] = {}
    for one in json.loads(done.out):
        found.setdefault(one["check"], []).append(f"{one['says']} → {one['remedy']}")
    assert done.code == (1 if found else 0), done.err
    return found
