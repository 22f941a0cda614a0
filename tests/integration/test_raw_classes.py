"""Federations that learn categories of addresses from raw transactions: real accounts by public name tags."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from federations import Outcome, Quiet, run
from rawruns import LABELS, SAMPLE, cut_again, forge, raw, spec_of
from test_audit.lineages import Forger

from anomalyhive.audit import audit_run, opened_chain, read_record
from anomalyhive.chain.deployment import Deployment
from anomalyhive.content.directory import DirectoryStore
from anomalyhive.content.kinds import Labels, Spec
from anomalyhive.errors import BadInput
from anomalyhive.federation.gathering import gather
from anomalyhive.federation.report import build_report
from anomalyhive.federation.session import opened
from anomalyhive.federation.settings import Settings
from anomalyhive.metrics.chunks import find_chunks
from anomalyhive.tables.classes import ALL

NAME_ACCOUNTS = Path(__file__).parents[2] / "scripts" / "name_accounts.py"
COMMON = frozenset({"dex", "exchange", "phishing", "token sale"})
"""Categories that enough addresses of the sample have."""


@pytest.fixture(scope="module")
def kinds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample's accounts and their counterparties by public name tags; an account without one has no name."""
    path = tmp_path_factory.mktemp("kinds") / "kinds.csv"
    command = [sys.executable, str(NAME_ACCOUNTS), str(SAMPLE), str(path), "--labels", str(LABELS), "--fewest", "15"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert {line.split(maxsplit=1)[1] for line in done.stdout.splitlines()} == {"unknown", *COMMON}
    return path


def classified(kinds: Path, **chosen: Any) -> Settings:
    """Settings on the sample's chunks with categories for labels."""
    defaults = {"label": "category", "labels": str(kinds), "classes": (ALL,), "learner": "classify", "rounds": 3}
    return raw(**{**defaults, "params": {"candidates": 48, "held": 4}, **chosen})


@pytest.fixture(scope="module")
def several(kinds: Path, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    return run(classified(kinds, era="2017-03-01:2018-03-31"), tmp_path_factory.mktemp("several") / "run")


def test_run_of_several_classes_on_chunks_holds_names_them_and_tells_them_apart(several: Outcome) -> None:
    report = audit_run(several.folder, chunks=find_chunks(SAMPLE))
    assert [str(one) for _, one in report.failures] == []
    assert report.check("chunks").count == len(find_chunks(SAMPLE))
    spec, store = spec_of(several), DirectoryStore(several.folder / "store", read_only=True)
    assert spec.origin is not None
    assert spec.classes == Labels.fetch(store, spec.origin.labels).classes == ("unknown", *sorted(COMMON))
    # Guessing gives the mean share of five classes, a fifth.
    assert several.rounds[-1]["average_precision"] > 0.4


def test_private_rows_of_two_named_classes_are_those_of_zero_and_one_and_keep_the_names() -> None:
    plain, named = (gather(raw(private=True, classes=classes), Quiet().stage) for classes in ((), ("0", "1")))
    for one, other in zip(
        [*plain.shards, *plain.own, plain.test], [*named.shards, *named.own, named.test], strict=True
    ):
        assert other.classes == ("0", "1")
        assert (one.ids, one.labels.tolist()) == (other.ids, other.labels.tolist())
    assert named.pooled.classes == ("0", "1")


def test_shards_of_several_classes_are_the_same_for_another_cut_of_the_blocks(
    several: Outcome, kinds: Path, tmp_path: Path
) -> None:
    here = gather(several.settings, Quiet().stage)
    there = gather(classified(kinds, shards=str(cut_again(tmp_path / "cut", 4))), Quiet().stage)
    for one, other in zip([*here.shards, here.test], [*there.shards, there.test], strict=True):
        assert (one.ids, one.classes) == (other.ids, other.classes)
        assert np.array_equal(one.features, other.features)
        assert np.array_equal(one.labels, other.labels)


def test_audit_of_labels_with_other_names_or_another_class_names_them(several: Outcome, tmp_path: Path) -> None:
    with opened_chain(several.folder) as web3:
        record = read_record(web3, Deployment.read(several.folder / "chain" / "deployment.json"))

    def changed(name: str, change: Callable[[Labels], Labels]) -> list[str]:
        forger = Forger(record, DirectoryStore(shutil.copytree(several.folder / "store", tmp_path / name)))

        def exchange(spec: Spec) -> Spec:
            assert spec.origin is not None
            labels = change(Labels.fetch(forger.store, spec.origin.labels)).publish(forger.store)
            return replace(spec, origin=replace(spec.origin, labels=labels))

        return forge(forger, exchange)["rows"]

    swapped = ("unknown", "exchange", "dex", *sorted(COMMON)[2:])
    assert any(
        "its labels are unknown, exchange, dex" in what
        for what in changed("names", lambda one: replace(one, classes=swapped))
    )
    assert any(
        "its labels are 0, 1" in what
        for what in changed("none", lambda one: replace(one, labels=one.labels % 2, classes=()))
    )

    def another(labels: Labels) -> Labels:
        numbers = np.array(labels.labels)
        numbers[np.flatnonzero(numbers == 1)[0]] = 2
        return replace(labels, labels=numbers)

    assert any("has the label dex and exchange is due" in what for what in changed("one", another))


def test_report_of_several_classes_on_chunks_measures_each_and_the_era(
    several: Outcome,
) -> None:
    with opened(several.settings, several.folder, Quiet()) as session:
        report = build_report(session, {})
    assert [one["name"] for one in report["classes"]["classes"]] == ["unknown", *sorted(COMMON)]
    assert sum(map(sum, report["classes"]["confusion"])) == report["rows"]["test"]
    assert 0 < report["era"]["rows"] < report["rows"]["test"]
    assert 0 < report["era"]["average_precision"] <= 1
    assert 0 < report["era"]["pooled"]["average_precision"] <= 1


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ({"learner": "boost", "params": {}}, ["5 classes (unknown, dex", "--learner classify"]),
        ({"private": True}, ["--private", "classify"]),
        ({"classes": ("dex", "exchange")}, ["none of dex, exchange"]),
        ({"classes": ()}, ["is no label", "--classes"]),
        ({"test_fraction": "0.01", "seed": 3}, ["no account with the label", "--test-fraction"]),
    ],
)
def test_classes_that_cannot_be_learned_from_chunks_are_refused_and_leave_nothing(
    kinds: Path, tmp_path: Path, chosen: dict[str, Any], words: Sequence[str]
) -> None:
    with pytest.raises(BadInput) as refused:
        run(classified(kinds, **chosen), tmp_path / "run")
    assert all(word in str(refused.value) for word in words), str(refused.value)
    assert not (tmp_path / "run").exists()
