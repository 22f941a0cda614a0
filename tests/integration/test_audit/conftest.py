"""The run that all of these tests look at, made once."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import federations
import pytest
from adversaries import Flipper, Withholding

from anomalyhive.audit import opened_chain, read_record
from anomalyhive.chain.deployment import Deployment
from anomalyhive.content.directory import DirectoryStore
from anomalyhive.federation.casting import Cast
from test_audit.lineages import NODES, REVEALED, ROUNDS, Forger, Lineage, Vanishing, few_columns, remembering


@pytest.fixture(scope="package")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the run."""
    settings = few_columns(nodes=NODES, validators=REVEALED + 1, rounds=ROUNDS)
    cast = Cast({"trainer-2": Flipper, "trainer-3": Vanishing}, {"validator-3": Withholding})
    return federations.run(settings, tmp_path_factory.mktemp("audited") / "run", cast).folder


@pytest.fixture(scope="package")
def lineage(run: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lineage]:
    copy = tmp_path_factory.mktemp("lineage") / "store"
    shutil.copytree(run / "store", copy)
    for file in copy.glob("??/*"):
        file.chmod(0o644)
    with opened_chain(run) as web3:
        record = read_record(web3, Deployment.read(run / "chain" / "deployment.json"))
        yield Lineage(replace(record, answers=remembering(record)), DirectoryStore(copy, read_only=True))


@pytest.fixture
def forger(lineage: Lineage, tmp_path: Path) -> Forger:
    copy = shutil.copytree(lineage.store.path, tmp_path / "store")
    return Forger(lineage.record, DirectoryStore(copy))
