"""Content that is withheld, in part or as a whole, or whose only holder vanishes: a chain, and a daemon a node."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from adversaries import Silent
from federations import Quiet, accounts, centralised
from tests.outside import ipfs_program, needs_kubo

from anomalyhive.chain.views import Phase, RoundView
from anomalyhive.content import Codec, DirectoryStore, Model, Update, Verdict, failures, links
from anomalyhive.content.retention import Lineage, Retention
from anomalyhive.federation import founding
from anomalyhive.federation.casting import Cast, Scene, cast_actors
from anomalyhive.federation.drive import LocalClock, drive_round
from anomalyhive.federation.session import Session, opened
from anomalyhive.roles import validator
from anomalyhive.roles.keeper import Keeper
from anomalyhive.roles.public_check import PublicCheck
from anomalyhive.roles.steps import Taken
from anomalyhive.roles.trainer import Trainer
from anomalyhive.roles.validator import Validator
from wild.daemon import Daemon
from wild.swarm import Swarm

pytestmark = needs_kubo

TRAINERS, VALIDATORS = 4, 3
SILENT, HALF = 1, 2
"""Shards of the trainer that publishes nothing, and of the one that publishes all but the vector."""

PHASE_SECONDS = 120
"""Of every phase: validators wait for content for most of one."""

FETCH_SECONDS = 3.0
"""For which each of them asks at a time: in this process one after the other does."""


class Half(Trainer):
    """Publishes the root of its update, and withholds the blocks of its vector."""

    give: Callable[[bytes], None]

    def publish(self, view: RoundView) -> bool:
        digest = view.submissions[self.shard].digest
        if not self.store.has(digest, Codec.DAG_CBOR):
            self.give(self.drafts.get(digest, Codec.DAG_CBOR))
        return False


@dataclass(frozen=True)
class Outcome:
    """A round as it ended, the daemons still running, and who is at which."""

    session: Session
    view: RoundView
    validators: list[Daemon]
    trainers: list[Daemon]


def put_block(daemon: Daemon, block: bytes) -> None:
    """Give a daemon the block of a root, and nothing that it links."""
    file = daemon.folder / "root"
    file.write_bytes(block)
    daemon.ipfs("block", "put", "--cid-codec=dag-cbor", "--pin=false", str(file))


def actor_at(daemon: Daemon, actor: Any) -> Any:
    """An actor that has no other store than its daemon."""
    store = daemon.store(timeout=1)
    if isinstance(actor, Validator):
        return replace(actor, store=store, data_check=PublicCheck(actor.task, store))
    moved = replace(actor, store=store)
    if isinstance(moved, Half):
        moved.give = lambda block: put_block(daemon, block)
    return moved


def copy(source: DirectoryStore, daemon: Daemon) -> None:
    """Put all content into a daemon: raw blocks before the roots that link them."""
    store = daemon.store()
    for link in sorted(source.digests(), key=lambda link: link.codec):
        block = source.get(*link)
        store.put_raw(block) if link.codec is Codec.RAW else store.put_root(block)


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outcome]:
    """One round with two withholders, in which an honest trainer dies, with its daemon, once its update is judged."""
    folder = tmp_path_factory.mktemp("withheld")
    settings = accounts(nodes=TRAINERS, validators=VALIDATORS, rounds=1)
    cast = Cast(trainers={f"trainer-{SILENT}": Silent, f"trainer-{HALF}": Half})
    with (
        pytest.MonkeyPatch.context() as patch,
        Swarm(folder / "swarm", 1 + TRAINERS + VALIDATORS, ipfs_program()) as swarm,
    ):
        patch.setattr(founding, "PHASE_SECONDS", PHASE_SECONDS)
        patch.setattr(validator, "LONGEST_FETCH", FETCH_SECONDS)
        with opened(settings, folder / "run", Quiet()) as session:
            assert isinstance(session.store, DirectoryStore)
            copy(session.store, swarm[0])
            trainers, validators = swarm.daemons[1 : 1 + TRAINERS], swarm.daemons[1 + TRAINERS :]
            scene = Scene(session.task, session.contracts, session.folder.store)
            cast_ = cast_actors(scene, session.members, cast)
            actors = [actor_at(daemon, one) for daemon, one in zip([*trainers, *validators], cast_, strict=True)]
            hive = session.contracts.hive
            actors.append(Keeper(session.sponsor, hive))
            actors[-1].open(session.task.number)

            def tell(taken: Taken) -> None:
                if taken.phase is Phase.REVEAL and trainers[0].alive():
                    trainers[0].kill()
                    del actors[0]  # the machine is gone, the node with it

            assert session.local is not None
            clock = LocalClock(session.local)
            view = drive_round(hive, session.task, 1, actors, clock, tell)
            yield Outcome(session, view, validators, trainers)


def test_round_ends_with_a_model_of_what_could_be_had(outcome: Outcome) -> None:
    assert outcome.view.phase is Phase.FINAL
    assert outcome.view.tallied is not None
    assert list(outcome.view.tallied.accepted) == [0, 3]
    model = Model.fetch(outcome.validators[0].store(), outcome.view.model)
    assert [model.weights.hex()] == centralised(outcome.session.settings, {SILENT, HALF})


@pytest.mark.parametrize("shard", [SILENT, HALF])
def test_update_that_is_withheld_scores_nothing_and_every_validator_says_why(outcome: Outcome, shard: int) -> None:
    digest = outcome.view.submissions[shard].digest
    drafts = outcome.session.members[shard].drafts
    withheld = {digest} if shard == SILENT else {one.digest for one in links(drafts, digest)}
    assert len(outcome.view.reveals) == VALIDATORS
    for reveal in outcome.view.reveals.values():
        verdict = Verdict.fetch(outcome.validators[reveal.seat].store(), reveal.digest)
        assert verdict.scores[shard] == 0
        assert verdict.reasons[shard] in {f"unavailable: nobody gives block {one.hex()}" for one in withheld}


def test_update_of_a_daemon_that_vanished_after_judging_is_with_the_validators(outcome: Outcome) -> None:
    assert not outcome.trainers[0].alive()
    digest = outcome.view.submissions[0].digest
    for one in outcome.validators:
        assert Update.fetch(one.store(timeout=2), digest).shard == 0


def test_node_that_came_late_keeps_what_there_is_of_the_round_when_all_others_are_gone(outcome: Outcome) -> None:
    late, view = outcome.trainers[3], outcome.view
    refused = [view.submissions[shard].digest for shard in (SILENT, HALF)]
    verdicts = [one.digest for one in view.reveals.values()]
    done = Retention(late.store(timeout=5)).apply([Lineage(view.model, {1: [*refused, *verdicts]})], 5)
    assert set(done.missing) == set(refused)
    late.cut_off()
    late.collect_garbage()
    assert failures(late.store(timeout=1), [view.model, *verdicts]) == []
    late.reunite()
