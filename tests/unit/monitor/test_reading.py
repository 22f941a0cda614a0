"""Readers of a book: pages, filters, stretches of time."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from anomalyhive.errors import BadSetting, Failure
from anomalyhive.metrics.features import FEATURES
from anomalyhive.monitor.reading import WatchReader
from monitor.watchbooks import START, address, alert, begun, entry, filled, time_of


@pytest.fixture
def reader(tmp_path: Path) -> WatchReader:
    filled(tmp_path)
    return WatchReader(tmp_path)


def test_head_and_blocks_are_the_last_and_a_range(reader: WatchReader) -> None:
    head = reader.head()
    assert head is not None
    assert head.number == START + 39
    assert [one.number for one in reader.blocks(START + 3, START + 6)] == [START + 3, START + 4, START + 5]
    assert [one.number for one in reader.blocks(0, limit=2)] == [START, START + 1]
    assert [one.number for one in reader.blocks(0, limit=2, newest=True)] == [START + 39, START + 38]


def test_head_before_the_first_block_is_none(tmp_path: Path) -> None:
    begun(tmp_path).close()
    with WatchReader(tmp_path) as reader:
        assert reader.head() is None
        assert reader.anomaly(10) == []
        assert reader.alerts() == []


def test_alerts_page_by_page_are_all_the_newest_first(reader: WatchReader) -> None:
    found, before = [], None
    while page := reader.alerts(limit=3, before=before):
        found += page
        before = page[-1].place
    assert [one.alert.block_number for one in found] == list(range(START + 35, START - 1, -5))


def test_alerts_by_state_address_category_and_text(reader: WatchReader) -> None:
    assert [one.alert.block_number for one in reader.alerts(state="withdrawn")] == [START]
    assert [one.ended_why for one in reader.alerts(state="expired")] == ["expired"]
    assert len(reader.alerts(state="live")) == 6
    assert [one.alert for one in reader.alerts(address=address(105))] == [alert(105, 105)]
    assert len(reader.alerts(category="phishing")) == 8
    assert reader.alerts(category="dex") == []
    assert [one.alert.block_number for one in reader.alerts(text=address(110)[4:20].upper())] == [110]
    assert len(reader.alerts(text="66 % of")) == 8
    assert reader.alerts(text="6_") == []
    assert reader.alerts(state="live", address=address(100)) == []


def test_alerts_of_a_range_of_blocks_are_those_raised_in_it(reader: WatchReader) -> None:
    assert [one.alert.block_number for one in reader.alerts(since=105, until=115)] == [110, 105]
    assert [one.alert.block_number for one in reader.alerts(since=131)] == [135]
    assert [one.alert.block_number for one in reader.alerts(until=105)] == [100]
    assert reader.alerts(since=106, until=110) == []


@pytest.mark.parametrize("limit", [0, -1, 1001])
def test_alerts_and_blocks_beyond_the_limit_are_refused(reader: WatchReader, limit: int) -> None:
    for ask in (
        lambda: reader.alerts(limit=limit),
        lambda: reader.blocks(0, limit=limit),
        lambda: reader.anomaly(limit),
    ):
        with pytest.raises(BadSetting, match=str(limit)):
            ask()


def test_alerts_of_an_unknown_state_are_refused(reader: WatchReader) -> None:
    with pytest.raises(BadSetting, match="asleep"):
        reader.alerts(state="asleep")


def test_alerts_of_texts_that_are_sql_find_nothing(reader: WatchReader) -> None:
    for text in ("' OR 1=1 --", "%", '"'):
        assert len(reader.alerts(text=text)) == (8 if text in ("%", '"') else 0)
        assert reader.alerts(address=text) == []
        assert reader.alert(text) is None
        assert reader.history(text) == []
        assert reader.latest(text) is None
        assert reader.statistics(text) is None


def test_anomaly_in_buckets_covers_every_block_once(reader: WatchReader) -> None:
    blocks = reader.blocks(0)
    for count in (1, 3, 7, 40, 1000):
        buckets = reader.anomaly(count)
        assert len(buckets) == min(count, 40)
        assert [one.from_block for one in buckets[1:]] == [one.to_block + 1 for one in buckets[:-1]]
        assert (buckets[0].from_time, buckets[-1].to_time) == (time_of(START), time_of(START + 39))
        for one in buckets:
            mine = [block for block in blocks if one.from_block <= block.number <= one.to_block]
            assert one.highest_bp == max(block.highest_bp for block in mine)
            assert one.mean_bp == sum(block.highest_bp for block in mine) // len(mine)
            assert one.alerts == sum(block.alerts for block in mine)
            assert one.highest_bp == next(b.highest_bp for b in mine if b.number == one.highest_block)


def test_anomaly_of_a_range_of_blocks_is_as_if_there_were_no_others(reader: WatchReader) -> None:
    buckets = reader.anomaly(4, 110, 118)
    assert [(one.from_block, one.to_block) for one in buckets] == [(110, 111), (112, 113), (114, 115), (116, 117)]
    assert (buckets[0].from_time, buckets[-1].to_time) == (time_of(110), time_of(117))
    assert [one.alerts for one in buckets] == [1, 0, 1, 0]
    assert reader.anomaly(4, START, START + 40) == reader.anomaly(4)
    assert reader.anomaly(4, 118, 110) == reader.anomaly(4, START + 40) == []


def test_reader_cannot_write(reader: WatchReader) -> None:
    with pytest.raises(Failure, match="readonly"):
        reader._rows("DELETE FROM alerts")


def test_latest_of_an_address_never_scored_is_none(tmp_path: Path) -> None:
    with begun(tmp_path) as book:
        book.write(entry(START, [(1, 10)]))
    with WatchReader(tmp_path) as reader:
        assert reader.latest(address(2)) is None
        latest = reader.latest(address(1))
        assert latest is not None
        assert (latest.probability_bp, latest.time, latest.address) == (10, time_of(START), address(1))


def test_statistics_are_those_after_the_last_block_in_the_order_of_the_features(tmp_path: Path) -> None:
    with begun(tmp_path) as book, WatchReader(tmp_path) as reader:
        assert reader.statistics(address(1)) is None
        book.write(entry(START, [(1, 10)]))
        book.write(entry(START + 1, [(1, 20), (2, 20)]))
        row = reader.statistics(address(1))
        assert row is not None
        assert [(name, unit) for name, _, unit in row] == [(one.name, one.unit) for one in FEATURES]
        assert [value for name, value, _ in row if name == "sent"] == [START + 1]
        assert all(type(value) is int for _, value, _ in row)
        book.roll_back(START, time_of(START + 1))
        row = reader.statistics(address(1))
        assert row is not None
        assert [value for name, value, _ in row if name == "sent"] == [START]
        assert reader.statistics(address(2)) is None


def test_statistics_that_are_damaged_are_a_failure_that_names_the_address(tmp_path: Path) -> None:
    one = entry(START, [(1, 10)])
    with begun(tmp_path) as book:
        book.write(replace(one, touched=[replace(one.touched[0], state=b"\x80")]))
    with WatchReader(tmp_path) as reader, pytest.raises(Failure, match=f"{address(1)}.*damaged"):
        reader.statistics(address(1))
