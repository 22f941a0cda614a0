"""Solidity = Python = committed vector: hashes, medians, deviations, reward shares and phases."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest
from cases import VECTORS, as_text, clock, drawn, judged, jury, reward, split, ticked
from harness import Harness

from rehearsal import BASE, Update, as_row


def solidity_judged(harness: Harness, case: dict[str, Any]) -> dict[str, Any]:
    medians, strayed, paid = harness.judge(case["owners"], case["nodes"], case["scores"], case["tolerance"])
    # The contract adds `tolerance` for an own update where Python counts one judged update less.
    counts = [sum(1 for owner in case["owners"] if owner and owner != node) for node in case["nodes"]]
    own = [case["owners"].count(node) for node in case["nodes"]]
    return {
        "medians": medians,
        "deviations": [[strayed[i] - own[i] * case["tolerance"], counts[i]] for i in range(len(case["nodes"]))],
        "paid": [seat for seat in range(len(case["nodes"])) if paid >> seat & 1],
    }


def solidity_ticked(harness: Harness, case: dict[str, Any]) -> list[int]:
    names = ("phase", "deadline", "submitted", "committed", "revealed", "time")
    return list(harness.progressAt(as_row(BASE), *(case[name] for name in names)))


def solidity_split(harness: Harness, case: dict[str, Any]) -> list[int]:
    return list(harness.split(case["reward"], case["trainer_bps"], case["worth"], case["paid"]))


def test_python_makes_the_committed_vectors() -> None:
    assert json.loads(json.dumps(drawn(), default=as_text)) == json.loads(VECTORS.read_text())


def test_solidity_agrees_with_the_vectors_of_hashes(harness: Harness) -> None:
    for case in drawn()["hashes"]:
        update = Update(case["shard"], case["node"], case["digest"], case["commitment"])
        place = case["task"], case["round"], case["node"]
        assert harness.updateHash(case["round"], *update.row) == case["update_hash"]
        assert harness.hashesInSlice(case["round"], [update.row] * 2) == [case["update_hash"]] * 2
        assert harness.verdictHash(*place, case["scores"], case["verdict"], case["salt"]) == case["verdict_hash"]
        assert harness.revealedHash(case["node"], case["scores"]) == case["revealed_hash"]
        assert harness.roundSeed(case["seed"], case["round"]) == case["round_seed"]


def test_solidity_agrees_with_the_vectors_of_juries_rewards_and_clocks(harness: Harness) -> None:
    vectors = drawn()
    for case in vectors["juries"]:
        assert solidity_judged(harness, case) == {name: case[name] for name in ("medians", "deviations", "paid")}
    for case in vectors["rewards"]:
        assert solidity_split(harness, case) == case["split"], case
    for case in vectors["clocks"]:
        assert solidity_ticked(harness, case) == case["now"], case


@pytest.mark.parametrize("judges", range(1, 21))
def test_solidity_agrees_with_python_on_random_juries(harness: Harness, judges: int) -> None:
    random = Random(judges)
    for shards in (1, 31, 32, 33, 100):
        case = jury(random, judges, shards)
        assert solidity_judged(harness, case) == judged(case), case


@pytest.mark.parametrize("judges", [1, 2, 3, 7, 20])
@pytest.mark.parametrize("own", [False, True])
def test_solidity_agrees_with_python_on_juries_that_agree(harness: Harness, judges: int, own: bool) -> None:
    case = jury(Random(judges), judges, 100)
    case["scores"] = case["scores"][:1] * judges
    if not own:
        # Nobody is kept from judging anything: where all agree, the contract counts nobody.
        case["owners"] = [0 if owner in case["nodes"] else owner for owner in case["owners"]]
    assert solidity_judged(harness, case) == judged(case), case


def test_solidity_agrees_with_python_on_the_largest_jury(harness: Harness) -> None:
    case = jury(Random(0), 20, 1024)
    # As far from the medians as can be, so that sums of deviations come to their largest.
    case["scores"] = [bytes([255 if seat < 11 else 0]) * 1024 for seat in range(20)]
    found = solidity_judged(harness, case)
    assert found == judged(case)
    assert max(deviation for deviation, _ in found["deviations"]) > 300_000


def test_solidity_agrees_with_python_on_random_rewards_and_clocks(harness: Harness) -> None:
    random = Random(1)
    for _ in range(100):
        case = reward(random)
        assert solidity_split(harness, case) == split(case), case
        case = clock(random)
        assert solidity_ticked(harness, case) == ticked(case), case
