"""A watch over a recorded chain that is served by HTTP: exact statistics, reorganisations, restarts, bad answers."""

from __future__ import annotations

import copy
import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from ingestion.clock import Clock
from ingestion.evm.conftest import ANVIL, COMMON, LENGTH
from ingestion.recordings import Recording
from ingestion.serving import Reply, rpc, serving

from anomalyhive.errors import BadSetting, ChainFailure, Failure
from anomalyhive.ingestion.evm.source import EvmSource
from anomalyhive.ingestion.transport import JsonRpc
from anomalyhive.metrics.events import event_table
from anomalyhive.metrics.features import rows_of
from anomalyhive.metrics.partial import partials
from anomalyhive.monitor.book import Book
from anomalyhive.monitor.models import Learned
from anomalyhive.monitor.packing import unpack
from anomalyhive.monitor.reading import WatchReader
from anomalyhive.monitor.schema import FILE
from anomalyhive.monitor.statistics import Statistics
from anomalyhive.monitor.watch import Happened, Watch, WatchSettings
from anomalyhive.raw.joining import engine
from monitor.learnt import Given, learnt
from monitor.test_book import content

Forks = tuple[Recording, Recording]


Change = Callable[[str, Any, Any], Any]


def as_it_is(method: str, params: Any, answer: Any) -> Any:
    return answer


class Node:
    """A node whose chain a test sets: a recording up to a head, and what is changed of its answers."""

    def __init__(self, recording: Recording, head: int = LENGTH - 1) -> None:
        self.recording, self.head = recording, head
        self.change: Change = as_it_is

    def __call__(self, method: str, params: Any) -> Any:
        if method == "eth_blockNumber":
            return self.change(method, params, hex(self.head))
        if method in ("eth_getBlockByNumber", "eth_getBlockReceipts") and int(params[0], 16) > self.head:
            return None
        self.recording.by_block = True
        return self.change(method, params, copy.deepcopy(self.recording(method, params)))


@contextmanager
def watching(node: Node, folder: Path, models: Given, others: tuple[str, ...] = (), **settings: Any) -> Iterator[Watch]:
    """A watch over a node, from block 0."""
    with serving(rpc(node)) as served:
        client = JsonRpc([served.url, *others], workers=2, patience=Clock().patience())
        with closing(EvmSource(client, ANVIL)) as source:
            chosen = WatchSettings(**{"start": 0, **settings})
            with closing(Watch.open(folder, ANVIL, source, models, chosen)) as watch:
                yield watch


def to_the_end(watch: Watch, most: int = 200) -> list[Happened]:
    """Step until there is nothing more to do."""
    found = []
    for _ in range(most):
        found.append(watch.step())
        if found[-1].idle:
            return found
    raise AssertionError("the watch does not come to rest")


def tables(recording: Recording, numbers: range) -> list[pa.Table]:
    """Transactions and token transfers of recorded blocks, as ingestion reads them."""
    recording.by_block = True
    with serving(rpc(recording)) as served, closing(EvmSource(JsonRpc([served.url]), ANVIL)) as source:
        blocks = list(source.blocks(numbers))
    return [
        pa.Table.from_batches([one.rows[name] for one in blocks if name in one.rows])  # type: ignore[union-attr, list-item]
        for name in ("transactions", "token_transfers")
    ]


def assert_exact(
    folder: Path, learned: Learned, recording: Recording, stop: int, without: tuple[int, ...] = ()
) -> None:
    """All statistics in the book, as readers have them too, and the scores by them, are those of the blocks at once."""
    events = event_table(*tables(recording, range(stop)))
    for number in without:
        events = events.filter(pa.compute.not_equal(events["block_number"], number))
    compact = partials(engine(), events, 0, stop).compact
    due, rows = Statistics.of_compact(compact), rows_of(compact)
    with Book.open(folder, ANVIL.chain_id or 0, ANVIL.finality) as book:
        found = unpack(due.addresses, book.states(due.addresses))
    assert (found.values == due.values).all()
    assert (found.ranks == due.ranks).all()
    database = sqlite3.connect(folder / FILE)
    assert database.execute("SELECT count(*) FROM accounts").fetchone() == (len(due.addresses),)
    database.close()
    points = learned.opinion(due.features()).points
    with WatchReader(folder) as reader:
        latest = [reader.latest(address) for address in due.addresses]
        shown = [reader.statistics(address) for address in rows.addresses]
    assert shown == [list(zip(rows.names, row, rows.units, strict=True)) for row in rows.features.tolist()]
    assert [None if one is None else one.probability_bp for one in latest] == points


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


def switched(forks: Forks, folder: Path, model: Learned, at: int, most: int, back: bool = False) -> list[Happened]:
    """Follow the first fork to a height, then the second to the end; if ``back``, the first again in between."""
    node = Node(forks[0], head=at)
    with watching(node, folder, Given(model), most=most, step_bp=1) as watch:
        steps = to_the_end(watch)
        for other in (1, 0, 1) if back else (1,):
            node.recording = forks[other]
            steps += to_the_end(watch)
        node.head = LENGTH - 1
        return steps + to_the_end(watch)


@pytest.mark.parametrize("seed", range(5))
def test_reorganisation_leaves_the_book_of_one_that_saw_the_last_chain_alone(
    forks: Forks, tmp_path: Path, model: Learned, seed: int
) -> None:
    draw = random.Random(seed)
    at, most = COMMON - 1 + draw.randrange(1, ANVIL.finality + 1), draw.choice([1, 3, 64])
    steps = switched(forks, tmp_path / "switched", model, at, most, back=seed % 2 == 1)
    assert [one.rolled_back for one in steps if one.rolled_back is not None] == [COMMON - 1] * (3 if seed % 2 else 1)
    with watching(Node(forks[1]), tmp_path / "straight", Given(model), step_bp=1) as watch:
        to_the_end(watch)
    found, due = (content(tmp_path / name) for name in ("switched", "straight"))
    # What was told of orphaned blocks stays as withdrawn; nothing of it is live.
    orphaned = [row for row in found["alerts"] if "orphaned" in row]
    found["alerts"] = [row for row in found["alerts"] if "orphaned" not in row]
    assert found == due
    hashes = {block["hash"] for block in forks[1].blocks.values()}
    assert not {row[0] for row in orphaned} & {row[0] for row in found["alerts"]}
    with WatchReader(tmp_path / "switched") as reader:
        assert all(one.alert.block_hash in hashes for one in reader.alerts(state="live", limit=1000))
    assert_exact(tmp_path / "switched", model, forks[1], LENGTH)


def test_reorganisation_deeper_than_finality_is_refused_and_changes_nothing(
    forks: Forks, tmp_path: Path, model: Learned
) -> None:
    node = Node(forks[0], head=COMMON + ANVIL.finality + 3)
    with watching(node, tmp_path, Given(model)) as watch:
        to_the_end(watch)
        before = content(tmp_path)
        node.recording, node.head = forks[1], LENGTH - 1
        with pytest.raises(Failure, match=r"can go back to.*begin anew"):
            to_the_end(watch)
    assert content(tmp_path) == before


def test_chain_that_became_shorter_on_another_fork_withdraws_its_alerts_at_once(
    forks: Forks, tmp_path: Path, model: Learned
) -> None:
    node = Node(forks[0], head=COMMON + 2)
    eager = replace(model, threshold=replace(model.threshold, bp=1))
    with watching(node, tmp_path, Given(eager)) as watch:
        to_the_end(watch)
        late = [one for one in watch.book.live() if one.block_number >= COMMON]
        node.recording, node.head = forks[1], COMMON
        happened = watch.step()
    assert happened.rolled_back == COMMON - 1
    assert late
    assert {one.alert_id for one in happened.withdrawals} == {one.id for one in late}
    assert {one.why for one in happened.withdrawals} == {"orphaned"}


def test_node_that_claims_blocks_that_there_are_not_costs_time_alone(
    forks: Forks, tmp_path: Path, model: Learned
) -> None:
    node = Node(forks[0], head=COMMON + 2)
    claims = [1 << 62]
    node.change = lambda method, _, answer: hex(claims[0]) if method == "eth_blockNumber" else answer
    with watching(node, tmp_path, Given(model)) as watch:
        happened = watch.step()
        assert len(happened.blocks) == COMMON + 2  # the request for the last one asks for others, too
        assert "does not have the block yet" in happened.problems[0]
        with pytest.raises(ChainFailure, match="does not have the block yet"):
            watch.step()
        # What it took back of the blocks that there were is whole all the same.
        node.recording, claims[0] = forks[1], COMMON + 2
        to_the_end(watch)
    assert_exact(tmp_path, model, forks[1], COMMON + 3)


def test_node_that_lags_behind_takes_nothing_back(forks: Forks, tmp_path: Path, model: Learned) -> None:
    node = Node(forks[0], head=COMMON + 2)
    with watching(node, tmp_path, Given(model)) as watch:
        to_the_end(watch)
        node.head = COMMON - 3
        happened = watch.step()
        assert (happened.rolled_back, happened.idle, happened.blocks) == (None, True, [])
        node.head = LENGTH - 1
        to_the_end(watch)
    assert_exact(tmp_path, model, forks[0], LENGTH)


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


def bent(number: int, times: int) -> Change:
    """Answers in which the first transaction of a block has another value, so many times."""
    left = [times]

    def change(method: str, params: Any, answer: Any) -> Any:
        if method == "eth_getBlockByNumber" and params[0] == hex(number) and params[1] and left[0]:
            left[0] -= 1
            answer["transactions"][0]["value"] = "0x7"
        return answer

    return change


def test_block_that_is_wrong_once_is_read_again(forks: Forks, tmp_path: Path, model: Learned) -> None:
    node = Node(forks[0])
    node.change = bent(9, times=2)
    with watching(node, tmp_path, Given(model)) as watch:
        assert not any(one.quarantined for step in to_the_end(watch) for one in step.blocks)
    assert_exact(tmp_path, model, forks[0], LENGTH)


def test_block_that_stays_wrong_is_set_aside_with_the_reason_and_nothing_of_it_counted(
    forks: Forks, tmp_path: Path, model: Learned
) -> None:
    node = Node(forks[0])
    node.change = bent(9, times=1000)
    with watching(node, tmp_path, Given(model)) as watch:
        rows = [one for step in to_the_end(watch) for one in step.blocks]
        assert watch.step().rolled_back is None
    assert [one.number for one in rows if one.quarantined] == [9]
    assert "transaction" in rows[9].quarantined
    assert (rows[9].transactions, rows[9].addresses) == (0, 0)
    with WatchReader(tmp_path) as reader:
        assert reader.blocks(9, 10)[0].quarantined == rows[9].quarantined
    assert_exact(tmp_path, model, forks[0], LENGTH, without=(9,))


def test_block_that_cannot_be_read_is_set_aside_and_the_chain_goes_on(
    forks: Forks, tmp_path: Path, model: Learned
) -> None:
    node = Node(forks[0], head=9)
    node.change = lambda method, params, answer: (
        {"number": "nine"} if method == "eth_getBlockByNumber" and params == [hex(9), True] else answer
    )
    with watching(node, tmp_path, Given(model)) as watch:
        rows = [one for step in to_the_end(watch) for one in step.blocks]
        assert (rows[-1].hash, bool(rows[-1].quarantined)) == ("", True)
        assert watch.step().rolled_back is None
        node.head = LENGTH - 1
        to_the_end(watch)
    assert_exact(tmp_path, model, forks[0], LENGTH, without=(9,))


def test_block_that_never_follows_is_a_problem_and_then_a_failure(forks: Forks, tmp_path: Path, model: Learned) -> None:
    node = Node(forks[0], head=COMMON + 2)
    with watching(node, tmp_path, Given(model)) as watch:
        to_the_end(watch)
        # Blocks of the one fork and hashes of the other: endpoints that are at odds.
        node.head = COMMON + 3
        node.change = lambda method, params, answer: (
            forks[1](method, params) if params and params[0] == hex(COMMON + 3) else answer
        )
        happened = watch.step()
        assert happened.idle
        assert "does not follow: parent hash" in happened.problems[0]
        with pytest.raises(ChainFailure, match="all endpoints are of one chain"):
            [watch.step() for _ in range(20)]
        node.change = as_it_is
        to_the_end(watch)
    assert_exact(tmp_path, model, forks[0], COMMON + 4)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(b"", 503),
        Reply(b"<html>", 200),
        Reply(b"[" * 100_000, 200),
        Reply(b'{"jsonrpc":"2.0","id":0,"result":"0x1"}', cut=10),
        Reply(b"slow down", 429, {"Retry-After": "1"}),
    ],
    ids=["down", "html", "deep", "cut", "limited"],
)
def test_endpoint_that_misbehaves_beside_a_good_one_changes_nothing(
    forks: Forks, tmp_path: Path, model: Learned, reply: Reply
) -> None:
    def answer(path: str, asked: Any, headers: Any) -> Reply:
        return reply

    with (
        serving(answer) as bad,
        watching(Node(forks[0]), tmp_path, Given(model), others=(bad.url,)) as watch,
    ):
        to_the_end(watch)
    assert_exact(tmp_path, model, forks[0], LENGTH)


def test_newer_model_judges_addresses_with_live_alerts_anew(
    forks: Forks, tmp_path: Path, model: Learned, newer: Learned
) -> None:
    models = Given(model)
    with watching(Node(forks[0]), tmp_path, models) as watch:
        to_the_end(watch)
        old = {one.address: one for one in watch.book.live()}
        assert old
        models.learned = newer
        happened = watch.step()
        now = {one.address: one for one in watch.book.live()}
        assert watch.step().alerts == []
    due = unpacked(tmp_path, sorted(old))
    opinion = newer.opinion(due.features())
    for address, points, called in zip(due.addresses, opinion.points, opinion.called.tolist(), strict=True):
        if called:
            assert (now[address].model, now[address].round) == (newer.digest, 2)
            assert now[address].probability_bp == points
            assert now[address].transactions == old[address].transactions
            assert now[address] in happened.alerts
        elif points < newer.threshold.cleared_bp:
            assert address not in now
            assert old[address].id in {one.alert_id for one in happened.withdrawals if one.why == "cleared"}
        else:
            assert now[address] == old[address]
    with WatchReader(tmp_path) as reader:
        assert reader.about().model == newer.digest


def unpacked(folder: Path, addresses: list[str]) -> Statistics:
    with Book.open(folder, ANVIL.chain_id or 0, ANVIL.finality) as book:
        return unpack(addresses, book.states(addresses))


def test_model_that_cannot_be_had_is_a_problem_and_the_one_before_judges(
    forks: Forks, tmp_path: Path, model: Learned
) -> None:
    models = Given(model)
    with watching(Node(forks[0]), tmp_path, models, most=30) as watch:
        watch.step()
        models.learned = Failure("the content is not there yet")
        happened = watch.step()
        assert "not there yet" in happened.problems[0]
        assert len(happened.blocks) == 30
    assert_exact(tmp_path, model, forks[0], LENGTH)


def test_model_that_cannot_be_had_at_first_is_a_failure(forks: Forks, tmp_path: Path, model: Learned) -> None:
    models = Given(model)
    models.learned = Failure("no final round yet")
    with watching(Node(forks[0]), tmp_path, models) as watch, pytest.raises(Failure, match="no final round"):
        watch.step()


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


def test_threshold_of_each_model_is_its_own(forks: Forks, tmp_path: Path) -> None:
    shy = learnt(1, threshold=10_000)
    with watching(Node(forks[0]), tmp_path, Given(shy)) as watch:
        assert [one for step in to_the_end(watch) for one in step.alerts] == []
