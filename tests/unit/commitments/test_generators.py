"""Generators against an independent derivation, and the file that keeps them against every accident."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from py_ecc.bls.hash_to_curve import hash_to_G1
from py_ecc.optimized_bls12_381.optimized_curve import normalize

from anomalyhive.commitments import Generators, cache_directory
from anomalyhive.commitments.curve import encode
from anomalyhive.commitments.generators import MOST_GENERATORS, TAG, default_generators, generator
from anomalyhive.errors import BadInput

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "commitments.json").read_text())


def by_py_ecc(index: int) -> bytes:
    x, y = normalize(hash_to_G1(index.to_bytes(8, "big"), TAG, hashlib.sha256))
    return int(x).to_bytes(48, "big") + int(y).to_bytes(48, "big")


@pytest.fixture
def kept(tmp_path: Path, generators: Generators) -> Path:
    """A directory with an intact file of its own."""
    generators.first(10)
    (tmp_path / "generators.bin").write_bytes(generators.file.read_bytes())
    return tmp_path


def test_generator_matches_vectors_and_py_ecc() -> None:
    assert [case["index"] for case in VECTORS["generators"]] == list(range(10))
    for case in VECTORS["generators"]:
        assert "0x" + generator(case["index"]).hex() == case["point"]
        assert by_py_ecc(case["index"]) == generator(case["index"])


@pytest.mark.parametrize("index", [255, 256, 19_999, 2**32, 2**63])
def test_generator_far_out_matches_py_ecc(index: int) -> None:
    assert generator(index) == by_py_ecc(index)


def test_first_gives_points_in_order(generators: Generators) -> None:
    points = generators.first(1030)
    assert len(points) == 1030
    for index in (0, 1, 1023, 1024, 1029):
        assert encode(points[index]) == generator(index)


def test_first_reads_the_file_instead_of_deriving(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(index: int) -> bytes:
        raise AssertionError(f"generator {index} was derived")

    monkeypatch.setattr("anomalyhive.commitments.generators.generator", never)
    assert encode(Generators(kept).first(10)[9]).hex() == VECTORS["generators"][9]["point"][2:]


def test_first_extends_a_shorter_file(kept: Path, generators: Generators) -> None:
    before = len((kept / "generators.bin").read_bytes())
    count = (before - 64) // 96 + 1
    points = Generators(kept).first(count)
    assert encode(points[count - 1]) == generator(count - 1)
    assert len((kept / "generators.bin").read_bytes()) == before + 1024 * 96


@pytest.mark.parametrize("damage", ["flip", "cut", "cut within", "empty", "longer", "of another tag"])
def test_first_with_a_damaged_file_derives_again(kept: Path, damage: str, caplog: pytest.LogCaptureFixture) -> None:
    file = kept / "generators.bin"
    good = file.read_bytes()
    bad = {
        "flip": good[:5000] + bytes([good[5000] ^ 1]) + good[5001:],
        "cut": good[:-96],
        "cut within": good[:1000],
        "empty": b"",
        "longer": good + bytes(96),
        "of another tag": (swapped := bytes(32) + good[32:-32]) + hashlib.sha256(swapped).digest(),
    }[damage]
    file.write_bytes(bad)
    assert encode(Generators(kept).first(10)[9]).hex() == VECTORS["generators"][9]["point"][2:]
    assert "derived again" in caplog.text
    assert file.read_bytes()[: 64 + 960] == good[: 64 + 960]


def test_first_with_a_directory_that_cannot_be_made_still_works(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way")
    points = Generators(tmp_path / "file" / "cache").first(3)
    assert encode(points[2]) == generator(2)
    assert "cannot be kept" in caplog.text


def test_first_leaves_a_longer_file_of_another_process(
    kept: Path, generators: Generators, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other process replaces the file while this one derives."""
    generators.first(2048)
    longer = generators.file.read_bytes()
    (kept / "generators.bin").unlink()
    derive = generator

    def derive_while_other_writes(index: int) -> bytes:
        if index == 5:
            (kept / "generators.bin").write_bytes(longer)
        return derive(index)

    monkeypatch.setattr("anomalyhive.commitments.generators.generator", derive_while_other_writes)
    Generators(kept).first(10)
    assert (kept / "generators.bin").read_bytes() == longer


def test_first_over_the_limit_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=str(MOST_GENERATORS + 1)):
        Generators(tmp_path).first(MOST_GENERATORS + 1)
    assert not list(tmp_path.iterdir())


def test_first_from_several_threads_gives_the_same_points(kept: Path) -> None:
    shared = Generators(kept)
    found: list[bytes] = []
    threads = [threading.Thread(target=lambda: found.append(encode(shared.first(1000)[999]))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [generator(999)] * 8


def test_several_processes_leave_one_intact_file(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib; from anomalyhive.commitments import Generators;"
        "Generators(pathlib.Path(sys.argv[1])).first(7)"
    )
    processes = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path)]) for _ in range(3)]
    assert [process.wait(timeout=120) for process in processes] == [0, 0, 0]
    assert [file.name for file in tmp_path.iterdir()] == ["generators.bin"]
    data = (tmp_path / "generators.bin").read_bytes()
    assert hashlib.sha256(data[:-32]).digest() == data[-32:]
    assert data[32 : 32 + 96] == generator(0)


def test_cache_directory_follows_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ANOMALYHIVE_CACHE", str(tmp_path / "chosen"))
    assert cache_directory() == tmp_path / "chosen"
    assert default_generators().file.parent == tmp_path / "chosen"
    assert default_generators() is default_generators()


def test_cache_directory_without_setting_is_in_the_source_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANOMALYHIVE_CACHE", raising=False)
    root = Path(__file__).parents[3]
    assert cache_directory() == root / ".cache"
    assert (root / "pyproject.toml").exists()
