"""Rounds on a real chain, act by act, and what reads them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.unit.chain.conftest import Place

from anomalyhive.chain.deployment import Deployment
from anomalyhive.chain.rpc import request
from anomalyhive.chain.signer import Signer
from anomalyhive.chain.views import Role
from anomalyhive.commitments import INFINITY
from anomalyhive.dashboard.live.following import Follower
from anomalyhive.protocol.hashing import verdict_hash

DIGEST, OTHER, SALT = b"\x0d" * 32, b"\x0c" * 32, b"\x05" * 32


def deployment_of(place: Place) -> Deployment:
    """Where the contracts of a place are."""
    of = place.contracts
    return Deployment(31337, of.token.address, of.registry.address, of.hive.address, 0, True, {})


@dataclass(frozen=True)
class Crew:
    """A task of two shards and a seat, its trainers and its validator."""

    place: Place
    task: int
    trainers: Sequence[Signer]
    judge: Signer

    @classmethod
    def at(cls, place: Place, **config: int) -> Crew:
        """A crew that holds its slots."""
        hive, task = place.contracts.hive, place.task(**config)
        trainers, judge = [place.node(Role.TRAIN), place.node(Role.TRAIN)], place.node(Role.VALIDATE)
        for shard, trainer in enumerate(trainers):
            hive.take_shard(trainer, task, shard)
        hive.take_seat(judge, task, 0)
        return cls(place, task, trainers, judge)

    def number(self, signer: Signer) -> int:
        """The node that an operator acts for."""
        return self.place.contracts.registry.node_of(signer.address)

    def acts(self, scores: bytes = bytes([100, 100]), model: bytes = DIGEST) -> Iterator[str]:
        """A round, an act at a time; what was done."""
        hive, task = self.place.contracts.hive, self.task
        hive.open_round(self.place.sponsor, task)
        round_ = hive.task(task).latest_round
        yield "opened"
        for shard, trainer in enumerate(self.trainers):
            hive.submit_update(trainer, task, round_, shard, DIGEST, INFINITY)
            yield "submitted"
        hidden = verdict_hash(task, round_, self.number(self.judge), scores, DIGEST, SALT)
        hive.commit_verdict(self.judge, task, round_, 0, hidden)
        yield "committed"
        hive.reveal_verdict(self.judge, task, round_, 0, scores, DIGEST, SALT)
        yield "revealed"
        sent = hive.round(task, round_).submissions
        hive.tally(self.place.sponsor, task, round_, [sent[shard] for shard in sorted(sent)], [scores])
        yield "tallied"
        hive.attest_model(self.judge, task, round_, 0, model)
        yield "attested"

    def play(self, scores: bytes = bytes([100, 100]), model: bytes = DIGEST) -> None:
        """A whole round."""
        for _ in self.acts(scores, model):
            pass

    def taken_back(self, snapshot: str) -> None:
        """Let the chain go back to a snapshot, and its keys count their transactions anew."""
        request(self.place.web3, "evm_revert", [snapshot])
        for signer in (self.place.sponsor, *self.trainers, self.judge):
            signer._nonce = None

    def pass_time(self, seconds: int) -> None:
        """Let the next block be so much later."""
        chain = self.place.chain
        chain.fast_forward(int(chain.web3.eth.get_block("latest")["timestamp"]) + seconds)


def followed(place: Place, follower: Follower | None = None) -> Follower:
    """A follower that has read all that there is."""
    follower = follower or Follower(deployment_of(place))
    for _ in follower.catch_up(place.web3):
        pass
    return follower
