"""What a node lets go of, on real daemons with garbage collected: what the current model needs is always there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from tests.outside import ipfs_program, needs_kubo

from anomalyhive.content import (
    Codec,
    Dataset,
    DirectoryStore,
    Model,
    Spec,
    SpecShard,
    Store,
    Sum,
    Update,
    Verdict,
    Weights,
    digest_of,
    export_car,
    failures,
    links,
)
from anomalyhive.content.kubo import KuboStore
from anomalyhive.content.restoring import restore
from anomalyhive.content.retention import Keeping, Lineage, Retention, retention_of
from anomalyhive.errors import BadSetting, ContentMissing, StoreUnusable
from wild.daemon import Daemon
from wild.swarm import Swarm

ROUNDS = 5
SECONDS = 3.0


@dataclass(frozen=True)
class Round:
    """Digests of what a round brought forth: ``rejected`` and ``verdict`` are beside the model."""

    model: bytes
    weights: bytes
    sum: bytes | None = None
    updates: tuple[bytes, ...] = ()
    rejected: bytes = b""
    verdict: bytes = b""

    @property
    def made(self) -> set[bytes]:
        """All but the model."""
        return {one for one in (self.weights, self.sum, *self.updates, self.rejected, self.verdict) if one}


@dataclass(frozen=True)
class Play:
    """A task that has been learned for some rounds, from genesis on."""

    ground: set[bytes]
    rounds: Sequence[Round]

    @property
    def head(self) -> bytes:
        return self.rounds[-1].model

    @property
    def models(self) -> set[bytes]:
        return {one.model for one in self.rounds}

    @property
    def everything(self) -> set[bytes]:
        return self.ground.union(self.models, *(one.made for one in self.rounds))

    def lineage(self, last: int | None = None) -> Lineage:
        """The lineage when round ``last`` was the latest."""
        known = self.rounds if last is None else self.rounds[: last + 1]
        return Lineage(known[-1].model, {n: (one.rejected, one.verdict) for n, one in enumerate(known) if n})


def learn(trainers: Store, validators: Store, task: int = 1, rounds: int = ROUNDS) -> Play:
    """Put what a task brings forth: trainers their updates, validators the rest. Arrays have blocks of their own."""
    draw = np.random.default_rng(task)

    def vector() -> np.ndarray:
        return draw.integers(-(1 << 30), 1 << 30, 2000)

    place = {"chain": 1, "hive": bytes(20), "task": task}
    dataset = Dataset(("a",), draw.integers(0, 1 << 40, (1000, 1)), np.zeros(1000, dtype=np.int64), None)
    dataset_digest = dataset.publish(validators)
    shards = (SpecShard(1000, dataset_digest),)
    spec = Spec("s", "boost", {}, ("a",), "y", None, "public", shards, 1).publish(validators)
    # Equal learning has equal digests: this one is shared by all tasks.
    first = Weights("boost", {}, {"a": np.arange(2000)}).publish(validators)
    found = [Round(Model(**place, round=0, parent=None, spec=spec, sum=None, weights=first).publish(validators), first)]
    for number in range(1, rounds + 1):
        base, owner = found[-1].model, bytes(20)
        made = [
            Update(**place, round=number, shard=n, author=n + 1, owner=owner, base=base, rows=9, vector=vector())
            for n in range(3)
        ]
        *updates, rejected = (one.publish(trainers) for one in made)
        total = Sum(**place, round=number, updates=tuple(updates), commitment=bytes(96), vector=vector())
        summed = total.publish(validators)
        weights = Weights("boost", {}, {"a": vector()}).publish(validators)
        verdict = Verdict(**place, round=number, author=9, seat=0, scores=b"\x01\x01\x00", reasons={2: "wrong"})
        model = Model(**place, round=number, parent=base, spec=spec, sum=summed, weights=weights).publish(validators)
        found.append(Round(model, weights, summed, tuple(updates), rejected, verdict.publish(validators)))
    return Play({spec, dataset_digest}, found)


@pytest.fixture
def swarm(tmp_path: Path) -> Iterator[Swarm]:
    """The trainers' daemon and the validator's."""
    with Swarm(tmp_path / "swarm", 2, ipfs_program()) as running:
        yield running


def here(daemon: Daemon, roots: set[bytes]) -> set[bytes]:
    """Those of the roots that a daemon has itself after garbage collection, each with all of its raw blocks."""
    daemon.collect_garbage()
    store = daemon.store()
    found = {root for root in roots if store.has(root, Codec.DAG_CBOR)}
    return {root for root in found if all(store.has(*link) for link in links(store, root) if link.codec is Codec.RAW)}


@needs_kubo
def test_retention_that_keeps_all_brings_the_whole_lineage_here(swarm: Swarm) -> None:
    trainers, ours = swarm[0].store(), swarm[1].store()
    play = learn(trainers, ours)
    before = here(swarm[1], play.everything)
    done = Retention(ours).apply([play.lineage()], SECONDS)
    assert here(swarm[1], play.everything) == play.everything
    assert (done.kept, done.released, done.missing) == (len(play.everything - before), 0, {})
    swarm[0].kill()
    assert failures(ours, [play.head]) == []
    assert Retention(ours).apply([play.lineage()], SECONDS).kept == 0


@needs_kubo
def test_retention_of_two_models_lets_go_of_what_is_older_and_of_nothing_else(swarm: Swarm) -> None:
    trainers, ours = swarm[0].store(), swarm[1].store()
    play = learn(trainers, ours)
    foreign = ours.put_root(b"\xa1\x61x\x01")
    policy = Retention(ours, keep_models=2)
    for last in range(1, ROUNDS + 1):
        policy.apply([play.lineage(last)], SECONDS)
    swarm[0].kill()
    old, recent = play.rounds[:-2], play.rounds[-2:]
    kept = play.ground.union(play.models, *(one.made for one in recent))
    assert here(swarm[1], play.everything) == kept
    assert here(swarm[1], {foreign}) == {foreign}
    assert kept.isdisjoint(set().union(*(one.made for one in old)))
    for one in recent:
        Weights.fetch(ours, one.weights)


@needs_kubo
def test_content_that_was_let_go_of_and_collected_is_restored_from_a_file(swarm: Swarm, tmp_path: Path) -> None:
    trainers, ours = swarm[0].store(), swarm[1].store()
    play = learn(trainers, ours)
    Retention(ours).apply([play.lineage()], SECONDS)
    export_car(ours, sorted(play.everything), tmp_path / "all.car")
    Retention(ours, keep_models=1).apply([play.lineage()], SECONDS)
    swarm[0].kill()
    assert here(swarm[1], play.everything) < play.everything
    restore(ours, tmp_path / "all.car")
    assert here(swarm[1], play.everything) == play.everything
    directory = DirectoryStore(tmp_path / "store")
    restore(directory, tmp_path / "all.car")
    assert failures(directory, play.everything) == []


@needs_kubo
def test_retention_of_two_tasks_keeps_what_they_share(swarm: Swarm) -> None:
    """The first weights of both are equal: obsolete for one, current for the other, and the same block."""
    ours = swarm[1].store()
    long, short = learn(swarm[0].store(), ours), learn(swarm[0].store(), ours, task=2, rounds=0)
    assert long.rounds[0].weights == short.rounds[0].weights
    Retention(ours, keep_models=1).apply([long.lineage(), short.lineage()], SECONDS)
    assert short.rounds[0].weights in here(swarm[1], short.everything)


@needs_kubo
def test_retention_does_not_let_go_of_what_somebody_named_as_an_update_that_is_none(swarm: Swarm) -> None:
    ours = swarm[1].store()
    play, other = learn(swarm[0].store(), ours), learn(ours, ours, task=2)
    named = [other.rounds[-1].weights, other.rounds[-1].updates[0], *play.ground]
    lineage = Lineage(play.head, {1: named})
    Retention(ours, keep_models=1).apply([lineage], SECONDS)
    assert here(swarm[1], set(named)) == set(named)


@needs_kubo
def test_retention_keeps_a_raw_block_that_another_root_shares(swarm: Swarm) -> None:
    ours = swarm[1].store()
    play = learn(ours, ours)
    old = play.rounds[1].updates[0]
    shared = links(ours, old)[-1]
    assert shared.codec is Codec.RAW
    vector = Update.fetch(ours, old).vector
    twin = Update(1, bytes(20), 7, 1, 0, 1, bytes(20), None, 9, vector).publish(ours)
    assert shared in links(ours, twin)
    Retention(ours, keep_models=1).apply([play.lineage()], SECONDS)
    assert here(swarm[1], {old, twin}) == {twin}


@needs_kubo
def test_retention_that_misses_an_accepted_update_lets_go_of_nothing_and_says_what(swarm: Swarm) -> None:
    trainers, ours = swarm[0].store(), swarm[1].store()
    play = learn(trainers, ours)
    before = here(swarm[1], play.everything)
    swarm[0].kill()
    policy = Retention(ours, keep_models=1)
    done = policy.apply([play.lineage()], 1)
    assert done.released == 0
    assert set(play.rounds[-1].updates) <= set(done.missing)
    assert here(swarm[1], play.everything) == before
    swarm[0].start()
    assert policy.apply([play.lineage()], SECONDS).released > 0


@needs_kubo
def test_retention_lets_go_although_an_update_was_withheld_for_ever(swarm: Swarm) -> None:
    ours = swarm[1].store()
    play = learn(ours, ours)
    withheld = digest_of(b"never published")
    done = Retention(ours, keep_models=1).apply([Lineage(play.head, {ROUNDS: [withheld]})], 1)
    assert list(done.missing) == [withheld]
    assert done.released > 0


@needs_kubo
def test_retention_with_the_daemon_gone_raises_and_goes_on_when_it_is_back(swarm: Swarm) -> None:
    ours = swarm[1].store()
    play = learn(ours, ours)
    policy = Retention(ours, keep_models=1)
    swarm[1].kill()
    with pytest.raises(StoreUnusable):
        policy.apply([play.lineage()], SECONDS)
    swarm[1].start()
    assert policy.apply([play.lineage()], SECONDS).released > 0


@needs_kubo
def test_retention_of_a_head_that_nobody_has_names_it(swarm: Swarm) -> None:
    with pytest.raises(ContentMissing):
        Retention(swarm[1].store(timeout=1)).apply([Lineage(digest_of(b"no model"), {})], 1)


def test_retention_of_fewer_than_no_models_is_refused() -> None:
    with pytest.raises(BadSetting, match="keep_models is -1"):
        Retention(KuboStore.__new__(KuboStore), keep_models=-1)


def test_retention_of_a_directory_keeps_all_and_nothing_less(tmp_path: Path) -> None:
    assert isinstance(KuboStore.__new__(KuboStore), Keeping)
    assert retention_of(DirectoryStore(tmp_path), 0) is None
    with pytest.raises(BadSetting, match="keep_models is 3, and a directory keeps all"):
        retention_of(DirectoryStore(tmp_path), 3)
