"""Nodes of a hive in the test's own process, where each turn of a loop is the test's to take."""

from __future__ import annotations

from typing import Any

from anomalyhive.chain.fees import FeeLimits
from anomalyhive.chain.journaled import JournaledSigner
from anomalyhive.chain.rpc import request
from anomalyhive.content.directory import DirectoryStore
from anomalyhive.federation.journal import FileJournal
from anomalyhive.node.duties import Duties, Equipment
from anomalyhive.node.watching import Silence

from .settling import ROLES, Hive, Node


class Loud(Silence):
    """Fails a test where a node fails."""

    def failed(self, where: str, error: Exception) -> None:
        raise AssertionError(f"{where}: {error}") from error


def at_once(hive: Hive) -> None:
    """From now on the chain makes a block for every transaction."""
    request(hive.chain.web3, "evm_setIntervalMining", [0])
    request(hive.chain.web3, "evm_setAutomine", [True])


def equipped(hive: Hive, node: Node) -> Equipment:
    """What a node of the hive works with, in this process."""
    journal = node.home / "journal.sqlite"
    signer = JournaledSigner(hive.chain.web3, node.operator, journal, FeeLimits(10**13, 10**12), chain_id=31337)
    return Equipment(
        node=hive.contracts.registry.node_of(signer.address), deployment=hive.deployment, contracts=hive.contracts,
        signer=signer, store=hive.store, drafts=DirectoryStore(node.home / "drafts"), journal=FileJournal(journal),
        watcher=Loud(), secret=node.salt,
    )  # fmt: skip


def duties(hive: Hive, node: Node, **more: Any) -> Duties:
    """What a node of the hive is to do."""
    return Duties(frozenset({ROLES[node.name]}), node.name == "keeper", (hive.task,), poll_seconds=0.01, **more)
