"""`anomalyhive audit verify-report`: exit codes and words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from anomalyhive import cli
from anomalyhive.audit.document import FORMAT
from anomalyhive.audit.signing import sign

KEY = b"\x11" * 32
ADDRESS = "0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A"
REPORT = {"format": FORMAT, "holds": True, "audited": {"hive": "0xA3"}, "made": {"at": "2026-01-01T00:00:00Z"}}


def verified(capsys: pytest.CaptureFixture[str], path: Path, *options: str) -> tuple[int, str, str]:
    code = cli.run(["audit", "verify-report", str(path), *options])
    return (code, *capsys.readouterr())


@pytest.fixture
def signed(tmp_path: Path) -> Path:
    path = tmp_path / "report.json"
    path.write_text(json.dumps(sign(REPORT, KEY), indent=2))
    return path


@pytest.mark.parametrize("by", [ADDRESS, ADDRESS.lower()])
def test_verify_report_of_an_intact_report_exits_with_0_and_names_the_signer(
    signed: Path, capsys: pytest.CaptureFixture[str], by: str
) -> None:
    for options in ([], ["--by", by]):
        code, out, err = verified(capsys, signed, *options)
        assert (code, err) == (0, "")
        assert ADDRESS in out
        assert "the lineage holds" in out


def test_verify_report_says_where_a_report_says_that_the_lineage_does_not_hold(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "report.json"
    path.write_text(json.dumps(sign({**REPORT, "holds": False}, KEY)))
    code, out, _ = verified(capsys, path)
    assert code == 0
    assert "does NOT hold" in out


def test_verify_report_by_another_exits_with_1(signed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = verified(capsys, signed, "--by", "0x" + "11" * 20)
    assert code == 1
    assert ADDRESS in err


def test_verify_report_of_a_changed_report_exits_with_1(signed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    signed.write_text(signed.read_text().replace('"holds": true', '"holds": false'))
    code, _, err = verified(capsys, signed)
    assert code == 1
    assert "changed" in err


def test_verify_report_of_an_unsigned_report_exits_with_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "report.json"
    path.write_text(json.dumps(REPORT))
    code, _, err = verified(capsys, path)
    assert code == 1
    assert "not signed" in err


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"a": 0.5}', '{"format": "another"}', json.dumps({**REPORT, "signature": 1})]
)
def test_verify_report_of_something_else_exits_with_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    path = tmp_path / "report.json"
    path.write_text(text)
    code, _, err = verified(capsys, path)
    assert code == 2
    assert "report.json" in err


@pytest.mark.parametrize("by", ["", "0x12", "alice", ADDRESS[:-1] + "B"])
def test_verify_report_by_no_address_exits_with_2(signed: Path, capsys: pytest.CaptureFixture[str], by: str) -> None:
    code, _, err = verified(capsys, signed, "--by", by)
    assert code == 2
    assert "--by" in err


def test_verify_report_of_no_file_exits_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = verified(capsys, tmp_path / "none.json")
    assert code == 2
    assert "cannot be read" in err
