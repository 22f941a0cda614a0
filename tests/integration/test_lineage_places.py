"""Where a real run's content is held, and content brought back: by the command line, into directories and daemons."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from federations import Outcome, accounts, run
from tests.outside import ipfs_program, needs_kubo

from anomalyhive import cli
from anomalyhive.content import Codec, DirectoryStore, failures
from anomalyhive.content.restoring import restore
from wild.swarm import Swarm

TRAINERS, VALIDATORS = 2, 2


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    return run(accounts(nodes=TRAINERS, validators=VALIDATORS), tmp_path_factory.mktemp("places") / "run")


@pytest.fixture(scope="module")
def car(outcome: Outcome, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("export") / "all.car"
    assert cli.run(["lineage", "export", "--run", str(outcome.folder), "--out", str(path)]) == 0
    return path


@pytest.fixture
def folder(outcome: Outcome, tmp_path: Path) -> Path:
    """A copy of the run, to take content out of."""
    return Path(shutil.copytree(outcome.folder, tmp_path / "run"))


@pytest.fixture(scope="module")
def swarm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Swarm]:
    with Swarm(tmp_path_factory.mktemp("swarm"), 2, ipfs_program()) as running:
        yield running


def where(folder: Path, *options: str) -> list[dict[str, Any]]:
    """What `lineage where` writes for a run."""
    path = folder / "where.json"
    assert cli.run(["lineage", "where", "--run", str(folder), "--json", str(path), *options]) == 0
    found: list[dict[str, Any]] = json.loads(path.read_text())["roots"]
    return found


def lost(found: list[dict[str, Any]]) -> set[str]:
    return {one["digest"] for one in found if not one["stores"] and not one["peers"] and not one["fetched"]}


def remove(folder: Path, digest: str) -> None:
    store = DirectoryStore(folder / "store")
    store.file_of(bytes.fromhex(digest), Codec.DAG_CBOR).unlink()


def test_where_names_every_root_of_the_run_once(folder: Path) -> None:
    found = where(folder)
    store = DirectoryStore(folder / "store", read_only=True)
    roots = {link.digest.hex() for link in store.digests() if link.codec is Codec.DAG_CBOR}
    assert {one["digest"] for one in found} == roots
    assert len(found) == len(roots)
    assert all(one["stores"] == ["the run's store"] for one in found)
    kinds = [one["kind"] for one in found if one["round"] == 2]
    assert sorted(kinds) == sorted(["update"] * TRAINERS + ["verdict"] * VALIDATORS + ["model", "weights", "sum"])


def test_where_says_what_nobody_holds(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gone = next(one for one in where(folder) if one["kind"] == "update" and one["round"] == 1)
    remove(folder, gone["digest"])
    capsys.readouterr()
    assert lost(where(folder)) == {gone["digest"]}
    assert f"task 1 round 1 update shard 0 {gone['cid']}: nobody" in capsys.readouterr().out


def test_where_misses_a_root_whose_raw_block_is_gone(folder: Path) -> None:
    store = DirectoryStore(folder / "store")
    raw = next(link for link in store.digests() if link.codec is Codec.RAW)
    store.file_of(*raw).unlink()
    assert lost(where(folder))


def test_import_brings_back_what_a_run_has_lost_and_nothing_else(outcome: Outcome, folder: Path, car: Path) -> None:
    before = list(DirectoryStore(folder / "store").digests())
    shutil.rmtree(folder / "store")
    assert cli.run(["lineage", "import", str(car), "--store", f"directory:{folder / 'store'}"]) == 0
    assert list(DirectoryStore(folder / "store").digests()) == before
    assert cli.run(["audit", str(folder)]) == 0


def test_import_of_a_damaged_file_is_refused_in_words(
    car: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    damaged = tmp_path / "damaged.car"
    data = bytearray(car.read_bytes())
    data[len(data) // 2] ^= 1
    damaged.write_bytes(data)
    assert cli.run(["lineage", "import", str(damaged), "--store", f"directory:{tmp_path / 'store'}"]) != 0
    assert "error:" in capsys.readouterr().err
    assert list(DirectoryStore(tmp_path / "store").digests()) == []


@pytest.mark.parametrize("store", ["nonsense", "relative/path", ""])
def test_import_into_what_is_no_store_is_refused(car: Path, store: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["lineage", "import", str(car), "--store", store]) == cli.BAD_INPUT
    assert "names no store" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], "no chain to ask"),
        (["--run", "RUN", "--rpc", "http://127.0.0.1:1"], "--run names chain and hive"),
        (["--run", "RUN", "--seconds", "0"], "--seconds 0 is outside"),
        (["--run", "RUN", "--store", "ftp://x"], "names no store"),
    ],
)
def test_where_asked_wrongly_is_refused_in_words(
    outcome: Outcome, options: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    given = [str(outcome.folder) if one == "RUN" else one for one in options]
    assert cli.run(["lineage", "where", *given]) == cli.BAD_INPUT
    assert words in capsys.readouterr().err


@needs_kubo
def test_where_names_the_peers_that_provide_what_no_store_has(folder: Path, car: Path, swarm: Swarm) -> None:
    asked, other = swarm
    restore(other.store(), car)
    digest = next(one["digest"] for one in where(folder) if one["kind"] == "weights" and one["round"] == 2)
    remove(folder, digest)
    found = {one["digest"]: one for one in where(folder, "--store", asked.address)}
    assert found[digest]["stores"] == []
    assert found[digest]["peers"] == [other.peer]
    assert lost(list(found.values())) == set()


@needs_kubo
def test_where_finds_what_a_peer_has_although_nobody_says_so(folder: Path, tmp_path: Path) -> None:
    """Daemons without routing still ask the peers that they are connected to."""
    swarm = Swarm(tmp_path / "swarm", 2, ipfs_program())
    for one in swarm:
        one.configure({**one.config(), "Routing": {"Type": "none"}})
    with swarm:
        asked, other = swarm
        digest = next(one["digest"] for one in where(folder) if one["kind"] == "verdict")
        block = DirectoryStore(folder / "store").get(bytes.fromhex(digest), Codec.DAG_CBOR)
        remove(folder, digest)
        assert digest in lost(where(folder, "--store", asked.address, "--seconds", "1"))
        other.store().put_root(block)
        found = {one["digest"]: one for one in where(folder, "--store", asked.address, "--seconds", "1")}
        assert found[digest]["fetched"] == [asked.address]


@needs_kubo
def test_import_into_a_daemon_gives_its_peers_the_whole_lineage(outcome: Outcome, car: Path, swarm: Swarm) -> None:
    one, other = swarm
    assert cli.run(["lineage", "import", str(car), "--store", one.address]) == 0
    one.collect_garbage()
    store = DirectoryStore(outcome.folder / "store", read_only=True)
    roots = [link.digest for link in store.digests() if link.codec is Codec.DAG_CBOR]
    assert failures(other.store(), roots) == []


@needs_kubo
def test_import_into_a_daemon_that_is_away_says_so(car: Path, swarm: Swarm, capsys: pytest.CaptureFixture[str]) -> None:
    swarm[1].stop()
    try:
        assert cli.run(["lineage", "import", str(car), "--store", swarm[1].address]) == cli.FAILURE
        assert "start the daemon (ipfs daemon)" in capsys.readouterr().err
    finally:
        swarm[1].start()
