"""claim: what is not the node's, not final, or not there reverts the whole call, and pays nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import brownie
import pytest
from dues import UPDATE, VERDICT, of_shard, owed, told
from logs import logged
from refusals import refused
from stages import one_in_each_phase, run_out, staffed

from anomalyhive.chain.views import Phase
from rehearsal import Node, Rehearsal, Round


@pytest.fixture(scope="module")
def first(deployed: Rehearsal, task: int) -> Round:
    """A final round, the only one of its task."""
    return deployed.reach(task, Phase.FINAL)


@pytest.fixture(scope="module")
def pair(deployed: Rehearsal, trainers: Sequence[Node], validators: Sequence[Node]) -> int:
    """A task whose rounds 1 and 3 are final; 2 was cancelled."""
    task = staffed(deployed, trainers, validators)
    deployed.reach(task, Phase.FINAL)
    run_out(deployed.hive, cancelled := deployed.open(task))
    deployed.hive.cancelRound(*cancelled.key, {"from": deployed.sponsor})
    deployed.reach(task, Phase.FINAL)
    return task


@pytest.fixture(scope="module")
def gallery(deployed: Rehearsal, trainers: Sequence[Node], validators: Sequence[Node]) -> Mapping[Phase, Round]:
    """A round in each phase."""
    return one_in_each_phase(deployed, trainers[0], validators[0])


# What is not the node's


CHANGES: Sequence[Mapping[str, int]] = [
    {"index": 1},
    {"index": 5},
    {"index": 65535},
    {"kind": VERDICT},
    {"kind": VERDICT, "index": 65535},
    {"task": 0},
    {"task": 999},
    {"term": 1},
    {"term": 3},
    {"through": 2},
    {"through": 4},
    {"through": 2**32 - 1},
]
"""Round 2 was cancelled, 4 is not there; nobody's term has ended."""


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_claim_with_one_thing_changed_reverts(
    hive: Any, pair: int, trainers: Sequence[Node], change: Mapping[str, int]
) -> None:
    names = ("task", "kind", "index", "term", "through")
    item = tuple(change.get(name, value) for name, value in zip(names, of_shard(pair, 0), strict=True))
    with refused("WrongClaim", *item):
        hive.claim(trainers[0].number, [item], {"from": trainers[0].owner})


@pytest.mark.parametrize("number", [0, 2, 999])
def test_claim_of_what_another_node_earned_reverts(
    hive: Any, first: Round, trainers: Sequence[Node], number: int
) -> None:
    item = of_shard(first.task, 0)
    with refused("WrongClaim", *item):
        hive.claim(number, [item], {"from": trainers[1].owner})


@pytest.mark.parametrize("term", [0, 1])
@pytest.mark.parametrize("kind", [UPDATE, VERDICT])
def test_claim_for_the_node_0_that_holds_what_never_was_reverts(
    hive: Any, first: Round, sponsor: Any, kind: int, term: int
) -> None:
    for index in (5, 65535):
        with refused("NothingToClaim", 0):
            hive.claim(0, [(first.task, kind, index, term, 0)], {"from": sponsor})


@pytest.mark.parametrize("kind", [UPDATE, VERDICT])
def test_claim_for_the_node_0_of_a_slot_given_up_pays_nobody(
    hive: Any, token: Any, first: Round, trainers: Sequence[Node], validators: Sequence[Node], kind: int
) -> None:
    if kind == UPDATE:
        hive.releaseShard(first.task, 0, {"from": trainers[0].owner})
    else:
        hive.releaseSeat(first.task, 0, {"from": validators[0].owner})
    held = token.balanceOf(hive)
    with refused("UnknownNode", 0):
        hive.claim(0, [(first.task, kind, 0, 0, 0)], {"from": trainers[0].owner})
    assert token.balanceOf(hive) == held


def test_claim_of_a_kind_that_does_not_exist_reverts(hive: Any, first: Round, trainers: Sequence[Node]) -> None:
    node, item = trainers[0], of_shard(first.task, 0)
    with brownie.reverts():
        hive.claim(node.number, [(item[0], 2, *item[2:])], {"from": node.owner})
    hive.claim(node.number, [item], {"from": node.owner})


@pytest.mark.parametrize("wrong", [{"index": 1}, {"through": 2}], ids=str)
def test_claim_with_one_wrong_item_pays_nothing(
    hive: Any, token: Any, pair: int, trainers: Sequence[Node], wrong: Mapping[str, int]
) -> None:
    node, right = trainers[0], of_shard(pair, 0, through=1)
    item = of_shard(pair, wrong.get("index", 0), through=wrong.get("through", 0))
    before = token.balanceOf(node.owner)
    with refused("WrongClaim", *item):
        hive.claim(node.number, [right, item], {"from": node.owner})
    assert token.balanceOf(node.owner) == before
    assert hive.shard(pair, 0)[3] == 0


# When


@pytest.mark.parametrize("phase", [one for one in Phase if one is not Phase.FINAL], ids=lambda phase: phase.name)
def test_claim_of_a_round_that_is_not_final_reverts(
    hive: Any, gallery: Mapping[Phase, Round], trainers: Sequence[Node], phase: Phase
) -> None:
    round_ = gallery[phase]
    item = of_shard(round_.task, 0, through=round_.number)
    with refused("WrongClaim", *item):
        hive.claim(trainers[0].number, [item], {"from": trainers[0].owner})
    assert hive.earned(*round_.key, UPDATE, 0) == hive.earned(*round_.key, VERDICT, 0) == 0


@pytest.mark.parametrize("kind", [UPDATE, VERDICT])
def test_claim_while_a_later_round_is_open_pays_the_final_ones(
    rehearsal: Rehearsal,
    hive: Any,
    first: Round,
    trainers: Sequence[Node],
    validators: Sequence[Node],
    kind: int,
) -> None:
    task, node = first.task, (trainers, validators)[kind][0]
    rehearsal.reach(task, Phase.ATTEST)
    item = (task, kind, 0, 0, 0)
    transaction = hive.claim(node.number, [item], {"from": node.owner})
    assert logged(transaction, "Claimed") == [told(node, item, 0, 1, owed(first, kind, 0))]
    with refused("WrongClaim", *item[:4], 2):
        hive.claim(node.number, [(*item[:4], 2)], {"from": node.owner})
