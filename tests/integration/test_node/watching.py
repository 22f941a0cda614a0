"""A hive that has learned from raw transactions, an alert feed of its task, and monitors as processes of their own."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from federations import Quiet
from rawruns import raw

from anomalyhive.chain.events import Event
from anomalyhive.chain.feed import FeedClient
from anomalyhive.chain.feed_deployment import deploy_feed
from anomalyhive.chain.feed_views import Entry, Rules
from anomalyhive.chain.localchain import LocalChain
from anomalyhive.chain.signer import Signer, new_key
from anomalyhive.chain.views import Role
from anomalyhive.federation.crew import register
from anomalyhive.federation.session import Session, learn, opened

from .settling import COIN, PATIENCE, Node

TOKEN = 10**18
RULES = Rules(
    posts=3,
    quorum=2,
    categories=5,
    longest_seconds=86_400,
    stand_seconds=600,
    vote_seconds=100,
    reveal_seconds=100,
    min_stake=TOKEN,
    reward=TOKEN,
    vote_reward=0,
    bond=TOKEN,
)


@dataclass
class Ground:
    """The hive, its feed, and the nodes that were made on it."""

    session: Session
    feed: FeedClient
    folder: Path
    nodes: list[Node] = field(default_factory=list)

    @property
    def chain(self) -> LocalChain:
        assert self.session.local is not None
        return self.session.local

    def operator(self) -> tuple[bytes, Signer]:
        """The operator of a new monitor."""
        key = new_key()
        signer = Signer(self.chain.web3, key)
        self.chain.fund(signer.address, COIN)
        register(self.session.sponsor, self.session.contracts, signer, signer.address, Role.MONITOR)
        return key, signer

    def monitor(self, name: str, table: str) -> Node:
        """A monitor's home with settings; ``table`` is what stands in [monitor] beside the feed."""
        key, _ = self.operator()
        home = self.folder / name
        node = Node(name, home, key, new_key(), {"XDG_STATE_HOME": str(home / "state")})
        node.configure(
            endpoints=[self.chain.url], chain_id=31337, deployment=str(self.session.folder.chain / "deployment.json"),
            roles=["monitor"], tasks=[self.session.task.number], store=f"directory:{self.session.folder.store}",
            confirmations=1, poll_seconds=0.2,
        )  # fmt: skip
        with (home / "node.toml").open("a") as file:
            file.write(f'\n[monitor]\nfeed = "{self.feed.address}"\nthreshold_bp = 1\n{table}\n')
        self.nodes.append(node)
        return node

    def signer(self, node: Node) -> Signer:
        """A node's operator, for who acts in its place when its process has ended."""
        return Signer(self.chain.web3, node.operator)

    def number(self, node: Node) -> int:
        """A node's number."""
        return self.session.contracts.registry.node_of(self.signer(node).address)

    def wait(self, ready: Callable[[], bool]) -> None:
        """Wait until something is so. Fails, with what the nodes said, when it takes too long."""
        deadline = time.monotonic() + PATIENCE
        while not ready():
            if time.monotonic() > deadline:
                said = "\n\n".join(f"{one.name}\n{one.words()[-2500:]}" for one in self.nodes)
                raise AssertionError(f"it never came to pass; the nodes said:\n{said}")
            time.sleep(0.1)

    def said(self, node: Node, subject: str) -> Entry | None:
        """What a node has on the feed about an address."""
        post = self.feed.post_of(self.number(node))
        entry = None if post is None else self.feed.alert_of(subject, post)
        return entry if entry is not None and entry.node == self.number(node) else None

    def events(self, name: str, node: Node) -> list[Event]:
        """The feed's events of a name by a node."""
        number = self.number(node)
        return [one for one in self.feed.events() if one.name == name and one.values["node"] == number]


def suspect(chain: LocalChain) -> str:
    """An address that has just sent and received: in the latest block."""
    signer = Signer(chain.web3, new_key())
    chain.fund(signer.address, COIN)
    signer.transfer(signer.address, 1)
    return signer.address


@contextlib.contextmanager
def founded(folder: Path, **changes: Any) -> Iterator[Ground]:
    """A hive with a model, and a funded feed; at the end every process is gone."""
    with opened(raw(**{"rounds": 1, "nodes": 2, **changes}), folder / "run", Quiet()) as session:
        learn(session, Quiet())
        feed = deploy_feed(session.sponsor, session.deployment.hive, session.task.number, RULES)
        session.contracts.token.approve(session.sponsor, feed.address, 1_000 * TOKEN)
        feed.fund(session.sponsor, 1_000 * TOKEN)
        ground = Ground(session, feed, folder)
        try:
            yield ground
        finally:
            for one in ground.nodes:
                one.kill()
