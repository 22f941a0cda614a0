"""Counting the chunks of a run: what is kept of it, when that is believed, and what is told meanwhile."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from anomalyhive.errors import BadSetting
from anomalyhive.federation.counted import Kept
from anomalyhive.federation.counting import Asked, Step, ask, count
from anomalyhive.federation.settings import Settings
from anomalyhive.metrics.encoding import encode
from anomalyhive.raw.labelling import Labelled

SAMPLE = Path(__file__).resolve().parents[3] / "data" / "ethereum-transactions"


@pytest.fixture(scope="module")
def asked() -> Asked:
    """Three chunks of the sample, all of its accounts."""
    settings = Settings(data="", shards=str(SAMPLE), labels=str(SAMPLE / "labels.csv"), label="flag", nodes=2, rounds=1)
    whole = ask(settings)
    return replace(whole, chunks=whole.chunks[:3])


@pytest.fixture(scope="module")
def counted(asked: Asked, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is kept of them."""
    folder = tmp_path_factory.mktemp("run") / "counted"
    count(asked, folder)
    return folder


def files(folder: Path) -> dict[str, int]:
    """Name -> number of the file on its disk, which is another one whenever the file is written."""
    return {path.name: path.stat().st_ino for path in folder.iterdir()}


def test_count_takes_what_is_kept_as_it_is_and_does_not_write_it_again(asked: Asked, counted: Path) -> None:
    before = files(counted)
    assert len(before) == 3
    told: list[Step] = []
    again = count(asked, counted, told.append)
    assert files(counted) == before
    assert [encode(one) for one in again.parts] == [encode(one) for one in count(asked).parts]
    assert told == []


def test_count_tells_how_many_transactions_are_done_and_never_fewer_than_before(asked: Asked) -> None:
    told: list[Step] = []
    count(asked, None, told.append)
    total = sum(chunk.rows for chunk in asked.chunks)
    assert {(step.chunks, step.total) for step in told} == {(3, total)}
    assert [step.done for step in told] == sorted(step.done for step in told)
    assert (told[0].done, told[-1].done) == (0, total)


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _another(path: Path) -> None:
    """The counts of another chunk, whole, under this one's name."""
    other = next(one for one in sorted(path.parent.iterdir()) if one != path)
    path.write_bytes(other.read_bytes())


@pytest.mark.parametrize("harm", [_flip, _cut, _empty, _another])
def test_count_of_what_is_kept_and_damaged_counts_that_chunk_again(
    asked: Asked, counted: Path, tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    folder = Path(shutil.copytree(counted, tmp_path / "counted"))
    victim = sorted(folder.iterdir())[1]
    sound = {path.name: path.read_bytes() for path in folder.iterdir()}
    before = files(folder)
    harm(victim)
    found = count(asked, folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == sound
    assert [name for name, number in files(folder).items() if number != before[name]] == [victim.name]
    assert [encode(one) for one in found.parts] == [encode(one) for one in count(asked).parts]


def test_count_of_other_accounts_finds_nothing_kept_and_leaves_nothing_of_others(
    asked: Asked, counted: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(counted, tmp_path / "counted"))
    (folder / ".left-by-a-kill.part").write_bytes(b"half")
    few = dict(list(asked.labelled.labels.items())[:50])
    found = count(replace(asked, labelled=Labelled(few, ())), folder)
    assert files(folder).keys().isdisjoint(files(counted))
    assert len(files(folder)) == 3
    assert {address for part in found.parts for address in part.addresses.to_pylist()} <= few.keys()


def test_kept_counts_of_a_chunk_whose_file_has_changed_are_not_found(
    asked: Asked, counted: Path, tmp_path: Path
) -> None:
    kept = Kept.of(counted, asked.labelled.labels)
    assert kept.read(asked.chunks[0]) is not None
    copy = Path(shutil.copy(asked.chunks[0].transactions, tmp_path))
    moved = replace(asked.chunks[0], transactions=copy)
    assert kept.read(moved) is not None
    with copy.open("ab") as file:
        file.write(b"\0")
    assert kept.read(replace(asked.chunks[0], transactions=copy)) is None


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ({"drop": ("first_time",)}, "--drop 'first_time' is no statistic"),
        ({"era": "2018"}, "--era '2018'"),
    ],
)
def test_ask_refuses_what_is_wrong_before_anything_is_counted(chosen: dict[str, object], words: str) -> None:
    settings = Settings(data="", shards=str(SAMPLE), labels=str(SAMPLE / "labels.csv"), label="flag", nodes=2, rounds=1)
    with pytest.raises(BadSetting, match=words):
        ask(replace(settings, **chosen))  # type: ignore[arg-type]
