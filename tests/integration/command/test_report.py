"""report.json: all that was promised, and nothing that the chain and the store do not say too."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median_low
from typing import Any

import pytest

from anomalyhive.audit import CHECKS, opened_chain
from anomalyhive.chain.deployment import Contracts, Deployment
from anomalyhive.chain.events import Event, read_events
from anomalyhive.chain.gas import spent_on
from anomalyhive.content.directory import DirectoryStore
from anomalyhive.content.kinds import Model

from .command import Warm, federate, report_of
from .conftest import ROUNDS

ROUND = {"round", "weights", "model", "updates", "accepted", "average_precision", "roc_auc", "gas", "seconds"}


@dataclass(frozen=True)
class Lineage:
    """The chain of the finished run, asked once."""

    contracts: Contracts
    events: list[Event]
    gas: dict[str, list[int]]

    def of(self, name: str) -> list[Event]:
        return [event for event in self.events if event.name == name]


@pytest.fixture(scope="module")
def report(finished: Path) -> dict[str, Any]:
    return report_of(finished)


@pytest.fixture(scope="module")
def lineage(finished: Path) -> Iterator[Lineage]:
    deployment = Deployment.read(finished / "chain" / "deployment.json")
    with opened_chain(finished) as web3:
        events = read_events(web3, [deployment.token, deployment.registry, deployment.hive], deployment.block)
        gas: dict[str, list[int]] = {}
        for transaction in {event.transaction for event in events}:
            spent = spent_on(web3, transaction)
            gas.setdefault(spent.function, []).append(spent.gas)
        yield Lineage(Contracts.at(web3, deployment), events, gas)


def test_report_beside_the_run_is_the_one_in_it(finished: Path, report: dict[str, Any]) -> None:
    assert json.loads((finished.parent / "copy.json").read_text()) == report


def test_report_has_the_promised_fields(report: dict[str, Any]) -> None:
    assert {"rounds", "gas", "claims", "audit", "pooled", "seconds"} <= report.keys()
    assert set(report["pooled"]) == {"average_precision", "roc_auc"}
    assert all(0 < value <= 1 for value in report["pooled"].values())
    # All are rounded to thousandths.
    assert report["seconds"] > sum(one["seconds"] for one in report["rounds"]) - 0.001 * ROUNDS > 0
    assert report["cancelled"] == []


def test_report_rounds_say_what_chain_and_store_say(finished: Path, report: dict[str, Any], lineage: Lineage) -> None:
    store = DirectoryStore(finished / "store", read_only=True)
    assert [one["round"] for one in report["rounds"]] == list(range(1, ROUNDS + 1))
    for one, final in zip(report["rounds"], lineage.of("RoundFinalized"), strict=True):
        assert one.keys() >= ROUND
        assert one["model"] == bytes(final.values["model"]).hex()
        assert one["weights"] == Model.fetch(store, bytes(final.values["model"])).weights.hex()
        assert (one["updates"], one["accepted"], one["rejected"], one["unpaid"]) == (3, 3, [], [])
        assert 0 < one["average_precision"] <= 1
        assert 0 < one["roc_auc"] <= 1
    assert len({one["weights"] for one in report["rounds"]}) == ROUNDS


def test_report_gas_of_all_rounds_is_that_of_the_functions_of_a_round(report: dict[str, Any]) -> None:
    functions = ("openRound", "submitUpdate", "commitVerdict", "revealVerdict", "tally", "attestModel")
    calls = {"openRound": 1, "tally": 1, "submitUpdate": 3, "commitVerdict": 2, "revealVerdict": 2, "attestModel": 2}
    assert {name: report["gas"][name]["calls"] for name in functions} == {n: ROUNDS * c for n, c in calls.items()}
    low, high = (sum(report["gas"][n][key] * ROUNDS * calls[n] for n in functions) for key in ("min", "max"))
    assert low <= sum(one["gas"] for one in report["rounds"]) <= high


def test_report_gas_by_function_is_that_of_the_receipts(report: dict[str, Any], lineage: Lineage) -> None:
    called = {name: one for name, one in report["gas"].items() if not name.startswith("deploy")}
    assert called == {
        name: {"min": min(gas), "median": median_low(gas), "max": max(gas), "calls": len(gas)}
        for name, gas in lineage.gas.items()
        if name != "deployment"
    }
    assert called["claim"]["calls"] == 5
    assert "other" not in called
    assert {name for name in report["gas"] if name not in called} == {
        "deploy HiveToken",
        "deploy Hive",
    }


def test_report_claims_are_what_the_owners_have_and_the_chain_paid(report: dict[str, Any], lineage: Lineage) -> None:
    owners = {event.values["node"]: event.values["owner"] for event in lineage.of("NodeRegistered")}
    paid: dict[int, int] = {}
    for event in lineage.of("Claimed"):
        paid[event.values["node"]] = paid.get(event.values["node"], 0) + event.values["amount"]
    # Nodes are registered in the order of their names: trainers first.
    names = ["trainer-0", "trainer-1", "trainer-2", "validator-0", "validator-1"]
    assert report["claims"] == {name: paid[node] for name, node in zip(names, sorted(owners), strict=True)}
    for node, owner in owners.items():
        assert lineage.contracts.token.balance(owner) == paid[node]


def test_report_claims_and_escrow_are_all_of_the_rewards(report: dict[str, Any], lineage: Lineage) -> None:
    (funded,) = lineage.of("TaskFunded")
    left = lineage.contracts.hive.task(funded.values["task"]).escrow
    assert sum(report["claims"].values()) + left == funded.values["amount"]
    # What is left is what divisions drop: less than a unit of pay for each score and each validator.
    assert left < ROUNDS * (3 * 255 + 2)


def test_report_audit_has_holds_and_a_count_for_every_check(
    finished: Path, report: dict[str, Any], warm: Warm, tmp_path: Path
) -> None:
    assert report["audit"]["holds"] is True
    assert all(type(report["audit"][name]) is int and report["audit"][name] > 0 for name in CHECKS)
    warm("audit", finished, "--json", tmp_path / "audit.json").succeeded()
    # The document of an audit says more: what it rests on, and where in the lineage each failure is.
    document = json.loads((tmp_path / "audit.json").read_text())
    checks = [{name: line[name] for name in line.keys() - {"places"}} for line in document["checks"]]
    assert {**{name: document[name] for name in report["audit"]}, "checks": checks} == report["audit"]


def test_federate_of_a_finished_run_changes_nothing(finished: Path, report: dict[str, Any], warm: Warm) -> None:
    warm(*federate(finished, nodes=3, rounds=ROUNDS)).succeeded()
    assert report_of(finished) == report
