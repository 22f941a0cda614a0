"""Events as the contracts emit them, and the view of a round made of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from web3 import Web3

from anomalyhive.chain.events import read_events, round_events
from anomalyhive.chain.folding import fold_round, seats_of
from anomalyhive.chain.hive import ClaimItem, earnings
from anomalyhive.chain.views import Kind, Phase, Role
from anomalyhive.commitments import INFINITY, add, commit
from anomalyhive.errors import ChainFailure
from anomalyhive.protocol.hashing import verdict_hash

from .conftest import TOKEN, Place

DIGEST, MODEL, VERDICT, SALT = b"\x0d" * 32, b"\x0e" * 32, b"\x0f" * 32, b"\x05" * 32


def seated(place: Place, **changes: Any) -> tuple[int, list[Any]]:
    """A task with an open round, its two trainers and its validator."""
    hive = place.contracts.hive
    number = place.task(**changes)
    operators = [place.node(Role.TRAIN), place.node(Role.TRAIN), place.node(Role.VALIDATE)]
    for shard in (0, 1):
        hive.take_shard(operators[shard], number, shard)
    hive.take_seat(operators[2], number, 0)
    hive.open_round(place.sponsor, number)
    return number, operators


def test_round_of_a_whole_round_has_everything_that_was_submitted(place: Place) -> None:
    hive, registry = place.contracts.hive, place.contracts.registry
    number, (first, second, judge) = seated(place)
    view = hive.round(number, 1)
    assert (view.phase, dict(view.submissions), view.base, view.tallied) == (Phase.TRAIN, {}, bytes(32), None)

    points = [commit(np.array([3, -4])), commit(np.array([5, 6]))]
    hive.submit_update(first, number, 1, 0, DIGEST, points[0])
    hive.submit_update(second, number, 1, 1, MODEL, points[1])
    view = hive.round(number, 1)
    assert view.phase is Phase.JUDGE
    assert [(s.node, s.digest, s.commitment) for s in view.submissions.values()] == [
        (registry.node_of(first.address), DIGEST, points[0]),
        (registry.node_of(second.address), MODEL, points[1]),
    ]

    node, scores = registry.node_of(judge.address), bytes([200, 0])
    hive.commit_verdict(judge, number, 1, 0, verdict_hash(number, 1, node, scores, VERDICT, SALT))
    assert dict(hive.round(number, 1).committed) == {0: node}
    hive.reveal_verdict(judge, number, 1, 0, scores, VERDICT, SALT)
    view = hive.round(number, 1)
    assert (view.phase, view.reveals[0].scores, view.reveals[0].digest) == (Phase.TALLY, scores, VERDICT)

    hive.tally(place.sponsor, number, 1, [view.submissions[0], view.submissions[1]], [scores])
    view = hive.round(number, 1)
    assert view.tallied is not None
    assert (dict(view.tallied.medians), view.tallied.accepted, view.tallied.paid) == ({0: 200, 1: 0}, (0,), {0})
    # Only the accepted update is in the contract's sum; a chain that cannot add says nothing.
    summed = add(points[0], INFINITY) if hive.verify_sums() else INFINITY
    assert view.tallied.total == summed

    hive.attest_model(judge, number, 1, 0, MODEL)
    view = hive.round(number, 1)
    assert (view.phase, view.model, dict(view.attested)) == (Phase.FINAL, MODEL, {0: MODEL})
    trainer, turned_away = registry.node_of(first.address), registry.node_of(second.address)
    assert dict(earnings(view)) == {trainer: 80 * TOKEN - 80 * TOKEN % 200, turned_away: 0, node: 20 * TOKEN}
    for owner, paid, kind in ((trainer, first, Kind.UPDATE), (node, judge, Kind.VERDICT)):
        assert hive.earned(number, 1, kind, 0) == earnings(view)[owner]
        hive.claim(place.sponsor, owner, [ClaimItem(number, kind, 0)])
        assert place.contracts.token.balance(paid.address) == earnings(view)[owner]
    names = [event.name for event in round_events(place.web3, [hive.address], 0, number, 1)]
    assert (names[0], names[-1]) == ("RoundOpened", "RoundFinalized")


def test_round_with_an_unrevealed_verdict_shows_the_slash_and_the_cancellation(anvil: Place) -> None:
    hive = anvil.contracts.hive
    number, (first, second, judge) = seated(anvil, quorum=1)
    hive.submit_update(first, number, 1, 0, DIGEST, INFINITY)
    hive.submit_update(second, number, 1, 1, DIGEST, INFINITY)
    hive.commit_verdict(judge, number, 1, 0, DIGEST)
    anvil.chain.fast_forward(hive.round(number, 1).ends_at)
    assert hive.round(number, 1).phase is Phase.STALLED
    hive.cancel_round(anvil.sponsor, number, 1)
    view = hive.round(number, 1)
    assert (view.phase, view.returned, view.tallied) == (Phase.CANCELLED, 100 * TOKEN, None)
    assert dict(earnings(view)) == {}
    hive.open_round(anvil.sponsor, number)
    assert hive.round(number, 2).phase is Phase.TRAIN


def test_round_events_are_in_the_order_of_the_chain(anvil: Place) -> None:
    number, (first, second, _) = seated(anvil)
    hive = anvil.contracts.hive
    hive.submit_update(second, number, 1, 1, DIGEST, INFINITY)
    hive.submit_update(first, number, 1, 0, DIGEST, INFINITY)
    # Shard 1 was taken in the same task, and its event has the same topics as those of round 1.
    events = round_events(anvil.web3, [hive.address], 0, number, 1)
    assert [event.name for event in events] == ["RoundOpened", "UpdateSubmitted", "UpdateSubmitted"]
    assert [event.values.get("shard") for event in events] == [None, 1, 0]
    assert events == sorted(events, key=lambda event: (event.block, event.index))


def test_read_events_of_another_contract_is_refused(anvil: Place) -> None:
    # PUSH0 PUSH0 LOG0: a contract whose making logs something that no contract of ours does.
    raw: Any = {"from": anvil.web3.eth.accounts[0], "data": "0x5f5fa0"}
    receipt = anvil.web3.eth.wait_for_transaction_receipt(anvil.web3.eth.send_transaction(raw))
    with pytest.raises(ChainFailure, match="not of these contracts"):
        read_events(anvil.web3, [str(receipt["contractAddress"])], 0)


def test_read_events_without_any_is_empty(anvil: Place) -> None:
    assert read_events(anvil.web3, [Web3.to_checksum_address("0x" + "77" * 20)], 0) == []


def test_fold_round_without_its_opening_is_refused() -> None:
    with pytest.raises(ChainFailure, match="round 3 of task 2"):
        fold_round(2, 3, [], Phase.TRAIN, 0, 0)


def test_seats_of_a_bitmap_are_its_bits() -> None:
    assert seats_of(0) == frozenset()
    assert seats_of(0b101001) == {0, 3, 5}
