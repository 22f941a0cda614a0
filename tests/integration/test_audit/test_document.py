"""The document of a real run's audit: what it names is what the run is, and it can be signed and checked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import federations
import pytest
from eth_account import Account

from anomalyhive import cli
from anomalyhive.audit import CHECKS, document_of
from anomalyhive.audit.canonical import canonical
from anomalyhive.audit.export.auditing import audited_export
from anomalyhive.audit.export.writing import export_lineage
from anomalyhive.audit.live import audit_live
from anomalyhive.audit.page import render
from anomalyhive.audit.run import at_rest, audited_run, opened_chain
from anomalyhive.chain.deployment import Deployment
from anomalyhive.content.directory import DirectoryStore
from anomalyhive.federation.folder import read_json
from anomalyhive.node.passwords import PASSWORD
from test_audit.lineages import NODES, REVEALED, ROUNDS, few_columns

NOW = 1_790_000_000


def documented(folder: Path) -> dict[str, Any]:
    with audited_run(folder) as (audited, web3):
        return document_of(audited, NOW, web3, folder)


@pytest.fixture(scope="module")
def document(run: Path) -> dict[str, Any]:
    return documented(run)


def test_document_says_what_was_audited_and_how(document: dict[str, Any], run: Path) -> None:
    deployment = Deployment.read(run / "chain" / "deployment.json")
    audited = document["audited"]
    assert (audited["chain_id"], audited["hive"]) == (deployment.chain_id, deployment.hive)
    assert audited["tasks"] == [1]
    assert audited["head"]["block"] >= audited["last_event"]["block"] > 0
    assert len(audited["head"]["hash"]) == 64
    assert document["made"]["at"] == "2026-09-21T14:13:20Z"
    assert document["made"]["recomputed_basis_points"] == 10_000
    assert document["holds"] is True
    assert CHECKS.keys() <= document.keys()


def test_document_has_every_round_with_its_cheaters_and_their_reasons(document: dict[str, Any], run: Path) -> None:
    rounds = document["tasks"][0]["rounds"]
    progress = read_json(run / "progress.json")["rounds"]
    assert [one["model"]["digest"] for one in rounds] == [one["model"] for one in progress]
    assert [one["gas"] for one in rounds] == [one["gas"] for one in progress]
    assert len(rounds) == ROUNDS
    for one in rounds:
        assert one["participation"]["submitted"] == NODES
        assert one["participation"]["revealed"] == REVEALED
        rejected = [update for update in one["updates"] if not update["accepted"]]
        assert rejected
        assert all(update["reasons"] for update in rejected)
        assert int(one["verdicts"][-1]["burned"]) > 0
    assert all(one["claimed"] == one["earned"] for one in document["tasks"][0]["rewards"])


def test_document_of_an_export_needs_no_chain_and_says_the_same_of_the_rounds(
    document: dict[str, Any], run: Path, tmp_path: Path
) -> None:
    with at_rest(run), opened_chain(run) as web3:
        deployment = Deployment.read(run / "chain" / "deployment.json")
        file = tmp_path / "lineage.car"
        root = export_lineage(web3, deployment, DirectoryStore(run / "store", read_only=True), file).root
        live = audit_live(web3, deployment, DirectoryStore(run / "store", read_only=True))
        asked = document_of(live, NOW, web3)
    with audited_export(file, recompute=2_500) as audited:
        offline = document_of(audited, NOW)
    assert offline["holds"] is asked["holds"] is True
    assert offline["audited"]["export"]["digest"] == root.hex()
    assert (offline["audited"]["head"], asked["audited"]["head"]) == (None, document["audited"]["head"])
    assert (offline["made"]["chain_asked"], offline["made"]["recomputed_basis_points"]) == (False, 2_500)
    (anchor,) = offline["rests_on"]
    assert anchor["hash"].removeprefix("0x") == asked["audited"]["head"]["hash"]
    assert anchor["hash"] in render(offline)
    for name in ("tasks", "nodes", "gas"):
        assert offline[name] == asked[name] == document[name]


def test_document_has_one_encoding(document: dict[str, Any]) -> None:
    assert canonical(json.loads(json.dumps(document))) == canonical(document)


def test_document_of_a_run_with_test_rows_has_the_quality_that_the_run_saw(tmp_path: Path) -> None:
    outcome = federations.run(few_columns(nodes=2, validators=1, test_fraction="0.3"), tmp_path / "run")
    rounds = documented(outcome.folder)["tasks"][0]["rounds"]
    for one, seen in zip(rounds, outcome.rounds, strict=True):
        assert one["quality"] == {name: f"{seen[name]:.6f}" for name in ("average_precision", "roc_auc")}


def test_document_of_a_run_whose_test_rows_are_damaged_has_no_quality(tmp_path: Path) -> None:
    outcome = federations.run(few_columns(nodes=2, validators=1, rounds=1, test_fraction="0.3"), tmp_path / "run")
    (outcome.folder / "evaluation" / "test.json").write_text('{"dataset": "00"}')
    document = documented(outcome.folder)
    assert document["holds"] is True
    assert document["tasks"][0]["rounds"][0]["quality"] is None


def test_command_signs_and_verifies_a_report_and_a_changed_one_is_found(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    report, page, key = tmp_path / "report.json", tmp_path / "report.html", tmp_path / "key.json"
    key.write_text(json.dumps(Account.encrypt(b"\x11" * 32, "secret words", kdf="scrypt", iterations=1024)))
    monkeypatch.setenv(PASSWORD, "secret words")
    assert cli.run(["audit", str(run), "--json", str(report), "--html", str(page), "--key", str(key)]) == 0
    address = Account.from_key(b"\x11" * 32).address
    assert cli.run(["audit", "verify-report", str(report), "--by", address]) == 0
    assert address in page.read_text()
    report.write_text(report.read_text().replace('"median": 255', '"median": 254', 1))
    assert cli.run(["audit", "verify-report", str(report)]) == 1
    out, err = capsys.readouterr()
    assert "secret words" not in out + err
    assert "11" * 32 not in out + err


def test_command_with_a_wrong_password_is_refused_before_the_audit(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    key = tmp_path / "key.json"
    key.write_text(json.dumps(Account.encrypt(b"\x11" * 32, "secret words", kdf="scrypt", iterations=1024)))
    monkeypatch.setenv(PASSWORD, "other words")
    assert cli.run(["audit", str(run), "--json", str(tmp_path / "report.json"), "--key", str(key)]) == 2
    out, err = capsys.readouterr()
    assert "password" in err
    assert "other words" not in out + err
    assert not (tmp_path / "report.json").exists()


def test_command_with_a_key_and_nothing_to_sign_is_refused(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["audit", str(run), "--key", "key.json"]) == 2
    assert "--json" in capsys.readouterr().err


def test_command_never_writes_the_report_over_the_key(run: Path, tmp_path: Path) -> None:
    key = tmp_path / "key.json"
    key.write_text("{}")
    assert cli.run(["audit", str(run), "--json", str(key), "--key", str(key)]) == 2
    assert key.read_text() == "{}"
