"""The book: blocks go in whole, come out exactly, and are taken back without a trace."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from anomalyhive.errors import BadInput, Failure
from anomalyhive.monitor.book import Book
from anomalyhive.monitor.entries import Ended
from anomalyhive.monitor.outgoing import Outgoing
from anomalyhive.monitor.reading import WatchReader
from anomalyhive.monitor.schema import FILE
from monitor.watchbooks import (
    CHAIN_ID,
    START,
    address,
    alert,
    begun,
    content,
    entry,
    hash_of,
    state_of,
    time_of,
)  # fmt: skip


def test_write_of_blocks_keeps_the_last_state_of_each_address(tmp_path: Path) -> None:
    with begun(tmp_path) as book:
        book.write(entry(START, [(1, 10), (2, 20)]))
        book.write(entry(START + 1, [(2, 30)]))
        assert book.states([address(1), address(2), address(3)]) == [state_of(START), state_of(START + 1), None]
        assert book.head() == entry(START + 1, [(2, 30)]).block


def test_write_of_a_block_that_does_not_follow_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    with begun(tmp_path) as book:
        for number in (START + 1, START - 1):
            with pytest.raises(BadInput, match=f"{START} is due"):
                book.write(entry(number))
        book.write(entry(START))
        with pytest.raises(BadInput, match=f"{START + 1} is due"):
            book.write(entry(START + 2, [(1, 1)]))
        assert book.states([address(1)]) == [None]


def test_write_before_begin_is_refused(tmp_path: Path) -> None:
    with Book.open(tmp_path, CHAIN_ID) as book, pytest.raises(BadInput, match="not begun"):
        book.write(entry(START))


def test_begin_twice_is_refused(tmp_path: Path) -> None:
    with begun(tmp_path) as book, pytest.raises(BadInput, match=f"begins at block {START}"):
        book.begin(5)


def test_begin_that_fails_half_way_leaves_nothing(tmp_path: Path) -> None:
    def accounts() -> object:
        yield address(1), b"one"
        raise Failure("the chunks ended")

    with Book.open(tmp_path, CHAIN_ID) as book:
        with pytest.raises(Failure, match="ended"):
            book.begin(START, known=accounts())  # type: ignore[arg-type]
        assert book.states([address(1)]) == [None]
        book.begin(START, known=[(address(1), b"one")])
        assert book.states([address(1)]) == [b"one"]


def test_roll_back_gives_all_tables_back_as_they_were(tmp_path: Path) -> None:
    early = alert(START + 1, 1)
    with begun(tmp_path) as book:
        book.write(entry(START, [(1, 600), (2, 20)]))
        book.write(entry(START + 1, [(1, 9001), (3, 900)], [early]))
        before = content(tmp_path)
        book.write(entry(START + 2, [(1, 100), (4, 700)], ended=[Ended(early.id, "cleared")]))
        book.write(entry(START + 3, [(2, 9900), (4, 9800)], [alert(START + 3, 4)]))
        assert content(tmp_path) != before
        withdrawn, revived = book.roll_back(START + 1, 7)
        after = content(tmp_path)
    assert [(one.alert_id, one.why, one.at) for one in withdrawn] == [(alert(START + 3, 4).id, "orphaned", 7)]
    assert revived == [early]
    # What was said stays, as withdrawn: it has been told to others.
    after["alerts"] = [row for row in after["alerts"] if "withdrawn" not in row]
    assert after == before


def test_roll_back_to_before_the_first_block_leaves_what_the_book_began_with(tmp_path: Path) -> None:
    with Book.open(tmp_path, CHAIN_ID) as book:
        book.begin(START, known=[(address(1), b"one")])
        before = content(tmp_path)
        book.write(entry(START, [(1, 10), (2, 20)]))
        book.roll_back(START - 1, 7)
        assert content(tmp_path) == before
        assert book.head() is None
        book.write(entry(START, [(1, 10)], fork=1))


def test_roll_back_deeper_than_the_undo_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with begun(tmp_path, depth=3) as book:
        for number in range(START, START + 6):
            book.write(entry(number, [(1, number)]))
        before = content(tmp_path)
        with pytest.raises(Failure, match=f"down to block {START + 1}.*back to {START + 2}.*begin anew"):
            book.roll_back(START + 1, 7)
        assert content(tmp_path) == before
        book.roll_back(START + 2, 7)
        assert book.states([address(1)]) == [state_of(START + 2)]


def test_write_of_the_last_block_again_is_undone_with_the_block(tmp_path: Path) -> None:
    with begun(tmp_path) as book:
        book.write(entry(START, [(1, 10)]))
        before = content(tmp_path)
        book.write(entry(START + 1, [(1, 20)]))
        book.write(entry(START + 1, [(1, 30)]))
        book.roll_back(START, 7)
        assert content(tmp_path) == before


def test_alert_whose_block_comes_back_is_live_again_under_its_id(tmp_path: Path) -> None:
    one = alert(START, 1)
    with begun(tmp_path) as book:
        book.write(entry(START, [(1, 9001)], [one]))
        book.roll_back(START - 1, 7)
        assert book.live() == []
        book.write(entry(START, [(1, 9001)], [one]))
        assert book.live() == [one]
    out = Outgoing(tmp_path, "test")
    assert [(message.kind, message.id == one.id) for message in out.waiting()] == [
        ("alert", True),
        ("withdrawal", False),
        ("alert", True),
    ]
    out.close()


def test_renewed_alert_is_not_withdrawn(tmp_path: Path) -> None:
    first, second = alert(START, 1), alert(START + 1, 1)
    with begun(tmp_path) as book:
        book.write(entry(START, [(1, 9001)], [first]))
        assert book.write(entry(START + 1, [(1, 9001)], [second], [Ended(first.id, "renewed")])) == []
        assert book.live_of([address(1), address(2)]) == {address(1): second}
    with WatchReader(tmp_path) as reader:
        found = reader.alert(first.id)
        assert found is not None
        assert (found.state, found.ended_why, found.ended_at) == ("expired", "renewed", time_of(START + 1))


def test_scores_are_kept_where_they_moved_or_an_alert_was(tmp_path: Path) -> None:
    points = [100, 499, 500, 900, 1000, 1400, 1499, 1500, 9001, 9002, 9003]
    with begun(tmp_path) as book:
        for place, bp in enumerate(points):
            raised = [alert(START + place, 1)] if bp == 9001 else []
            book.write(entry(START + place, [(1, bp)], raised))
    with WatchReader(tmp_path) as reader:
        assert [one.probability_bp for one in reader.history(address(1))] == [500, 1000, 1500, 9001, 9002, 9003]
        latest = reader.latest(address(1))
        assert latest == entry(START + 10, [(1, 9003)]).touched[0].score
        assert reader.history(address(1))[-1] == latest


def test_old_blocks_and_scores_go_but_not_those_of_alerted_addresses(tmp_path: Path) -> None:
    with begun(tmp_path, depth=2, keep_blocks=5) as book:
        for number in range(START, START + 20):
            raised = [alert(number, 2)] if number == START + 1 else []
            book.write(entry(number, [(1, 1000 * (number % 2)), (2, number)], raised))
    with WatchReader(tmp_path) as reader:
        assert [one.number for one in reader.blocks(0)] == list(range(START + 15, START + 20))
        assert [one.block_number for one in reader.history(address(1))] == list(range(START + 15, START + 20))
        assert [one.block_number for one in reader.history(address(2))] == list(range(START + 1, START + 20))
    undone = sqlite3.connect(tmp_path / FILE).execute("SELECT DISTINCT number FROM undo ORDER BY number").fetchall()
    assert undone == [(START + 18,), (START + 19,)]


def test_posted_notes_the_transaction_and_refuses_unknown_alerts(tmp_path: Path) -> None:
    one = alert(START, 1)
    with begun(tmp_path) as book:
        book.write(entry(START, [(1, 9001)], [one]))
        book.posted(one.id, hash_of(5))
        with pytest.raises(BadInput, match="no alert"):
            book.posted("f" * 64, hash_of(5))
    with WatchReader(tmp_path) as reader:
        found = reader.alert(one.id)
        assert found is not None
        assert found.posted_tx == hash_of(5)


def test_expiring_gives_alerts_whose_time_is_over(tmp_path: Path) -> None:
    short, long = alert(START, 1, expires_at=time_of(START) + 5), alert(START, 2)
    with begun(tmp_path) as book:
        book.write(entry(START, [(1, 9001), (2, 9002)], [short, long]))
        assert book.expiring(time_of(START) + 4) == []
        assert book.expiring(time_of(START) + 5) == [short]
        assert book.expiring(long.expires_at) == [short, long]


def test_alert_at_another_place_in_the_block_is_not_lost(tmp_path: Path) -> None:
    both = [alert(START, 1), alert(START, 2)]
    with begun(tmp_path) as book:
        book.write(entry(START, [(1, 9001), (2, 9002)], both))
        assert book.live() == both
        assert book.live_of([address(2)]) == {address(2): replace(both[1])}
