"""What nodes under test work with: the contracts on Anvil, stores in folders, and a watcher that remembers."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.unit.chain.conftest import TOKEN, Place

from anomalyhive.chain.deployment import Deployment
from anomalyhive.chain.fees import FeeLimits
from anomalyhive.chain.journaled import JournaledSigner
from anomalyhive.chain.signer import new_key
from anomalyhive.chain.views import Role
from anomalyhive.content.directory import DirectoryStore
from anomalyhive.federation.journal import FileJournal
from anomalyhive.node.duties import Equipment
from anomalyhive.node.watching import Silence


@dataclass
class Remembering(Silence):
    """Remembers what was done and what failed."""

    actions: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def acted(self, task: int, round_: int, phase: Any, role: Any, action: str) -> None:  # noqa: ARG002 - the signature
        self.actions.append(action)

    def failed(self, where: str, error: Exception) -> None:
        self.failures.append(f"{where}: {type(error).__name__}: {error}")


@dataclass
class Clock:
    """Unix seconds that pass when a test says so."""

    time: float = 1e9

    def __call__(self) -> float:
        return self.time


def deployment_of(place: Place) -> Deployment:
    """The record of a place."""
    of = place.contracts
    return Deployment(31337, of.token.address, of.registry.address, of.hive.address, 0, True, {})


def signer_of(place: Place, path: Path, key: bytes) -> JournaledSigner:
    """A funded key with its journal in a folder."""
    signer = JournaledSigner(
        place.web3, key, path / "journal.sqlite", FeeLimits(10**13, 10**12), chain_id=31337, confirmations=1
    )
    place.chain.fund(signer.address, 10**19)
    return signer


def gear_of(place: Place, path: Path, role: Role, key: bytes | None = None) -> Equipment:
    """A registered node of a role, which is its own owner; with a ``key``, one that is registered already."""
    signer = signer_of(place, path, key or new_key())
    token, registry = place.contracts.token, place.contracts.registry
    if key is None:
        token.send(place.sponsor, signer.address, TOKEN)
        token.approve(signer, registry.address, TOKEN)
        registry.register(signer, signer.address, int(role), TOKEN)
    return Equipment(
        node=registry.node_of(signer.address),
        deployment=deployment_of(place),
        contracts=place.contracts,
        signer=signer,
        store=DirectoryStore(path.parent / "store"),
        drafts=DirectoryStore(path / "drafts"),
        journal=FileJournal(path / "journal.sqlite"),
        watcher=Remembering(),
        secret=b"\x05" * 32,
        clock=Clock(),
    )
