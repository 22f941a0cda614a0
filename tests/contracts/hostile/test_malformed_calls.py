"""Calldata that no encoder makes, and values that no node would send, are refused or harm nobody (P1, P5, P8, P13)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

import brownie
import pytest
from books import surplus
from calldata import exchanged, send
from logs import logged
from refusals import refused
from stages import phase_of, view

from anomalyhive.chain.views import Phase
from anomalyhive.commitments import add_all
from rehearsal import Node, Rehearsal, Round, Update


@pytest.fixture(scope="module")
def final(deployed: Rehearsal, task: int) -> Round:
    """A final round of which nothing was claimed."""
    return deployed.reach(task, Phase.FINAL)


# Claims


def test_claim_of_the_same_five_hundred_times_pays_once(
    rehearsal: Rehearsal, hive: Any, token: Any, final: Round, trainers: Sequence[Node]
) -> None:
    node, before = trainers[0], token.balanceOf(trainers[0].owner)
    hive.claim(node.number, [(final.task, 0, 0, 0, 0)] * 500, {"from": rehearsal.sponsor})
    assert token.balanceOf(node.owner) - before == hive.earned(*final.key, 0, 0) > 0
    assert surplus(rehearsal) == (0, 0)


CLAIMS: Mapping[str, tuple[int, int]] = {
    "a node of 33 bits": (0, 2**32 + 1),
    "claims behind the end": (1, 2**20),
    "claims at the end of all": (1, 2**256 - 32),
    "two claims": (2, 2),
    "as many as fit 64 bits": (2, 2**64 - 1),
    "a task of 65 bits": (3, 2**64 + 1),
    "a kind that is none": (4, 2),
    "a kind of 9 bits": (4, 256),
    "an index of 17 bits": (5, 2**16),
    "a term of 33 bits": (6, 2**32),
    "a round of 33 bits": (7, 2**32 + 1),
}
"""Which word of a claim is exchanged, and for what."""


@pytest.mark.parametrize("name", CLAIMS)
def test_claim_that_is_malformed_is_refused(
    rehearsal: Rehearsal, hive: Any, final: Round, trainers: Sequence[Node], name: str
) -> None:
    data = hive.claim.encode_input(trainers[0].number, [(final.task, 0, 0, 0, 0)])
    with brownie.reverts():
        send(rehearsal.sponsor, hive, exchanged(data, *CLAIMS[name]))
    send(rehearsal.sponsor, hive, data)


@pytest.mark.parametrize(("kind", "index"), [(0, 1023), (0, 65535), (1, 24), (1, 256), (1, 65535)])
def test_claim_of_a_slot_that_does_not_exist_pays_nobody(
    rehearsal: Rehearsal, hive: Any, final: Round, trainers: Sequence[Node], kind: int, index: int
) -> None:
    for term in (0, 1):
        with refused("WrongClaim", final.task, kind, index, term, 0):
            hive.claim(trainers[0].number, [(final.task, kind, index, term, 0)], {"from": rehearsal.sponsor})
        # Of nobody's slot nobody is the holder, and node 0 has no owner to be paid.
        with brownie.reverts():
            hive.claim(0, [(final.task, kind, index, term, 0)], {"from": rehearsal.sponsor})


# Signed updates


def test_signed_updates_of_garbage_are_not_submitted(rehearsal: Rehearsal, hive: Any, task: int, stranger: Any) -> None:
    round_ = rehearsal.open(task)
    draw = Random(7)
    late, most = 2**40 - 1, 2**256 - 1
    items: list[tuple[Any, ...]] = []
    for shard in (0, 4, 5, 1023, 65535):
        point = tuple(draw.randbytes(32) for _ in range(3))
        for r, vs in ((0, 0), (most, most), (1, 2**255), (draw.getrandbits(256), draw.getrandbits(255))):
            items.append((shard, late, draw.randbytes(32), point, r.to_bytes(32, "big"), vs.to_bytes(32, "big")))
    with refused("NothingSubmitted", len(items)):
        hive.submitUpdates(*round_.key, items, {"from": stranger})
    assert view(hive, round_)["submitted"] == 0


SIGNED: Mapping[str, tuple[int, int]] = {
    "a shard of 17 bits": (4, 2**16),
    "an expiry of 41 bits": (5, 2**40),
    "a list behind the end": (2, 2**20),
    "two items": (3, 2),
    "as many as fit 64 bits": (3, 2**64 - 1),
}


@pytest.mark.parametrize("name", SIGNED)
def test_signed_updates_that_are_malformed_are_refused(
    rehearsal: Rehearsal, hive: Any, task: int, stranger: Any, name: str
) -> None:
    round_ = rehearsal.open(task)
    item = (0, 2**40 - 1, bytes(32), (bytes(32),) * 3, b"\x01" * 32, b"\x01" * 32)
    data = hive.submitUpdates.encode_input(*round_.key, [item])
    with brownie.reverts():
        send(stranger, hive, exchanged(data, *SIGNED[name]))
    # Each of them is a whole list of the one item but for that word.
    with refused("NothingSubmitted", 1):
        send(stranger, hive, data)


# Commitments


def test_garbage_for_commitments_is_rejected_at_a_bounded_price(
    rehearsal: Rehearsal, hive: Any, task: int, trainers: Sequence[Node]
) -> None:
    honest = rehearsal.reach(task, Phase.TALLY)
    price = rehearsal.tally(honest).gas_used
    for seat in (0, 1):
        rehearsal.attest(honest, seat, rehearsal.model_of(honest))
    draw, round_ = Random(11), rehearsal.open(task)
    for shard in (0, 4):
        rehearsal.submit(round_, shard)
    for shard in (1, 2, 3):
        update = Update(shard, trainers[shard].number, draw.randbytes(32), draw.randbytes(96))
        hive.submitUpdate(*round_.key, shard, update.digest, update.point, {"from": trainers[shard].operator})
        round_.updates[shard] = update
    for seat in range(3):
        rehearsal.commit(round_, seat, [100] * 5)
    for seat in range(3):
        rehearsal.reveal(round_, seat)
    transaction = rehearsal.tally(round_)
    [event] = logged(transaction, "RoundTallied")
    good = [round_.updates[shard].commitment for shard in (0, 4)]
    assert event["accepted"] == 2
    assert b"".join(event["sum"]) == add_all(good)
    assert phase_of(hive, round_) is Phase.ATTEST
    # Each burns the 2,000 that the precompile is given, and no more; to hold the seats that strayed costs some gas too.
    assert transaction.gas_used < price + 3 * 2000 + 3 * 1000


# Plain transfers


def test_ether_is_refused(hive: Any, registry: Any, stranger: Any) -> None:
    for contract in (hive, registry):
        with brownie.reverts():
            stranger.transfer(contract, 1)


def test_tokens_of_a_plain_transfer_stay_and_change_no_account(
    rehearsal: Rehearsal, hive: Any, registry: Any, token: Any, task: int
) -> None:
    token.transfer(hive, 5, {"from": rehearsal.sponsor})
    token.transfer(registry, 7, {"from": rehearsal.sponsor})
    assert surplus(rehearsal) == (5, 7)
    hive.fund(task, 1, {"from": rehearsal.sponsor})
    escrow = hive.task(task)[3]
    with refused("EscrowTooSmall", escrow, escrow + 1):
        hive.withdrawEscrow(task, escrow + 1, {"from": rehearsal.sponsor})
    assert surplus(rehearsal) == (5, 7)
