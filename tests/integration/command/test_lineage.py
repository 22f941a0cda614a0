"""`anomalyhive lineage export` and `anomalyhive audit`, as a user runs them on a run, a file and a hive that lives."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from web3 import HTTPProvider

from anomalyhive.audit import opened_chain
from anomalyhive.chain.deployment import Deployment

from .command import Warm


@pytest.fixture(scope="module")
def url(finished: Path) -> Iterator[str]:
    """The chain of the finished run, brought back up from a copy."""
    with opened_chain(finished) as web3:
        yield str(cast(HTTPProvider, web3.provider).endpoint_uri)


@pytest.fixture(scope="module")
def exported(warm: Warm, finished: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("exported") / "lineage.car"
    done = warm("lineage", "export", "--run", finished, "--out", path).succeeded()
    assert "blocks of content" in done.out
    return path


def hive_of(run: Path) -> str:
    return Deployment.read(run / "chain" / "deployment.json").hive


def test_export_of_a_run_and_of_its_chain_and_store_are_the_same_file(
    warm: Warm, finished: Path, exported: Path, url: str, tmp_path: Path
) -> None:
    store = f"directory:{finished / 'store'}"
    for name, which in (
        ("one.car", ["--hive", hive_of(finished)]),
        ("other.car", ["--deployment", finished / "chain" / "deployment.json"]),
    ):
        out = tmp_path / name
        warm("lineage", "export", "--rpc", url, *which, "--store", store, "--out", out).succeeded()
        assert out.read_bytes() == exported.read_bytes()


def test_audit_of_an_export_alone_holds_and_says_what_it_rests_on(warm: Warm, exported: Path, tmp_path: Path) -> None:
    alone = shutil.copyfile(exported, tmp_path / "alone.car")
    done = warm("audit", alone, "--json", tmp_path / "result.json").succeeded()
    assert "The lineage holds." in done.out
    result = json.loads((tmp_path / "result.json").read_text())
    (anchor,) = result["rests_on"]
    assert f"rests on the blocks {anchor['first']} to {anchor['last']}, with the hash {anchor['hash']}" in done.out
    assert result["holds"] is True
    assert result["vectors"] == result["updates"]
    assert json.loads((tmp_path / "result.json").read_text())["checks"][0]["name"] == "log"


def test_audit_of_an_export_against_its_chain_asks_for_the_state(
    warm: Warm, exported: Path, url: str, tmp_path: Path
) -> None:
    done = warm("audit", exported, "--rpc", url, "--json", tmp_path / "result.json").succeeded()
    assert "against the chain" in done.out
    assert json.loads((tmp_path / "result.json").read_text())["state"] > 0


def test_audit_of_a_hive_where_it_lives_holds(warm: Warm, finished: Path, url: str, tmp_path: Path) -> None:
    store = shutil.copytree(finished / "store", tmp_path / "store")
    (store / "note.txt").write_text("a store of one's own may hold anything")
    done = warm("audit", "--rpc", url, "--hive", hive_of(finished), "--store", f"directory:{store}").succeeded()
    assert "The lineage holds." in done.out


def test_audit_that_recomputes_no_share_counts_no_vector(warm: Warm, exported: Path, tmp_path: Path) -> None:
    warm("audit", exported, "--share", "0%", "--json", tmp_path / "result.json").succeeded()
    assert json.loads((tmp_path / "result.json").read_text())["vectors"] == 0


def test_audit_of_a_damaged_export_exits_with_one(warm: Warm, exported: Path, tmp_path: Path) -> None:
    raw = exported.read_bytes()
    (tmp_path / "cut.car").write_bytes(raw[: len(raw) // 2])
    warm("audit", tmp_path / "cut.car").refused(2, "cut.car", "the file was cut")
    (tmp_path / "flipped.car").write_bytes(raw[:-1] + bytes([raw[-1] ^ 1]))
    warm("audit", tmp_path / "flipped.car").refused(1, "is corrupt")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["audit"], "nothing to audit"),
        (["audit", "--rpc", "http://127.0.0.1:9", "--hive", "0x12"], "no store to read content from"),
        (["audit", "--rpc", "http://127.0.0.1:9", "--hive", "0x12", "--store", "here"], "names no store"),
        (["audit", "FILE", "--hive", "0x12"], "leave out --hive"),
        (["audit", "RUN", "--rpc", "http://127.0.0.1:9"], "leave out --rpc"),
        (["audit", "FILE", "--share", "10"], "write 0% to 100%"),
        (["audit", "FILE", "--share", "101%"], "write 0% to 100%"),
        (["audit", "FILE", "--share", "NaN%"], "write 0% to 100%"),
        (["audit", "FILE", "--json", "FILE"], "would be overwritten"),
        (["audit", "RUN/run.json"], "CAR"),
        (["lineage", "export", "--out", "FILE.2"], "no chain to ask"),
        (["lineage", "export", "--run", "RUN", "--hive", "0x12", "--out", "FILE.2"], "leave out --rpc"),
        (["lineage", "export", "--run", "RUN", "--out", "RUN/no/such/folder.car"], "there is no folder"),
        (["lineage", "export", "--run", "RUN", "--out", "RUN"], "is a directory"),
    ],
)
def test_options_that_make_no_sense_are_refused(
    warm: Warm, finished: Path, exported: Path, arguments: list[str], words: str
) -> None:
    given = [one.replace("FILE", str(exported)).replace("RUN", str(finished)) for one in arguments]
    warm(*given).refused(2, words)
    assert list(exported.parent.iterdir()) == [exported]


def test_export_of_an_address_without_a_hive_is_refused(warm: Warm, finished: Path, url: str, tmp_path: Path) -> None:
    store = f"directory:{finished / 'store'}"
    nobody = "0x" + "12" * 20
    done = warm("lineage", "export", "--rpc", url, "--hive", nobody, "--store", store, "--out", tmp_path / "x.car")
    done.refused(1, "there is no Hive")
    assert list(tmp_path.iterdir()) == []
