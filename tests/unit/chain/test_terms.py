"""Terms as the contracts end them, read from their events, and claims of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, replace
from typing import Any

import pytest

from anomalyhive.chain.events import Event, read_events
from anomalyhive.chain.hive import ClaimItem
from anomalyhive.chain.signer import Signer
from anomalyhive.chain.terms import Term, terms_of
from anomalyhive.chain.views import Kind, Phase, Role
from anomalyhive.commitments import INFINITY
from anomalyhive.errors import ChainFailure, Reverted
from anomalyhive.protocol.hashing import verdict_hash

from .conftest import TOKEN, Place

DIGEST, SALT = b"\x0d" * 32, b"\x05" * 32


def settled(place: Place) -> tuple[int, list[Signer]]:
    """A task, its two trainers and its validator."""
    hive, task = place.contracts.hive, place.task()
    operators = [place.node(Role.TRAIN), place.node(Role.TRAIN), place.node(Role.VALIDATE)]
    for shard in (0, 1):
        hive.take_shard(operators[shard], task, shard)
    hive.take_seat(operators[2], task, 0)
    return task, operators


def final_round(place: Place, task: int, trainers: Sequence[Signer], judge: Signer) -> int:
    """A round in which each trainer's update is worth 100; its number."""
    hive = place.contracts.hive
    hive.open_round(place.sponsor, task)
    round_ = hive.task(task).latest_round
    for shard, trainer in enumerate(trainers):
        hive.submit_update(trainer, task, round_, shard, DIGEST, INFINITY)
    node = place.contracts.registry.node_of(judge.address)
    hive.commit_verdict(judge, task, round_, 0, verdict_hash(task, round_, node, bytes([100, 100]), DIGEST, SALT))
    hive.reveal_verdict(judge, task, round_, 0, bytes([100, 100]), DIGEST, SALT)
    view = hive.round(task, round_)
    hive.tally(place.sponsor, task, round_, [one for _, one in sorted(view.submissions.items())], [bytes([100, 100])])
    hive.attest_model(judge, task, round_, 0, DIGEST)
    assert hive.phase(task, round_)[0] is Phase.FINAL
    return round_


def terms(place: Place, task: int) -> list[Term]:
    hive = place.contracts.hive
    return terms_of(read_events(place.web3, [hive.address], 0), task)


def test_terms_of_a_shard_that_changes_hands_are_those_of_the_contract_and_each_is_paid_its_own(anvil: Place) -> None:
    hive, registry, token = anvil.contracts.hive, anvil.contracts.registry, anvil.contracts.token
    task, (first, second, judge) = settled(anvil)
    one, other = registry.node_of(first.address), registry.node_of(second.address)
    assert terms(anvil, task) == []
    final_round(anvil, task, (first, second), judge)
    first.transact(hive.call("releaseShard", task, 0))
    # Taken and left before another round is final: a term without a round.
    hive.take_shard(second, task, 0)
    second.transact(hive.call("releaseShard", task, 0))
    hive.take_shard(second, task, 0)
    final_round(anvil, task, (second, second), judge)

    found = terms(anvil, task)
    assert [(astuple(term)[1:], term.number) for term in found if term.kind is Kind.UPDATE] == [
        ((0, one, 0, 1, 0, True), 1),
        ((1, other, 0, 2, 0, False), 0),
        ((0, other, 1, 2, 1, False), 0),
    ]
    assert hive.read("term", task, 0, 0, 1) == (one, 0, 1)
    for node, signer, earned in ((one, first, 40), (other, second, 120)):
        own = [term for term in found if term.node == node]
        hive.claim(signer, node, [ClaimItem(task, term.kind, term.index, term.number) for term in own])
        assert token.balance(signer.address) == earned * TOKEN
    updates = [term for term in terms(anvil, task) if term.kind is Kind.UPDATE]
    assert [(term.last, term.paid) for term in updates] == [(1, 1), (2, 2), (2, 2)]
    assert hive.read("term", task, 0, 0, 1) == (one, 1, 1)
    with pytest.raises(Reverted, match="NothingToClaim"):
        hive.claim(first, one, [ClaimItem(task, Kind.UPDATE, 0, 1)])


def test_terms_claimed_up_to_a_round_are_paid_up_to_it_and_claimed_on_from_there(anvil: Place) -> None:
    hive, token = anvil.contracts.hive, anvil.contracts.token
    task, (first, second, judge) = settled(anvil)
    final_round(anvil, task, (first, second), judge)
    last = final_round(anvil, task, (first, second), judge)
    node = anvil.contracts.registry.node_of(first.address)
    for through, paid in ((1, 1), (last, 2)):
        hive.claim(anvil.sponsor, node, [ClaimItem(task, Kind.UPDATE, 0, through=through)])
        assert next(term.paid for term in terms(anvil, task) if term.node == node) == paid
        assert token.balance(first.address) == 40 * TOKEN * paid


def event(name: str, **values: Any) -> Event:
    return Event(name, {"task": 1, **values}, 7, b"", b"", 0)


@pytest.mark.parametrize(
    "lost",
    [
        event("ShardReleased", shard=0, node=1),
        event("SeatFreed", seat=0, node=1),
        event("Claimed", kind=0, index=0, node=1, term=0, through=1),
        event("Claimed", kind=1, index=0, node=1, term=1, through=1),
    ],
    ids=lambda one: one.name,
)
def test_terms_of_logs_without_their_beginning_are_refused(lost: Event) -> None:
    with pytest.raises(ChainFailure, match=f"block 7 has {lost.name} of a term that never began"):
        terms_of([lost], 1)
    assert terms_of([replace(lost, values={**lost.values, "task": 2})], 1) == []
