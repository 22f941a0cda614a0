"""submitUpdates: whose signature counts, for how long, where, and for nothing but what was signed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any

import brownie
import pytest
from clock import Clock
from eth_keys.constants import SECPK1_N as ORDER
from refusals import refused
from signing import Desk, Signed, assert_void, domain_of, message_of, shards_of, signed
from stages import staffed, view
from words import NOTHING, word_of

from rehearsal import Node, Rehearsal, Round


@pytest.fixture(scope="module")
def opened(deployed: Rehearsal, task: int) -> Round:
    """A round in TRAIN without updates."""
    return deployed.open(task)


@pytest.fixture
def round_(opened: Round) -> Round:
    """The test's own copy of the record."""
    return deepcopy(opened)


# One bad among good


def bad_one(kind: str, desk: Desk) -> Signed:
    """An item for shard 1, or one that is not there, that must not count."""
    good, (_, node, *_) = desk.sign(1), desk.trainers
    return {
        "no signature": good.but(r=0, vs=0),
        "another digest": good.but(digest=good.digest[::-1]),
        "no point, which was not signed": good.but(commitment=b"\xff" * 96),
        "expired": desk.sign(1, expiry=1),
        "signed by its owner": desk.sign(1, by=node.owner),
        "signed by another operator": desk.sign(1, by=desk.trainers[0].operator),
        "of a shard that does not exist": good.but(shard=5),
        "of a shard far beyond": good.but(shard=65535),
        "r beyond the order of the curve": good.but(r=2**256 - 1),
    }[kind]


BAD = (
    "no signature",
    "another digest",
    "no point, which was not signed",
    "expired",
    "signed by its owner",
    "signed by another operator",
    "of a shard that does not exist",
    "of a shard far beyond",
    "r beyond the order of the curve",
)


@pytest.mark.parametrize("place", [0, 1, 3])
@pytest.mark.parametrize("kind", BAD)
def test_bad_one_among_good_harms_none_of_them(hive: Any, round_: Round, desk: Desk, kind: str, place: int) -> None:
    good = [desk.sign(shard) for shard in (0, 2, 3)]
    transaction = desk.submit([*good[:place], bad_one(kind, desk), *good[place:]])
    assert shards_of(transaction) == [0, 2, 3]
    assert transaction.return_value == view(hive, round_)["submitted"] == 3
    assert bytes(hive.updateHash(*round_.key, 1)) == NOTHING
    # What was bad was the item: the shard is as it was.
    assert shards_of(desk.submit([desk.sign(1)])) == [1]


# Until when


@pytest.mark.parametrize("left", [1, 0, -1])
def test_signature_counts_until_the_second_before_its_expiry(
    hive: Any, round_: Round, desk: Desk, clock: Clock, left: int
) -> None:
    clock.next(at := clock.now + 5)
    item = desk.sign(0, expiry=at + left)
    if left > 0:
        assert desk.submit([item]).timestamp == at
        assert bytes(hive.updateHash(*round_.key, 0)) == word_of(round_, desk.update(0))
    else:
        with refused("NothingSubmitted", 1):
            desk.submit([item])


def test_signature_that_expires_at_zero_is_void(desk: Desk) -> None:
    assert_void(desk, desk.sign(0, expiry=0))


# Whose


def test_signature_of_anyone_but_the_operator_is_void(
    desk: Desk, trainers: Sequence[Node], validators: Sequence[Node], sponsor: Any, stranger: Any
) -> None:
    signers = (trainers[0].owner, trainers[1].operator, validators[0].operator, sponsor, stranger)
    assert_void(desk, *(desk.sign(0, by=signer) for signer in signers))


def test_signature_after_a_rotation_counts_by_the_key_that_the_shard_knows(
    hive: Any, registry: Any, round_: Round, desk: Desk, trainers: Sequence[Node], fresh: Any
) -> None:
    node = trainers[0]
    registry.rotateOperator(node.number, fresh, {"from": node.owner})
    old, new = desk.sign(0), desk.sign(0, by=fresh)
    row = [old.row]
    with refused("NothingSubmitted", 1):
        desk.submit([new])
    # That the old key would still be heard, as in a call of its own, leaves no trace here.
    assert hive.submitUpdates.call(*round_.key, row, {"from": desk.sender}) == 1
    hive.refreshShard(round_.task, 0, {"from": desk.sender})
    with refused("NothingSubmitted", 1):
        desk.submit([old])
    desk.submit([new])
    assert bytes(hive.updateHash(*round_.key, 0)) == word_of(round_, desk.update(0))


def test_signature_of_who_left_the_shard_is_void_and_counts_again_when_it_is_back(
    hive: Any, rehearsal: Rehearsal, round_: Round, desk: Desk, trainers: Sequence[Node]
) -> None:
    item, operator = desk.sign(0), trainers[0].operator
    hive.releaseShard(round_.task, 0, {"from": operator})
    with refused("NothingSubmitted", 1):
        desk.submit([item])
    heir = rehearsal.register()
    hive.takeShard(round_.task, 0, {"from": heir.operator})
    with refused("NothingSubmitted", 1):
        desk.submit([item])
    hive.releaseShard(round_.task, 0, {"from": heir.operator})
    hive.takeShard(round_.task, 0, {"from": operator})
    assert shards_of(desk.submit([item])) == [0]


def test_nobody_signs_for_a_free_shard(hive: Any, round_: Round, desk: Desk, trainers: Sequence[Node]) -> None:
    hive.releaseShard(round_.task, 0, {"from": trainers[0].operator})
    good = desk.sign(0)
    parity = 1 << 255
    garbage = [
        (0, 0),
        (0, parity),
        (good.r, 0),
        (good.r, parity),
        (0, good.vs),
        (ORDER, good.vs),
        (good.r + 1, good.vs),
    ]
    items = [good, *(good.but(r=r, vs=vs) for r, vs in garbage)]
    # Neither where it was given up nor where there is none can what recovers to no address count for the operator 0.
    items += [one.but(shard=shard) for one in items for shard in (5, 65535)]
    with refused("NothingSubmitted", len(items)):
        desk.submit(items)


def test_signature_of_a_holder_on_its_way_out_counts_as_its_call_would(
    registry: Any, desk: Desk, trainers: Sequence[Node]
) -> None:
    registry.requestExit(trainers[0].number, {"from": trainers[0].owner})
    assert shards_of(desk.submit([desk.sign(0)])) == [0]


# Where


@pytest.mark.parametrize(
    "change",
    [
        {"name": "anomalyhive"},
        {"name": ""},
        {"version": "2"},
        {"version": "1.0"},
        {"chainId": 1},
        {"chainId": 31338},
        {"verifyingContract": "0x" + "0" * 40},
        {"verifyingContract": "0x" + "77" * 20},
    ],
    ids=str,
)
def test_signature_under_another_domain_is_void(desk: Desk, change: Mapping[str, Any]) -> None:
    message = message_of(desk.round.key, desk.update(0))
    domain = {**domain_of(desk.hive), **change}
    assert domain != domain_of(desk.hive)
    assert_void(desk, signed(domain, message, desk.trainers[0].operator))


@pytest.mark.parametrize("left_out", ["name", "version", "chainId", "verifyingContract"])
def test_signature_under_a_domain_with_a_part_left_out_is_void(desk: Desk, left_out: str) -> None:
    message = message_of(desk.round.key, desk.update(0))
    domain = {name: value for name, value in domain_of(desk.hive).items() if name != left_out}
    assert_void(desk, signed(domain, message, desk.trainers[0].operator))


def test_signature_for_one_task_is_void_in_another_of_the_same_holders(
    rehearsal: Rehearsal, desk: Desk, trainers: Sequence[Node], validators: Sequence[Node]
) -> None:
    elsewhere = rehearsal.open(staffed(rehearsal, trainers, validators))
    assert elsewhere.number == desk.round.number
    item = desk.sign(0)
    with refused("NothingSubmitted", 1):
        desk.submit([item], elsewhere)
    assert shards_of(desk.submit([item])) == [0]


@pytest.fixture
def twin(HiveToken: Any, NodeRegistry: Any, Hive: Any, accounts: Any) -> Rehearsal:
    """Another hive on the same chain, with the same keys in the same places."""
    twin = Rehearsal((HiveToken, NodeRegistry, Hive), list(accounts))
    twin.settle_in(twin.create(), [twin.register()], [])
    return twin


def test_signature_for_one_hive_is_void_in_another_of_the_same_holders(desk: Desk, twin: Rehearsal) -> None:
    there = Desk(twin.hive, twin.open(1), twin.nodes, desk.sender)
    assert there.round.key == desk.round.key
    assert twin.nodes[0] == desk.trainers[0]
    for one, other in ((desk, there), (there, desk)):
        with refused("NothingSubmitted", 1):
            other.submit([one.sign(0)])
    for one in (desk, there):
        assert shards_of(one.submit([one.sign(0)])) == [0]


@pytest.fixture
def renumbered() -> Iterator[int]:
    """The chain under another number, as if it had split."""
    number = brownie.web3.eth.chain_id
    set_chain_id(number + 1)
    yield number
    set_chain_id(number)


def set_chain_id(number: int) -> None:
    """Of Anvil."""
    answer = brownie.web3.provider.make_request("anvil_setChainId", [number])
    assert "error" not in answer, answer


def test_signature_for_a_chain_is_void_on_what_splits_from_it(
    hive: Any, round_: Round, desk: Desk, renumbered: int
) -> None:
    message = message_of(round_.key, desk.update(0))
    here = domain_of(hive)
    before = {**here, "chainId": renumbered}
    assert here["chainId"] == renumbered + 1
    operator, sender = desk.trainers[0].operator, {"from": desk.sender}
    with refused("NothingSubmitted", 1):
        hive.submitUpdates.call(*round_.key, [signed(before, message, operator).row], sender)
    assert hive.submitUpdates.call(*round_.key, [signed(here, message, operator).row], sender) == 1
