"""Which model judges in a watch: a newer one, one that cannot be had, one with a threshold of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from ingestion.evm.conftest import ANVIL, LENGTH

from anomalyhive.errors import Failure
from anomalyhive.monitor.book import Book
from anomalyhive.monitor.models import Learned
from anomalyhive.monitor.packing import unpack
from anomalyhive.monitor.reading import WatchReader
from anomalyhive.monitor.statistics import Statistics
from monitor.learnt import Given, learnt
from monitor.recorded import Forks, Node, assert_exact, to_the_end, watching


def test_newer_model_judges_addresses_with_live_alerts_anew(
    forks: Forks, tmp_path: Path, model: Learned, newer: Learned
) -> None:
    models = Given(model)
    with watching(Node(forks[0]), tmp_path, models) as watch:
        to_the_end(watch)
        old = {one.address: one for one in watch.book.live()}
        assert old
        models.learned = newer
        happened = watch.step()
        now = {one.address: one for one in watch.book.live()}
        assert watch.step().alerts == []
    due = unpacked(tmp_path, sorted(old))
    opinion = newer.opinion(due.features())
    for address, points, called in zip(due.addresses, opinion.points, opinion.called.tolist(), strict=True):
        if called:
            assert (now[address].model, now[address].round) == (newer.digest, 2)
            assert now[address].probability_bp == points
            assert now[address].transactions == old[address].transactions
            assert now[address] in happened.alerts
        elif points < newer.threshold.cleared_bp:
            assert address not in now
            assert old[address].id in {one.alert_id for one in happened.withdrawals if one.why == "cleared"}
        else:
            assert now[address] == old[address]
    with WatchReader(tmp_path) as reader:
        assert reader.about().model == newer.digest


def unpacked(folder: Path, addresses: list[str]) -> Statistics:
    with Book.open(folder, ANVIL.chain_id or 0, ANVIL.finality) as book:
        return unpack(addresses, book.states(addresses))


def test_model_that_cannot_be_had_is_a_problem_and_the_one_before_judges(
    forks: Forks, tmp_path: Path, model: Learned
) -> None:
    models = Given(model)
    with watching(Node(forks[0]), tmp_path, models, most=30) as watch:
        watch.step()
        models.learned = Failure("the content is not there yet")
        happened = watch.step()
        assert "not there yet" in happened.problems[0]
        assert len(happened.blocks) == 30
    assert_exact(tmp_path, model, forks[0], LENGTH)


def test_model_that_cannot_be_had_at_first_is_a_failure(forks: Forks, tmp_path: Path, model: Learned) -> None:
    models = Given(model)
    models.learned = Failure("no final round yet")
    with watching(Node(forks[0]), tmp_path, models) as watch, pytest.raises(Failure, match="no final round"):
        watch.step()


def test_threshold_of_each_model_is_its_own(forks: Forks, tmp_path: Path) -> None:
    shy = learnt(1, threshold=10_000)
    with watching(Node(forks[0]), tmp_path, Given(shy)) as watch:
        assert [one for step in to_the_end(watch) for one in step.alerts] == []
