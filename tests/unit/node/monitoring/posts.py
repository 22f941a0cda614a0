"""A monitor at a feed on Anvil, and the book of a watch that a test writes for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.unit.chain.conftest import TOKEN
from tests.unit.chain.feeds import Watched, subject
from tests.unit.node.gears import Clock, Remembering, deployment_of

from anomalyhive.chain.fees import FeeLimits
from anomalyhive.chain.journaled import JournaledSigner, Pace
from anomalyhive.chain.signer import new_key
from anomalyhive.chain.views import Role
from anomalyhive.content.directory import DirectoryStore
from anomalyhive.federation.journal import FileJournal
from anomalyhive.monitor.alert import Alert
from anomalyhive.monitor.book import Book
from anomalyhive.monitor.entries import BlockRow, Ended, Entry
from anomalyhive.node.duties import Equipment
from anomalyhive.node.monitoring.voice import Voice
from anomalyhive.node.monitoring.wishes import Wishes


@dataclass
class Desk:
    """A monitor's feed, book and folder; ``voice`` is a process of the node."""

    watched: Watched
    book: Book
    path: Path
    key: bytes
    clock: Clock
    heard: Remembering
    number: int = 100
    wanted: int | None = None

    @property
    def feed(self) -> Any:
        return self.watched.feed

    @property
    def node(self) -> int:
        return int(self.watched.place.contracts.registry.node_of(self.signer().address))

    def signer(self, **more: Any) -> JournaledSigner:
        """The operator as a new process has it."""
        journal = self.path / "journal.sqlite"
        limits = FeeLimits(10**13, 10**12)
        return JournaledSigner(self.watched.place.web3, self.key, journal, limits, chain_id=31337, **more)

    def voice(self, pace: Pace | None = None, claim_at: int = 0) -> Voice:
        """The node's part, as a new process has it."""
        place, signer = self.watched.place, self.signer(pace=pace)
        gear = Equipment(
            node=place.contracts.registry.node_of(signer.address), deployment=deployment_of(place),
            contracts=place.contracts, signer=signer, store=DirectoryStore(self.path / "store"),
            drafts=DirectoryStore(self.path / "drafts"), journal=FileJournal(self.path / "journal.sqlite"),
            watcher=self.heard, secret=b"\x05" * 32, clock=self.clock,
        )  # fmt: skip
        return Voice(gear, self.feed, Wishes(self.path / "watch"), self.wanted, claim_at)

    def alert(self, number: int, **changed: Any) -> Alert:
        """An alert about a subject of the feed's tests, of the block that the book is to write next."""
        now = self.feed.now()
        made = Alert(
            chain_id=1, address=subject(number).lower(), block_number=self.number, block_hash=f"0x{self.number:064x}",
            transactions=(), probability_bp=9_000, category="phishing", category_index=2, reasons=(), model="ab" * 32,
            round=1, raised_at=now, expires_at=now + 5_000,
        )  # fmt: skip
        return replace(made, **changed)

    def write(self, alerts: Sequence[Alert] = (), ended: Sequence[tuple[Alert, str]] = ()) -> None:
        """Let the watch follow a block."""
        row = BlockRow(self.number, f"0x{self.number:064x}", f"0x{self.number - 1:064x}", self.feed.now())
        self.book.write(Entry(row, alerts=alerts, ended=[Ended(one.id, why) for one, why in ended]))
        self.number += 1

    def events(self, name: str) -> list[Any]:
        """The feed's events of a name."""
        return [one for one in self.feed.events() if one.name == name]


def desk(watched: Watched, path: Path) -> Desk:
    """A registered monitor without a post, and an empty book."""
    anvil, key = watched.place, new_key()
    contracts = anvil.contracts
    made = Desk(watched, Book.open(path / "watch", 1), path, key, Clock(), Remembering())
    signer = made.signer()
    anvil.chain.fund(signer.address, 10**19)
    contracts.token.send(anvil.sponsor, signer.address, TOKEN)
    contracts.token.approve(signer, contracts.registry.address, TOKEN)
    contracts.registry.register(signer, signer.address, int(Role.MONITOR), TOKEN)
    made.book.begin(made.number)
    return made
