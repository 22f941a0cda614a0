"""A watch whose chain is replaced, becomes shorter or is said to be longer than it is."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest
from ingestion.evm.conftest import ANVIL, COMMON, LENGTH

from anomalyhive.errors import ChainFailure, Failure
from anomalyhive.monitor.models import Learned
from anomalyhive.monitor.reading import WatchReader
from anomalyhive.monitor.watch import Happened
from monitor.learnt import Given
from monitor.recorded import Forks, Node, assert_exact, to_the_end, watching
from monitor.watchbooks import content


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
