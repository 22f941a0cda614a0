"""Opening a book: what is none, is damaged, is in use, or was left by a kill."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from anomalyhive.errors import BadInput, BadSetting, Failure
from anomalyhive.monitor.book import Book
from anomalyhive.monitor.outgoing import Outgoing
from anomalyhive.monitor.reading import WatchReader
from anomalyhive.monitor.schema import FILE
from monitor.watchbooks import (
    CHAIN_ID,
    MODEL,
    START,
    address,
    begun,
    entry,
    filled,
    state_of,
)  # fmt: skip


def test_open_of_a_folder_that_is_in_use_is_refused(tmp_path: Path) -> None:
    with begun(tmp_path), pytest.raises(BadSetting, match="in use"):
        Book.open(tmp_path, CHAIN_ID)
    Book.open(tmp_path, CHAIN_ID).close()


def test_open_for_another_chain_is_refused(tmp_path: Path) -> None:
    begun(tmp_path).close()
    with pytest.raises(BadSetting, match="chain_id 1, and 137"):
        Book.open(tmp_path, 137)
    Book.open(tmp_path, CHAIN_ID).close()


def spoiled(path: Path, query: str) -> None:
    database = sqlite3.connect(path)
    database.executescript(query)
    database.close()


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("PRAGMA application_id = 7", "another program"),
        ("PRAGMA user_version = 99", "version 99"),
        ("DROP TABLE undo", "lacks undo"),
    ],
)
def test_open_of_a_foreign_file_is_refused_with_words(tmp_path: Path, query: str, words: str) -> None:
    begun(tmp_path).close()
    spoiled(tmp_path / FILE, query)
    for opening in (lambda: Book.open(tmp_path, CHAIN_ID), lambda: WatchReader(tmp_path)):
        with pytest.raises(BadInput, match=words):
            opening()


@pytest.mark.parametrize("given", [b"", b"no database at all" * 1000, b"SQLite format 3\0" + bytes(5000)])
def test_open_of_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path, given: bytes) -> None:
    (tmp_path / FILE).write_bytes(given)
    for opening in (lambda: Book.open(tmp_path, CHAIN_ID), lambda: WatchReader(tmp_path)):
        with pytest.raises(BadInput, match=FILE):
            opening()
    assert (tmp_path / FILE).read_bytes() == given


def test_damaged_pages_are_a_failure_with_words(tmp_path: Path) -> None:
    filled(tmp_path)
    path = tmp_path / FILE
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(8192)
        file.write(os.urandom(size - 8192))

    def use() -> None:
        with Book.open(tmp_path, CHAIN_ID) as book:
            book.write(entry(START + 40, [(1, 1)]))

    with pytest.raises((Failure, BadInput), match="restore it"):
        use()


def test_open_of_a_folder_without_a_watch_to_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="not the folder of a watch"):
        WatchReader(tmp_path)
    with pytest.raises(BadInput, match="not the folder of a watch"):
        Outgoing(tmp_path, "test")


def test_open_after_a_kill_while_the_file_was_made_makes_it_anew(tmp_path: Path) -> None:
    (tmp_path / f".{FILE}.new").write_bytes(b"half")
    begun(tmp_path).close()
    assert not (tmp_path / f".{FILE}.new").exists()


KILLED = """
import sys
from pathlib import Path
from monitor.watchbooks import START, alert, begun, entry
with begun(Path(sys.argv[1])) as book:
    for number in range(START, START + 100000):
        book.write(entry(number, [(10 + number % 50, number % 9999), (7, 3)], [alert(number, 7)]))
        print(number, flush=True)
"""


def test_kill_leaves_whole_blocks_and_no_gap(tmp_path: Path) -> None:
    paths = os.pathsep.join([str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path)], stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": paths}
    ) as writer:
        assert writer.stdout is not None
        said = [int(writer.stdout.readline()) for _ in range(30)]
        writer.send_signal(signal.SIGKILL)
    with Book.open(tmp_path, CHAIN_ID) as book:
        head = book.head()
        assert head is not None
        assert head.number >= said[-1]
        assert book.states([address(7)]) == [state_of(head.number)]
        assert [one.block_number for one in book.live()] == list(range(START, head.number + 1))
        book.write(entry(head.number + 1))
    with WatchReader(tmp_path) as reader:
        assert [one.number for one in reader.blocks(0)] == list(range(START, head.number + 2))


def test_readers_read_while_the_watch_writes(tmp_path: Path) -> None:
    with begun(tmp_path) as book:
        book.write(entry(START, [(1, 10)]))
        with WatchReader(tmp_path) as reader:
            assert reader.head() == entry(START, [(1, 10)]).block
            book.write(entry(START + 1, [(1, 10)]))
            assert reader.head() == entry(START + 1, [(1, 10)]).block


def test_about_and_model_are_noted(tmp_path: Path) -> None:
    begun(tmp_path).close()
    with WatchReader(tmp_path) as reader:
        about = reader.about()
    assert (about.chain_id, about.chain, about.start, about.threshold_bp) == (CHAIN_ID, "ethereum", START, 8000)
    assert (about.model, about.round) == (MODEL, 3)


def test_keeping_fewer_blocks_than_may_be_taken_back_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="keep more"):
        Book.open(tmp_path, CHAIN_ID, depth=64, keep_blocks=64)
