"""The queue: in order, from a cursor that outlasts the consumer, while the watch writes."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from anomalyhive.errors import BadInput
from anomalyhive.monitor import alerts
from anomalyhive.monitor.alert import Alert, Withdrawal
from anomalyhive.monitor.book import Book
from anomalyhive.monitor.entries import Ended
from anomalyhive.monitor.outgoing import Outgoing
from anomalyhive.monitor.reading import WatchReader
from anomalyhive.monitor.schema import connect
from monitor.watchbooks import CHAIN_ID, START, alert, begun, entry, filled, time_of


def test_waiting_gives_alerts_and_withdrawals_in_their_order(tmp_path: Path) -> None:
    raised = filled(tmp_path)
    out = Outgoing(tmp_path, "alertlog")
    said = [one.read() for one in out.waiting()]
    assert [one for one in said if isinstance(one, Alert)] == raised
    ended = [(one.alert_id, one.why) for one in said if isinstance(one, Withdrawal)]
    assert ended == [(raised[0].id, "cleared"), (raised[1].id, "expired")]
    assert [one.seq for one in out.waiting()] == list(range(1, len(said) + 1))
    assert all(one.read().id == one.id for one in out.waiting())
    out.close()


def test_done_moves_one_consumer_alone_and_is_kept(tmp_path: Path) -> None:
    filled(tmp_path)
    one = Outgoing(tmp_path, "alertlog")
    one.done(one.waiting(most=3)[-1].seq)
    one.close()
    assert Outgoing(tmp_path, "alertlog").waiting(1)[0].seq == 4
    assert Outgoing(tmp_path, "webhooks").waiting(1)[0].seq == 1


def test_done_backwards_is_refused(tmp_path: Path) -> None:
    filled(tmp_path)
    one = Outgoing(tmp_path, "alertlog")
    one.done(3)
    with pytest.raises(BadInput, match="at 3"):
        one.done(2)
    one.close()


def test_done_while_the_watch_writes_loses_neither(tmp_path: Path) -> None:
    with begun(tmp_path) as book:
        out = Outgoing(tmp_path, "alertlog")
        for number in range(START, START + 20):
            ended = [Ended(alert(number - 1, 1).id, "cleared")] if number > START else []
            book.write(entry(number, [(1, 9001)], [alert(number, 1)], ended))
            out.done(out.waiting()[-1].seq)
        assert out.waiting() == []
        assert out.cursor == 39
        out.close()


KEEP = 5
"""Blocks that the books below keep."""


def followed(book: Book, blocks: range, consumer: Outgoing | None = None) -> None:
    """Write blocks with an alert each; a consumer takes all of them at once."""
    for number in blocks:
        book.write(entry(number, [(number, 9000)], [alert(number, number)]))
        if consumer is not None:
            consumer.done(consumer.waiting()[-1].seq)


def there(folder: Path) -> list[int]:
    """The blocks of the alerts that are in the queue, without being a consumer."""
    with closing(connect(folder)) as database:
        bodies = database.execute("SELECT body FROM outgoing WHERE kind = 'alert' ORDER BY seq").fetchall()
    return [Alert.from_json(body).block_number for (body,) in bodies]


def test_messages_that_all_have_had_go_with_their_blocks(tmp_path: Path) -> None:
    with begun(tmp_path, depth=2, keep_blocks=KEEP) as book, closing(Outgoing(tmp_path, "one")) as one:
        followed(book, range(START, START + KEEP), one)
        assert there(tmp_path) == list(range(START, START + KEEP))
        followed(book, range(START + KEEP, START + 20), one)
        assert there(tmp_path) == list(range(START + 20 - KEEP, START + 20))
        assert one.waiting() == []
        assert one.cursor == 20
    with WatchReader(tmp_path) as reader:
        assert len(reader.alerts()) == 20


def test_messages_that_one_has_still_to_have_stay_until_it_has_had_them(tmp_path: Path) -> None:
    with begun(tmp_path, depth=2, keep_blocks=KEEP) as book, closing(Outgoing(tmp_path, "one")) as one:
        with closing(Outgoing(tmp_path, "slow")) as slow:
            followed(book, range(START, START + 20), one)
            assert [message.seq for message in slow.waiting()] == list(range(1, 21))
            slow.done(3)
        followed(book, range(START + 20, START + 21), one)
        assert there(tmp_path) == list(range(START + 3, START + 21))
        with closing(Outgoing(tmp_path, "slow")) as slow:
            slow.done(21)
        followed(book, range(START + 21, START + 22), one)
        assert there(tmp_path) == list(range(START + 22 - KEEP, START + 22))


def test_messages_that_nobody_reads_go_with_their_blocks_and_a_later_consumer_has_the_rest(tmp_path: Path) -> None:
    with begun(tmp_path, depth=2, keep_blocks=KEEP) as book:
        followed(book, range(START, START + 20))
        with closing(Outgoing(tmp_path, "later")) as later:
            assert [message.seq for message in later.waiting()] == list(range(21 - KEEP, 21))
            followed(book, range(START + 20, START + 40))
            assert [message.seq for message in later.waiting()] == list(range(21 - KEEP, 41))


def test_consumer_that_takes_nothing_holds_only_so_many_messages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alerts, "MOST_HELD", 8)
    with begun(tmp_path, depth=2, keep_blocks=KEEP) as book, closing(Outgoing(tmp_path, "gone")) as gone:
        followed(book, range(START, START + 30))
        assert [message.seq for message in gone.waiting()] == list(range(23, 31))


def test_numbers_of_messages_are_not_given_again_when_all_are_gone(tmp_path: Path) -> None:
    with begun(tmp_path, depth=2, keep_blocks=KEEP) as book, closing(Outgoing(tmp_path, "one")) as one:
        followed(book, range(START, START + 3), one)
        for number in range(START + 3, START + 20):
            book.write(entry(number))
        assert there(tmp_path) == []
    with Book.open(tmp_path, CHAIN_ID, depth=2, keep_blocks=KEEP) as book, closing(Outgoing(tmp_path, "one")) as one:
        followed(book, range(START + 20, START + 21))
        assert [message.seq for message in one.waiting()] == [4]


def test_alert_that_is_told_again_after_a_reorganisation_stays_as_long_as_its_telling(tmp_path: Path) -> None:
    old = alert(START, 1)
    with begun(tmp_path, depth=2, keep_blocks=KEEP) as book:
        book.write(entry(START, [(1, 9000)], [old]))
        for number in range(START + 1, START + 20):
            book.write(entry(number))
        book.write(entry(START + 20, [], [], [Ended(old.id, "cleared")]))
        assert book.roll_back(START + 19, time_of(START + 20)) == ([], [old])
        for number in range(START + 20, START + 20 + KEEP):
            book.write(entry(number))
            assert there(tmp_path) == [START]
        book.write(entry(START + 20 + KEEP))
        assert there(tmp_path) == []
