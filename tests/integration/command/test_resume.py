"""A run that is killed, at any moment and with anything of it, goes on as if nothing had been."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import federations
import pytest

from anomalyhive.audit import opened_chain
from anomalyhive.chain.localchain import choose_port, stop_orphans
from anomalyhive.federation.progress import Progress

from .chains import blocks, events_of
from .command import Done, Warm, federate, left_running, report_of, weights_of
from .conftest import Founded

TRAINED, COMMITTED, REVEALED, TALLIED, FINAL = 3, 5, 7, 8, 10
"""Blocks of a round of two trainers and two validators: a transaction each."""


def run_until(warm: Warm, run: Path, block: int, number: int = signal.SIGKILL, of: str = "run") -> tuple[str, Done]:
    """Start a run, and end it or its chain with a signal once the chain has this block; its mark, and what it said."""
    port = choose_port(None)
    with warm.start(*federate(run, "--port", port)) as running:
        running.until(lambda: blocks(f"http://127.0.0.1:{port}") >= block)
        chain = int((run / "chain" / "anvil.pid").read_text().split()[0])
        os.kill(chain if of == "chain" else running.pid, number)
        return running.mark, running.done()


def assert_nothing_twice(run: Path) -> None:
    """Every submission, verdict, tally and claim of a finished run stands once on its chain."""
    with opened_chain(run) as web3:
        events = events_of(run, web3)
    for name, key in (
        ("UpdateSubmitted", ("round", "shard")),
        ("VerdictCommitted", ("round", "seat")),
        ("VerdictRevealed", ("round", "seat")),
        ("RoundTallied", ("round",)),
        ("RoundFinalized", ("round",)),
        ("Claimed", ("kind", "index")),
    ):
        found = Counter(tuple(event.values[part] for part in key) for event in events if event.name == name)
        assert found, name
        assert set(found.values()) == {1}, name
    assert not [event for event in events if event.name in ("RoundCancelled", "SeatSlashed")]


def finish(warm: Warm, run: Path, expected: Sequence[str]) -> None:
    """Run to the end; assert that everything is as if it had never been disturbed."""
    warm(*federate(run)).succeeded()
    report = report_of(run)
    assert weights_of(report) == expected
    assert report["audit"]["holds"] is True
    assert [(one["updates"], one["accepted"]) for one in report["rounds"]] == [(2, 2)] * len(expected)
    # 1,000 tokens a round, but for what divisions drop.
    assert 0 <= len(expected) * 1000 * 10**18 - sum(report["claims"].values()) < 10_000
    assert_nothing_twice(run)


@pytest.fixture(scope="module")
def expected(finished: Path) -> list[str]:
    """The weights of the undisturbed run. It had another number of nodes, which makes no difference."""
    return weights_of(report_of(finished))


def test_federation_killed_in_every_phase_and_while_claiming_ends_as_if_undisturbed(
    warm: Warm, founded: Founded, expected: list[str], tmp_path: Path
) -> None:
    run = founded.copy(tmp_path / "run")
    second = FINAL
    for block in (TRAINED, COMMITTED - 1, TALLIED, second + REVEALED - 1, 2 * FINAL + 2):
        run_until(warm, run, founded.block + block)
    assert [one["round"] for one in Progress.read(run / "progress.json").rounds] == [1, 2]
    assert not (run / "report.json").exists()
    finish(warm, run, expected)


def test_federation_whose_chain_is_killed_fails_in_words_and_goes_on(
    warm: Warm, founded: Founded, expected: list[str], tmp_path: Path
) -> None:
    run = founded.copy(tmp_path / "run")
    mark, done = run_until(warm, run, founded.block + COMMITTED, of="chain")
    done.refused(1, "stopped answering", "repeat the command")
    assert left_running(mark) == []
    finish(warm, run, expected)


def test_federation_interrupted_or_terminated_says_so_and_leaves_no_process(
    founded: Founded, warm: Warm, tmp_path: Path
) -> None:
    run = founded.copy(tmp_path / "run")
    for number, code, words in ((signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "SIGTERM")):
        mark, done = run_until(warm, run, founded.block + TRAINED, number)
        done.refused(code, words, "the same command goes on")
        assert left_running(mark) == []
        assert not list((run / "chain").glob("*.pid"))
    with warm.start(*federate(run)) as first:
        first.until(lambda: "going on" in first.said())
        warm(*federate(run)).refused(2, "in use by another process")
        warm("audit", run).refused(2, "in use by another process")
        first.kill()
    stop_orphans(run / "chain")


def test_private_federation_killed_while_founded_and_while_judging_ends_as_if_undisturbed(
    warm: Warm, tmp_path: Path
) -> None:
    """Rows are in the nodes' own folders alone: they must be there, and be the same ones, after a kill."""
    run, port = tmp_path / "run", choose_port(None)
    url = f"http://127.0.0.1:{port}"
    arguments = federate(run, "--private", "--port", port, rounds=1)
    for happened in (
        lambda: (run / "nodes" / "validator-1" / "journal.sqlite").exists() and blocks(url) > 0,
        lambda: (run / "progress.json").exists() and blocks(url) >= 22 + COMMITTED - 1,
    ):
        with warm.start(*arguments) as running:
            running.until(happened)
            running.kill()
    warm(*arguments).succeeded()
    report = report_of(run)
    settings = federations.accounts(nodes=2, validators=2, rounds=1, private=True, test_fraction="0.2")
    assert weights_of(report) == federations.centralised(settings)
    assert report["audit"]["holds"] is True
    assert_nothing_twice(run)
