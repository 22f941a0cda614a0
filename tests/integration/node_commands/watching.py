"""A feed of a played task: monitors at two of its three posts, and its escrow filled."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from eth_utils.address import to_checksum_address

from anomalyhive.chain.feed import FeedClient
from anomalyhive.chain.feed_record import place_of
from anomalyhive.chain.feed_views import LATEST, Rules, Said
from anomalyhive.node.feeds.sponsoring import deploy
from anomalyhive.node.hands import KeyHand

from .hives import DEPLOYER_KEY, TOKEN, Command, Made, make, settle_in
from .playing import Play

RULES = Rules(
    posts=3,
    quorum=2,
    categories=4,
    longest_seconds=100_000,
    stand_seconds=10_000,
    vote_seconds=20_000,
    reveal_seconds=30_000,
    min_stake=1_000 * TOKEN,
    reward=7 * TOKEN,
    vote_reward=2 * TOKEN,
    bond=9 * TOKEN,
)
FUNDS = 50 * TOKEN


def subject(number: int = 1) -> str:
    """An address that is nobody's."""
    return str(to_checksum_address(f"0x{0xBAD000 + number:040x}"))


@dataclass(frozen=True)
class Watched:
    """A feed, who plays its task, and two monitors at posts 0 and 1."""

    play: Play
    feed: FeedClient
    monitors: Sequence[Made]

    def say(self, *numbers: int, posts: Sequence[int] = (0, 1)) -> None:
        """These posts say that subjects are dangerous."""
        for post in posts:
            alerts = [Said(subject(one), 9_000 - 1_000 * post, 2, LATEST) for one in numbers]
            self.feed.post_alerts(self.monitors[post].operator, post, 1, alerts)

    def pass_time(self, seconds: int) -> None:
        """Let the chain be so much later."""
        self.play.hive.pass_time(seconds)


def watch(play: Play, folder: Path) -> Watched:
    """Make the feed and its monitors without the command; nothing is written down beside the deployment record."""
    hive, place = play.hive, play.nodes[0].place
    made = deploy(place, KeyHand(hive.deployer, 10**12, lambda _: None), 1, RULES)
    assert made is not None
    place_of(place.config.deployment).unlink()
    hive.contracts.token.approve(hive.deployer, made.feed.address, FUNDS)
    made.feed.fund(hive.deployer, FUNDS)
    monitors = [settle_in(hive, folder / f"monitor-{i}", "monitor") for i in range(2)]
    for post, one in enumerate(monitors):
        made.feed.take_post(one.operator, post)
    return Watched(play, made.feed, monitors)


@contextmanager
def undone(watched: Watched) -> Iterator[None]:
    """Take back what happens on the chain meanwhile, and what the journals have of it."""
    with watched.play.hive.undone():
        yield
    for made in (*watched.play.nodes, *watched.monitors):
        for file in made.home.glob("journal.sqlite*"):
            file.unlink()


def sponsor_of(command: Command, play: Play, folder: Path) -> Made:
    """The home of the deployer, who sponsors the task and has all tokens."""
    return make(command, play.hive, folder / "sponsor", ANOMALYHIVE_OWNER_KEY=DEPLOYER_KEY.hex())


def on(watched: Watched, made: Made) -> tuple[object, ...]:
    """Options that name a home and the feed."""
    return "--home", made.home, "--feed", watched.feed.address


def record_of(made: Made) -> Path:
    """The deployment record of a home."""
    return made.place.config.deployment
