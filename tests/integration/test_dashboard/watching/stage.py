"""A hive with a final round on Anvil, one of its nodes, an alert feed, a watch, and the dashboard that shows them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from node_commands.hives import PASSWORD, TOKEN, Made, deployed, settle_in
from node_commands.playing import Play, begin

from anomalyhive.chain.feed import FeedClient
from anomalyhive.chain.feed_deployment import deploy_feed
from anomalyhive.chain.feed_views import LATEST, Rules, Said
from anomalyhive.chain.fees import FeeLimits
from anomalyhive.chain.localchain import LocalChain
from anomalyhive.monitor.entries import Ended
from anomalyhive.node import keystore
from anomalyhive.node.hands import Words, operator_hand
from anomalyhive.node.keystore import read_key
from anomalyhive.node.passwords import Passwords
from anomalyhive.roles.trainer import Trainer
from anomalyhive.roles.validator import Validator
from test_dashboard.dashboards import Dashboard, served
from test_dashboard.watching.watchbook import WatchBook, address, begun

RULES = Rules(
    posts=1, quorum=1, categories=4, longest_seconds=86_400, stand_seconds=3_600, vote_seconds=3_600,
    reveal_seconds=3_600, min_stake=TOKEN, reward=TOKEN, vote_reward=TOKEN, bond=9 * TOKEN,
)  # fmt: skip

FLAGGED = 5
"""The number of the address that is flagged on chain, and that has an alert."""

WITHDRAWN, EXPIRED = 20, 21
"""Numbers of addresses whose alerts have ended."""


@dataclass(frozen=True)
class Stage:
    """Everything that a page of the watch can show."""

    play: Play
    feed: FeedClient
    book: WatchBook
    dashboard: Dashboard
    folder: Path

    @property
    def mine(self) -> Made:
        """The node whose home the dashboard was given."""
        return self.play.trainers[0]

    @contextmanager
    def looking_at(self, made: Made) -> Iterator[Dashboard]:
        """A dashboard of its own for another node."""
        with served(*self._hive(), "--home", made.home) as dashboard:
            yield dashboard

    @contextmanager
    def watching(self, port: int = 0) -> Iterator[Dashboard]:
        """A dashboard of its own for the watch, at a port."""
        with served(*self._hive(), "--watch", self.folder / "watch", port=port) as dashboard:
            yield dashboard

    def _hive(self) -> tuple[str, ...]:
        hive = self.play.hive
        return "--rpc", hive.chain.url, "--hive", hive.contracts.hive.address, "--task", "1"

    def at(self, path: str) -> str:
        """The address of a view, without the token."""
        return f"{self.dashboard.origin}/#/{path}"

    def owner_key(self, made: Made) -> bytes:
        """The key of a node's owner."""
        return read_key(made.folder.owner, PASSWORD)

    def tokens(self, holder: str) -> int:
        """What an address has, in 1e-18 tokens, as the chain says."""
        return self.play.hive.contracts.token.balance(holder)


def filled(book: WatchBook) -> None:
    """Sixty blocks with thirty alerts in them, of several categories; one was withdrawn, and one expired."""
    for number in range(60):
        alerts = []
        if number % 2:
            who = number // 2 + 1
            kind = ("phishing", "exchange", "unknown")[who % 3]
            alerts = [book.alert(who, 6_100 + 100 * who, kind)]
        ended = {45: WITHDRAWN, 50: EXPIRED}.get(number)
        gone = [one for one in book.raised if ended is not None and one.address == address(ended)]
        why = "expired" if ended == EXPIRED else "cleared"
        book.write(alerts, 400 + 37 * (number % 11), [Ended(one.id, why) for one in gone])


@contextmanager
def played(folder: Path) -> Iterator[Stage]:
    """A stage; the node with the watch's post monitors, the round was honest."""
    with pytest.MonkeyPatch.context() as patch, LocalChain("anvil", folder / "chain") as chain:
        patch.setattr(keystore, "COST", 1 << 10)
        hive = deployed(chain, folder)
        play = begin(hive, folder / "nodes")
        view = play.round((Trainer, Trainer, Validator, Validator, Validator))
        feed = flagged(play, folder)
        with_a_journal(play.trainers[0])
        book = begun(folder / "watch", view.model.hex())
        filled(book)
        try:
            with served(
                "--rpc", chain.url, "--hive", hive.contracts.hive.address, "--task", "1", "--store", hive.store,
                "--feed", feed.address, "--watch", folder / "watch", "--home", play.trainers[0].home,
            ) as dashboard:  # fmt: skip
                yield Stage(play, feed, book, dashboard, folder)
        finally:
            book.book.close()


def with_a_journal(made: Made) -> None:
    """Have a node's operator send something as the node does, through its journal."""
    passwords = Passwords({"ANOMALYHIVE_PASSWORD": PASSWORD}, lambda _: "")
    limits, silent = FeeLimits(10**12, 10**9), Words(lambda _: None, lambda _: None)
    with operator_hand(made.folder, made.hive.web3, 31337, limits, passwords, silent) as hand:
        hand.pay(made.owner.address, 5, "send 5 wei")


def flagged(play: Play, folder: Path) -> FeedClient:
    """A feed of the task in which one monitor is a quorum and has flagged an address."""
    hive = play.hive
    monitor = settle_in(hive, folder / "nodes" / "monitor", "monitor")
    feed = deploy_feed(hive.deployer, hive.contracts.hive.address, 1, RULES)
    feed.take_post(monitor.operator, 0)
    feed.post_alerts(monitor.operator, 0, 1, (Said(address(FLAGGED), 9_300, 1, LATEST),))
    return feed
