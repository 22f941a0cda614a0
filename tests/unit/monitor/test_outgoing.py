"""The queue: in order, from a cursor that outlasts the consumer, while the watch writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from anomalyhive.errors import BadInput
from anomalyhive.monitor.alert import Alert, Withdrawal
from anomalyhive.monitor.entries import Ended
from anomalyhive.monitor.outgoing import Outgoing
from monitor.watchbooks import START, alert, begun, entry, filled


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
