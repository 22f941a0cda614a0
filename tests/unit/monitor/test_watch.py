"""A watch over a recorded chain: exact statistics, alerts, where it begins and ends."""

from __future__ import annotations

from pathlib import Path

import pytest
from ingestion.evm.conftest import LENGTH

from anomalyhive.errors import BadSetting
from anomalyhive.monitor.models import Learned
from anomalyhive.monitor.reading import WatchReader
from monitor.learnt import Given
from monitor.recorded import Forks, Node, assert_exact, to_the_end, watching
from monitor.watchbooks import content


def test_step_by_step_gives_the_statistics_and_scores_of_all_blocks_at_once(
    forks: Forks, tmp_path: Path, model: Learned
) -> None:
    with watching(Node(forks[0]), tmp_path, Given(model), most=7) as watch:
        steps = to_the_end(watch)
    assert [len(one.blocks) for one in steps] == [7] * 8 + [4]
    assert [one.number for step in steps for one in step.blocks] == list(range(LENGTH))
    assert_exact(tmp_path, model, forks[0], LENGTH)
    with WatchReader(tmp_path) as reader:
        head = reader.head()
        assert head is not None
        assert head.hash == forks[0].blocks[LENGTH - 1]["hash"]
        assert (head.transactions, head.addresses, head.scored) == (1, 2, 2)
        about = reader.about()
        assert (about.model, about.round, about.threshold_bp) == (model.digest, 1, 5000)


def test_alerts_are_of_called_addresses_with_their_transactions_and_reasons(
    forks: Forks, tmp_path: Path, model: Learned
) -> None:
    with watching(Node(forks[0]), tmp_path, Given(model), reasons=3, life=10**6) as watch:
        raised = [one for step in to_the_end(watch) for one in step.alerts]
    assert raised
    for one in raised:
        block = forks[0].blocks[one.block_number]
        assert one.block_hash == block["hash"]
        touching = [
            each["hash"] for each in block["transactions"]
            if one.address in (each["from"], each["to"], forks[0].receipts[each["hash"]]["contractAddress"])
        ]  # fmt: skip
        moved = [
            log["transactionHash"] for each in block["transactions"] for log in forks[0].receipts[each["hash"]]["logs"]
            if any(one.address[2:] in topic for topic in log["topics"])
        ]  # fmt: skip
        assert set(one.transactions) == set(touching) | set(moved)
        assert one.probability_bp >= 5000
        assert len(one.reasons) == 3
        assert one.expires_at == int(block["timestamp"], 16) + 10**6
    assert len({one.address for one in raised}) == len(raised)


def test_watch_that_is_closed_and_opened_between_steps_gives_the_same_book(
    forks: Forks, tmp_path: Path, model: Learned
) -> None:
    node = Node(forks[0])
    while True:
        with watching(node, tmp_path / "often", Given(model), most=5) as watch:
            if watch.step().idle:
                break
    with watching(node, tmp_path / "once", Given(model)) as watch:
        to_the_end(watch)
    assert content(tmp_path / "often") == content(tmp_path / "once")


def test_until_is_the_last_block(forks: Forks, tmp_path: Path, model: Learned) -> None:
    with watching(Node(forks[0]), tmp_path, Given(model)) as watch:
        happened = watch.step(until=11)
        assert [one.number for one in happened.blocks] == list(range(12))
        assert happened.idle
        assert watch.step(until=11).blocks == []


def test_open_of_a_watch_that_begins_elsewhere_is_refused(forks: Forks, tmp_path: Path, model: Learned) -> None:
    node = Node(forks[0])
    with watching(node, tmp_path, Given(model), start=5) as watch:
        watch.step()
    for other in ({"start": 6}, {"start": None, "chunks": tmp_path}):
        with pytest.raises(BadSetting, match="leave"), watching(node, tmp_path, Given(model), **other):
            pass
    with watching(node, tmp_path, Given(model), start=None) as watch:
        assert watch.next == LENGTH


def test_open_without_a_first_block_begins_at_the_last(forks: Forks, tmp_path: Path, model: Learned) -> None:
    with watching(Node(forks[0], head=20), tmp_path, Given(model), start=None) as watch:
        assert [one.number for one in watch.step().blocks] == [20]
