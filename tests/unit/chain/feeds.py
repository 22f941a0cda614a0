"""An alert feed on Anvil: a task with a final round, its validators, and monitors at their posts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eth_utils.address import to_checksum_address
from web3 import Web3

from anomalyhive.chain.feed import FeedClient
from anomalyhive.chain.feed_deployment import deploy_feed
from anomalyhive.chain.feed_views import LATEST, Rules, Said
from anomalyhive.chain.signer import Signer
from anomalyhive.chain.views import Role
from anomalyhive.commitments import INFINITY
from anomalyhive.protocol.hashing import verdict_hash

from .conftest import TOKEN, Place

RULES = Rules(
    posts=3,
    quorum=2,
    categories=4,
    longest_seconds=10_000,
    stand_seconds=1_000,
    vote_seconds=2_000,
    reveal_seconds=3_000,
    min_stake=TOKEN,
    reward=7 * TOKEN,
    vote_reward=2 * TOKEN,
    bond=9 * TOKEN,
)
FUNDS = 50 * TOKEN
MODEL, EVIDENCE = b"\x0e" * 32, b"\x0a" * 32
DIGEST, SALT = b"\x0d" * 32, b"\x05" * 32


def subject(number: int) -> str:
    """An address that is nobody's."""
    return str(to_checksum_address(f"0x{0xBAD000 + number:040x}"))


def said(number: int = 1, probability: int = 9_000, category: int = 1, expiry: int = LATEST) -> Said:
    """An alert about a subject."""
    return Said(subject(number), probability, category, expiry)


@dataclass(frozen=True)
class Watched:
    """A feed, the operators of its task's three seats, and of three nodes that monitor."""

    place: Place
    feed: FeedClient
    validators: Sequence[Signer]
    monitors: Sequence[Signer]

    def number(self, signer: Signer) -> int:
        """The node that an operator acts for."""
        return self.place.contracts.registry.node_of(signer.address)

    def pass_time(self, seconds: int) -> None:
        """Let the next block be so much later."""
        chain = self.place.chain
        chain.fast_forward(int(chain.web3.eth.get_block("latest")["timestamp"]) + seconds)

    def man(self, *posts: int) -> None:
        """Monitor i takes post i."""
        for post in posts:
            self.feed.take_post(self.monitors[post], post)

    def say(self, post: int, *alerts: Said) -> None:
        """The post's monitor posts."""
        self.feed.post_alerts(self.monitors[post], post, 1, alerts or (said(),))

    def vote(self, appeal: int, *votes: bool) -> None:
        """Seat i votes so; all are committed and shown, and the appeal is decided."""
        feed = self.feed
        for seat, uphold in enumerate(votes):
            node = self.number(self.validators[seat])
            feed.commit_vote(self.validators[seat], appeal, seat, feed.vote_hash(appeal, seat, node, uphold, SALT))
        self.pass_time(RULES.vote_seconds)
        for seat, uphold in enumerate(votes):
            node = self.number(self.validators[seat])
            feed.reveal_vote(self.validators[seat], appeal, seat, node, uphold, SALT)
        self.pass_time(RULES.reveal_seconds)
        feed.decide(self.place.sponsor, appeal)


def finished(place: Place) -> tuple[int, list[Signer]]:
    """A task of one trainer and three seats whose first round is final, and the operators of the seats."""
    hive, registry = place.contracts.hive, place.contracts.registry
    task = place.task(shards=1, update_quota=1, seats=3, quorum=2, verdict_quota=3)
    trainer, judges = place.node(Role.TRAIN), [place.node(Role.VALIDATE) for _ in range(3)]
    hive.take_shard(trainer, task, 0)
    for seat, judge in enumerate(judges):
        hive.take_seat(judge, task, seat)
    hive.open_round(place.sponsor, task)
    hive.submit_update(trainer, task, 1, 0, DIGEST, INFINITY)
    scores = b"\xc8"
    for seat, judge in enumerate(judges):
        node = registry.node_of(judge.address)
        hive.commit_verdict(judge, task, 1, seat, verdict_hash(task, 1, node, scores, DIGEST, SALT))
    for seat, judge in enumerate(judges):
        hive.reveal_verdict(judge, task, 1, seat, scores, DIGEST, SALT)
    hive.tally(place.sponsor, task, 1, [hive.round(task, 1).submissions[0]], [scores] * 3)
    for seat, judge in enumerate(judges[:2]):
        hive.attest_model(judge, task, 1, seat, MODEL)
    return task, judges


def watch(place: Place, rules: Rules = RULES) -> Watched:
    """A funded feed of such a task, whose posts are free."""
    task, judges = finished(place)
    feed = deploy_feed(place.sponsor, place.contracts.hive.address, task, rules)
    place.contracts.token.approve(place.sponsor, feed.address, 1_000 * TOKEN)
    feed.fund(place.sponsor, FUNDS)
    return Watched(place, feed, judges, [place.node(Role.MONITOR) for _ in range(3)])


def checksum(address: str) -> str:
    """An address as events have it."""
    return str(Web3.to_checksum_address(address))
