"""The audit of a run folder: what it reads, what it leaves alone, and what it says of a damaged one."""

from __future__ import annotations

import fcntl
import gzip
import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import federations
import pytest

from anomalyhive.audit import audit_run
from anomalyhive.errors import AnomalyHiveError, BadSetting, ChainFailure, StoreUnusable
from test_audit.lineages import few_columns


@pytest.fixture
def copy(run: Path, tmp_path: Path) -> Path:
    """A copy of the run folder, for a test to damage."""
    return Path(shutil.copytree(run, tmp_path / "run"))


def fingerprint(folder: Path) -> dict[str, str]:
    """Every file of a folder with the hash of its bytes."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_audit_run_holds_tells_its_progress_and_leaves_the_folder_as_it_was(copy: Path) -> None:
    before = fingerprint(copy)
    told: list[tuple[str, int, int]] = []
    report = audit_run(copy, lambda *what: told.append(what))
    assert [str(one) for _, one in report.failures] == []
    assert fingerprint(copy) == before
    assert list(dict.fromkeys(stage for stage, _, _ in told)) == ["chain", "blocks", "events", "rounds"]
    assert all(done <= total for _, done, total in told)


def test_audit_run_does_not_look_at_what_the_run_says_of_itself(copy: Path) -> None:
    (copy / "progress.json").write_text('{"task": 7, "rounds": [{"model": "invented"}]}')
    (copy / "report.json").write_text("no report at all")
    shutil.rmtree(copy / "nodes")
    assert audit_run(copy).holds


def test_audit_run_names_what_lies_in_the_store_and_is_no_block(copy: Path) -> None:
    (copy / "store" / "note.txt").write_text("hello")
    (copy / "store" / "zz").mkdir(exist_ok=True)
    (copy / "store" / "zz" / "bafkreinotacid").write_text("hello")
    (copy / "store" / "zz" / ".abc.part").write_text("what a killed writer left")
    failures = [str(one) for one in audit_run(copy).check("blocks").failures]
    assert failures == [
        "note.txt lies in the store and is no block",
        "zz/bafkreinotacid lies in the store and is no block",
    ]


def test_audit_run_of_a_block_in_the_wrong_place_names_it_and_misses_it(copy: Path) -> None:
    file = next((copy / "store").glob("??/*"))
    file.rename(copy / "store" / file.name)
    failures = [str(one) for one in audit_run(copy).check("blocks").failures]
    assert f"{file.name} lies in the store and is no block" in failures
    assert any("is missing" in one and file.name in one for one in failures)


def test_audit_run_of_a_folder_in_use_is_refused(copy: Path) -> None:
    with (copy / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(BadSetting, match="in use by another process"):
            audit_run(copy)


def with_json(path: str, change: Callable[[dict], object]) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        content = json.loads((folder / path).read_text())
        change(content)
        (folder / path).write_text(json.dumps(content))

    return damage


def with_state(change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        file = folder / "chain" / "state.json.gz"
        file.write_bytes(change(file.read_bytes()))

    return damage


DEPLOYMENT = "chain/deployment.json"

DAMAGES: dict[str, tuple[Callable[[Path], object], type[AnomalyHiveError], str]] = {
    "no folder": (shutil.rmtree, BadSetting, "there is no folder of a run and no export"),
    "no run.json": (lambda folder: (folder / "run.json").unlink(), BadSetting, "run.json is missing"),
    "run.json cut": (lambda folder: (folder / "run.json").write_text('{"chain": "an'), BadSetting, "cannot be read"),
    "run.json no text": (lambda folder: (folder / "run.json").write_bytes(b"\xff\xfe"), BadSetting, "cannot be read"),
    "run.json a list": (lambda folder: (folder / "run.json").write_text("[]"), BadSetting, "names no chain"),
    "no such chain": (with_json("run.json", lambda one: one.update(chain="devnet")), BadSetting, "'devnet'"),
    "chain away": (
        with_json("run.json", lambda one: one.update(chain="http://127.0.0.1:9")),
        ChainFailure,
        "no chain answers",
    ),
    "no deployment": (lambda folder: (folder / DEPLOYMENT).unlink(), ChainFailure, "deployment record"),
    "deployment cut": (
        lambda folder: (folder / DEPLOYMENT).write_text('{"chainId"'),
        ChainFailure,
        "deployment record",
    ),
    "other chain id": (with_json(DEPLOYMENT, lambda one: one.update(chainId=1)), ChainFailure, "on chain 1,"),
    "no state": (lambda folder: (folder / "chain" / "state.json.gz").unlink(), ChainFailure, "state of anvil"),
    "state cut": (with_state(lambda state: state[: len(state) // 2]), ChainFailure, "state"),
    "state no archive": (with_state(lambda _: b"nonsense"), ChainFailure, "state"),
    "state of nothing": (with_state(lambda _: gzip.compress(b"{}")), ChainFailure, "(?i)anvil"),
    "no store": (lambda folder: shutil.rmtree(folder / "store"), StoreUnusable, "no store of blocks"),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_audit_run_of_a_damaged_folder_says_what_is_damaged(copy: Path, name: str) -> None:
    damage, error, words = DAMAGES[name]
    damage(copy)
    with pytest.raises(error, match=words):
        audit_run(copy)


def test_audit_run_with_a_record_of_other_contracts_does_not_hold(copy: Path) -> None:
    def exchange(record: dict) -> None:
        contracts = record["contracts"]
        contracts["HiveToken"]["address"] = contracts["NodeRegistry"]["address"]

    with_json(DEPLOYMENT, exchange)(copy)
    report = audit_run(copy)
    assert not report.check("contracts").holds
    assert not report.check("state").holds


def test_audit_run_with_a_record_that_begins_too_late_does_not_hold(copy: Path) -> None:
    def later(record: dict) -> None:
        for contract in record["contracts"].values():
            contract["block"] += 10

    with_json(DEPLOYMENT, later)(copy)
    assert not audit_run(copy).check("events").holds


def test_audit_run_with_a_record_that_denies_the_sums_does_not_hold(copy: Path) -> None:
    with_json(DEPLOYMENT, lambda record: record.update(verifySums=False))(copy)
    report = audit_run(copy)
    assert not report.check("sums").holds
    assert any("verifySums" in str(one) for one in report.check("state").failures)


def test_audit_run_on_a_chain_that_cannot_add_holds_and_adds_itself(tmp_path: Path) -> None:
    folder = federations.run(few_columns(nodes=2, validators=1, rounds=1, chain="ganache"), tmp_path / "run").folder
    before = fingerprint(folder)
    report = audit_run(folder)
    assert [str(one) for _, one in report.failures] == []
    assert report.check("sums").count == 3
    assert fingerprint(folder) == before
    shutil.rmtree(folder / "chain" / "ganache")
    with pytest.raises(ChainFailure, match="the state of ganache"):
        audit_run(folder)


def test_audit_run_of_private_data_holds_and_recomputes_no_vector(tmp_path: Path) -> None:
    report = audit_run(federations.run(few_columns(nodes=2, validators=1, private=True), tmp_path / "run").folder)
    assert [str(one) for _, one in report.failures] == []
    assert (report.check("datasets").count, report.check("vectors").count, report.check("scores").count) == (0, 0, 0)
    assert report.check("openings").count == report.check("updates").count == 4
