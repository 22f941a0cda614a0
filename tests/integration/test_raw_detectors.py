"""Federations on raw transactions whose rows have a detector's column: audited, cut otherwise, tampered with, used."""

from __future__ import annotations

import csv
import shutil
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from federations import Outcome, Quiet, run
from rawruns import KEPT, SAMPLE, cut_again, forge, raw, spec_of
from test_audit.lineages import Forger

from anomalyhive.audit import audit_run, opened_chain, read_record
from anomalyhive.chain.deployment import Deployment
from anomalyhive.cli.score_table import score_rows
from anomalyhive.content.directory import DirectoryStore
from anomalyhive.content.kinds import Dataset, Fitting, Spec, Weights
from anomalyhive.errors import BadSetting
from anomalyhive.evaluation.scoring import decimal_text
from anomalyhive.federation.run_model import RunModel, Wishes
from anomalyhive.federation.session import opened
from anomalyhive.metrics.chunks import find_chunks
from anomalyhive.metrics.features import NAMES
from anomalyhive.monitor.models import HiveModels, RunModels
from anomalyhive.monitor.threshold import Wish, basis_points
from anomalyhive.raw.history import account_in

DETECTOR = "half_space_trees"


@pytest.fixture(scope="module")
def detected(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    return run(raw(detectors=(DETECTOR,)), tmp_path_factory.mktemp("detected") / "run")


def fitting_of(spec: Spec) -> Fitting:
    assert spec.origin is not None
    (found,) = spec.origin.detectors
    return found


def test_run_with_a_detector_has_its_column_last_and_holds_down_to_the_chunks(detected: Outcome) -> None:
    spec = spec_of(detected)
    assert spec.columns == (*(name for name in NAMES if name in KEPT), DETECTOR)
    assert fitting_of(spec).name == DETECTOR
    report = audit_run(detected.folder, chunks=find_chunks(SAMPLE))
    assert [str(one) for _, one in report.failures] == []
    store = DirectoryStore(detected.folder / "store", read_only=True)
    shard = spec.shards[0].dataset
    assert shard is not None
    assert len(set(Dataset.fetch(store, shard).features[:, -1].tolist())) > 20


def test_detector_and_weights_of_another_cut_of_the_same_blocks_are_the_same(detected: Outcome, tmp_path: Path) -> None:
    other = run(raw(detectors=(DETECTOR,), shards=str(cut_again(tmp_path / "cut", 4))), tmp_path / "run")
    assert fitting_of(spec_of(other)) == fitting_of(spec_of(detected))
    assert spec_of(other).shards == spec_of(detected).shards
    assert other.weights == detected.weights


def test_audit_of_a_detector_that_learned_something_else_names_it(detected: Outcome, tmp_path: Path) -> None:
    copy = DirectoryStore(shutil.copytree(detected.folder / "store", tmp_path / "store"))
    with opened_chain(detected.folder) as web3:
        record = read_record(web3, Deployment.read(detected.folder / "chain" / "deployment.json"))
    forger = Forger(record, copy)

    def change(spec: Spec) -> Spec:
        assert spec.origin is not None
        weights = Weights.fetch(copy, fitting_of(spec).weights)
        mass = np.array(weights.state["mass"])
        mass[0, 0] += 1
        other = replace(weights, state={**weights.state, "mass": mass}).publish(copy)
        return replace(spec, origin=replace(spec.origin, detectors=(Fitting(DETECTOR, other),)))

    said = forge(forger, change)["rows"]
    assert any(f"are not what the detector {DETECTOR} learns" in what for what in said), said


def test_address_table_and_watch_score_as_the_federation_does(detected: Outcome, tmp_path: Path) -> None:
    chosen = RunModel.open(detected.folder, None)
    shard = chosen.spec.shards[1].dataset
    assert shard is not None
    dataset = Dataset.fetch(DirectoryStore(detected.folder / "store", read_only=True), shard)
    address = (dataset.ids or ())[3]
    account = account_in(SAMPLE, address)
    row = np.asarray(dataset.features)[[3]]
    assert np.array_equal(account.row(chosen.spec.columns, chosen.detectors), row)
    due = chosen.judge.learner.probabilities(chosen.judge.state, row)
    statistics, out = tmp_path / "statistics.csv", tmp_path / "scores.csv"
    with statistics.open("w", newline="") as file:
        csv.writer(file).writerows([("address", *NAMES), (address, *account.statistics()[0].tolist())])
    score_rows(detected.folder, None, statistics, out, None, None, Wishes(None, None), 0)
    assert out.read_text().split() == ["id,probability", f"{address},{decimal_text(int(due[0]))}"]
    with opened(detected.settings, detected.folder, Quiet()) as session:
        hive = HiveModels(session.contracts.hive, session.task, session.store, Wish(5000), time.monotonic)
        for models in (RunModels(detected.folder, Wish(5000)), hive):
            opinion = models.latest().opinion(account.statistics())
            assert opinion.points == basis_points(due).tolist()
            assert np.array_equal(opinion.images, row)


def test_detectors_that_do_not_fit_the_run_are_refused() -> None:
    for chosen, words in (
        ({"detectors": ("isolation_forest",)}, "cannot be fitted by sums"),
        ({"detectors": (DETECTOR,), "private": True}, "does not go with --private"),
        ({"detectors": (DETECTOR,), "shards": None, "labels": None, "data": "x.csv"}, "--detectors goes with --shards"),
    ):
        with pytest.raises(BadSetting, match=words):
            raw(**chosen)
