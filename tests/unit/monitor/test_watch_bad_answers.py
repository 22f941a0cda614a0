"""A watch whose endpoints give blocks that are wrong, do not follow or cannot be read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ingestion.evm.conftest import COMMON, LENGTH
from ingestion.serving import Reply, serving

from anomalyhive.errors import ChainFailure
from anomalyhive.monitor.models import Learned
from anomalyhive.monitor.reading import WatchReader
from monitor.learnt import Given
from monitor.recorded import Change, Forks, Node, as_it_is, assert_exact, to_the_end, watching


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
