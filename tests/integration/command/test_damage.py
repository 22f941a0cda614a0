"""Disks that are full and stores that are damaged: an error in words, and a run that goes on when it is mended."""

from __future__ import annotations

import resource
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from anomalyhive.content.cid import Codec
from anomalyhive.content.directory import DirectoryStore
from anomalyhive.content.kinds import Model, Spec
from anomalyhive.federation.progress import Progress

from .command import Warm, federate, left_running, report_of, small_file_system, weights_of
from .conftest import Founded

BOMBS = {
    # An array of 2^62 entries, of which none follows; ten million arrays in one another; a map with a key twice.
    "long": b"\x9b" + (1 << 62).to_bytes(8, "big"),
    "deep": b"\x81" * 1_000_000 + b"\x00",
    "double": b"\xa2\x61a\x01\x61a\x02",
}


@pytest.fixture(scope="module")
def expected(finished: Path) -> list[str]:
    """The weights of the undisturbed run."""
    return weights_of(report_of(finished))


def head(run: Path) -> Model:
    """The latest model of a run."""
    latest = Progress.read(run / "progress.json").rounds[-1]["model"]
    return Model.fetch(DirectoryStore(run / "store"), bytes.fromhex(latest))


def shard_of(run: Path) -> bytes:
    """The rows of the first shard."""
    dataset = Spec.fetch(DirectoryStore(run / "store"), head(run).spec).shards[0].dataset
    assert dataset is not None
    return dataset


def weights_of_head(run: Path) -> bytes:
    return head(run).weights


def spec_of(run: Path) -> bytes:
    return head(run).spec


@pytest.mark.parametrize("find", [shard_of, weights_of_head, spec_of])
@pytest.mark.parametrize("damage", ["truncated", "removed", *BOMBS])
def test_run_with_a_damaged_block_names_it_and_goes_on_when_it_is_restored(
    warm: Warm, halfway: Path, tmp_path: Path, damage: str, find: Callable[[Path], bytes]
) -> None:
    run = tmp_path / "run"
    shutil.copytree(halfway, run)
    digest = find(run)
    file = DirectoryStore(run / "store").file_of(digest, Codec.DAG_CBOR)
    whole = file.read_bytes()
    file.unlink()
    if damage != "removed":
        file.write_bytes(BOMBS.get(damage, whole[:-1]))
    warm(*federate(run)).refused(1, digest.hex(), "is not in" if damage == "removed" else "is corrupt")
    if (damage, find) == ("truncated", weights_of_head):
        file.write_bytes(whole)
        warm(*federate(run)).succeeded()
        assert report_of(run)["audit"]["holds"] is True


def test_run_with_a_block_that_it_no_longer_reads_ends_and_the_audit_names_it(
    warm: Warm, halfway: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    shutil.copytree(halfway, run)
    total = head(run).sum
    assert total is not None
    DirectoryStore(run / "store").file_of(total, Codec.DAG_CBOR).unlink()
    done = warm(*federate(run))
    assert (done.code, "does not hold" in done.err) == (1, True)
    assert total.hex() in done.out
    report = report_of(run)
    assert report["audit"]["holds"] is False
    assert len(report["rounds"]) == 2


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("progress.json", b""),
        ("progress.json", b'{"task": 1}'),
        ("run.json", b"{}"),
        ("chain/state.json.gz", b"\x1f\x8b junk"),
        ("chain/state.json.gz", None),
        ("chain/deployment.json", b"[]"),
        ("nodes/trainer-0/operator.key", b"00"),
    ],
)
def test_run_with_a_damaged_file_names_it(
    warm: Warm, halfway: Path, tmp_path: Path, name: str, content: bytes | None
) -> None:
    run = tmp_path / "run"
    shutil.copytree(halfway, run)
    (run / name).unlink()
    if content is not None:
        (run / name).write_bytes(content)
    done = warm(*federate(run))
    done.refused(2 if name == "run.json" else 1, Path(name).name.split(".")[0])
    assert (run / name).exists() is (content is not None)


def test_run_whose_files_cannot_grow_says_so_and_goes_on_when_they_can(
    warm: Warm, founded: Founded, expected: list[str], tmp_path: Path
) -> None:
    """The kernel refuses to let a file grow beyond a limit just as it does on a full disk."""
    run = founded.copy(tmp_path / "run")
    with warm.start(*federate(run)) as running:
        running.until(lambda: "going on" in running.said())
        resource.prlimit(running.pid, resource.RLIMIT_FSIZE, (1_000, 1_000))
        done = running.done()
    done.refused(1, "no room to write a block", "free space")
    assert left_running(running.mark) == []
    assert not list(run.rglob("*.part*"))
    warm(*federate(run)).succeeded()
    assert weights_of(report_of(run)) == expected


def test_chain_on_a_disk_that_fills_up_says_so_and_goes_on_when_there_is_room(
    warm: Warm, founded: Founded, expected: list[str], tmp_path: Path
) -> None:
    run = founded.copy(tmp_path / "run")
    with small_file_system(tmp_path / "disk", "8m") as mounted:
        if not mounted:
            pytest.skip("mounting a file system is not allowed here")
        shutil.copytree(run / "chain", tmp_path / "disk" / "chain")
        shutil.rmtree(run / "chain")
        (run / "chain").symlink_to(tmp_path / "disk" / "chain")
        with warm.start(*federate(run)) as running:
            running.until(lambda: "going on" in running.said())
            fill(tmp_path / "disk")
            running.done().refused(1, "state cannot be written", "No space left")
        warm(*federate(run)).refused(1, "does not fit on the disk")
        (tmp_path / "disk" / "filler").unlink()
        warm(*federate(run)).succeeded()
    assert weights_of(report_of(run)) == expected


def fill(disk: Path) -> None:
    """Leave no page free."""
    with (disk / "filler").open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return


def test_report_on_a_full_disk_leaves_the_old_one_and_the_run(warm: Warm, finished: Path, tmp_path: Path) -> None:
    with small_file_system(tmp_path / "small", "64k") as mounted:
        if not mounted:
            pytest.skip("mounting a file system is not allowed here")
        report = tmp_path / "small" / "report.json"
        report.write_text("{}")
        fill(tmp_path / "small")
        done = warm(*federate(finished, "--json", report, nodes=3))
        done.refused(1, str(report), "make room")
        assert report.read_text() == "{}"
        assert sorted(one.name for one in report.parent.iterdir()) == ["filler", "report.json"]
        warm("score", "--run", finished, "--data", federate(finished)[2], "--out", report).refused(1, str(report))
        assert report.read_text() == "{}"
    assert report_of(finished)["audit"]["holds"] is True
