"""A real export, changed at random in every way that one can think of: each change is found, or is none."""

from __future__ import annotations

import random
import zlib
from pathlib import Path

import federations
import pytest
from test_audit.lineages import few_columns

from anomalyhive.audit import opened_chain
from anomalyhive.audit.export.auditing import audit_export
from anomalyhive.audit.export.writing import export_lineage
from anomalyhive.chain.deployment import Deployment
from anomalyhive.content.directory import DirectoryStore
from anomalyhive.errors import AnomalyHiveError
from test_tampering.exports import Parts
from test_tampering.mutations import MUTATIONS
from test_tampering.original import Original


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The export of a run of three nodes, two validators and three rounds."""
    folder = tmp_path_factory.mktemp("tampered")
    run = federations.run(few_columns(nodes=3, validators=2, rounds=3), folder / "run").folder
    with opened_chain(run) as web3:
        deployment = Deployment.read(run / "chain" / "deployment.json")
        export_lineage(web3, deployment, DirectoryStore(run / "store", read_only=True), folder / "lineage.car")
    return folder / "lineage.car"


@pytest.fixture(scope="module")
def original(export: Path) -> Original:
    return Original(export.read_bytes(), Parts.of(export))


def verdict_on(path: Path) -> str:
    """What an audit says of a file: that it holds, that it does not, or that it cannot be audited; no other error."""
    try:
        return "holds" if audit_export(path).holds else "does not hold"
    except AnomalyHiveError:
        return "refused"


def test_export_that_nobody_touched_holds(export: Path, original: Original, tmp_path: Path) -> None:
    assert verdict_on(export) == "holds"
    # Taken apart and put together it is the same file: what the mutations do is all that is done.
    assert original.parts.write(tmp_path / "same.car").read_bytes() == original.raw
    assert original.parts.with_records(original.parts.records()).root == original.parts.root


@pytest.mark.parametrize("name", MUTATIONS)
def test_export_changed_at_random_is_found(original: Original, name: str, tmp_path: Path) -> None:
    mutate, times = MUTATIONS[name]
    changed = 0
    for seed in range(times):
        chance = random.Random(zlib.crc32(name.encode()) + seed)
        mutated = mutate(original, chance)
        path = tmp_path / f"{seed}.car"
        if isinstance(mutated, bytes):
            path.write_bytes(mutated)
        else:
            mutated.write(path)
        if path.read_bytes() == original.raw:
            continue
        changed += 1
        assert verdict_on(path) != "holds", f"{name} with the seed {seed}: {path}"
        path.unlink()
    assert changed > times // 2, f"{times - changed} of {times} changed nothing"
