"""A tally in calldata that no encoder makes is refused, or counts what it says; it costs its sender alone (P6, P8)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import brownie
import pytest
from calldata import exchanged, flipped, send, tally_with_scores_first, words
from logs import logged
from outcomes import outcome_of
from refusals import refused
from stages import view

from anomalyhive.chain.views import Phase
from rehearsal import BASE, Rehearsal, Round

HEAD = 4
"""Words before the first array of a tally: task, round, where the updates are, where the scores are."""

ROW = 6
"""Words of an update: shard, node, digest, commitment."""

SCORES = {seat: [90, 80, 70, 60, 50] for seat in range(3)}


@pytest.fixture(scope="module")
def counting(deployed: Rehearsal, task: int) -> Round:
    """A round of five updates and three equal verdicts that is to be tallied."""
    return deployed.reach(task, Phase.TALLY, SCORES)


def tally(hive: Any, round_: Round) -> str:
    """The calldata that an encoder makes."""
    return str(hive.tally.encode_input(*round_.key, round_.rows, round_.scores))


def place(row: int, word: int) -> int:
    """Where a word of an update is in a tally's calldata."""
    return HEAD + 1 + ROW * row + word


# Dirty bits


@pytest.mark.parametrize("bit", [16, 64, 255])
@pytest.mark.parametrize("row", [0, 2, 4])
def test_tally_of_a_shard_with_a_bit_too_many_is_refused(
    hive: Any, counting: Round, stranger: Any, row: int, bit: int
) -> None:
    with refused("WrongUpdate", row + 2**bit):
        send(stranger, hive, flipped(tally(hive, counting), place(row, 0), bit))


@pytest.mark.parametrize("bit", [32, 64, 255])
def test_tally_of_a_node_with_a_bit_too_many_is_refused(hive: Any, counting: Round, stranger: Any, bit: int) -> None:
    with refused("WrongUpdate", 2):
        send(stranger, hive, flipped(tally(hive, counting), place(2, 1), bit))


@pytest.mark.parametrize(("at", "bit"), [(0, 64), (0, 255), (1, 32), (1, 255)])
def test_tally_of_a_task_or_round_with_a_bit_too_many_is_refused(
    hive: Any, counting: Round, stranger: Any, at: int, bit: int
) -> None:
    with brownie.reverts():
        send(stranger, hive, flipped(tally(hive, counting), at, bit))


# Arrays that are not where they say, or not as long

OUT_OF_BOUNDS: Mapping[str, Callable[[str], str]] = {
    "updates behind the end": lambda data: exchanged(data, 2, len(data) // 2),
    "updates at the end of all": lambda data: exchanged(data, 2, 2**256 - 32),
    "updates beyond 64 bits": lambda data: exchanged(data, 2, 2**64),
    "updates in the head": lambda data: exchanged(data, 2, 0),
    "updates a byte early": lambda data: exchanged(data, 2, 32 * HEAD - 1),
    "updates where the scores are": lambda data: exchanged(data, 2, words(data)[1][3]),
    "scores where the updates are": lambda data: exchanged(data, 3, 32 * HEAD),
    "scores behind the end": lambda data: exchanged(data, 3, len(data) // 2),
    "scores before the beginning": lambda data: exchanged(data, 3, 2**256 - 64),
    "one update more than there are": lambda data: exchanged(data, HEAD, 6),
    "updates to the end of the data": lambda data: exchanged(data, HEAD, 7),
    "updates past the end of the data": lambda data: exchanged(data, HEAD, 8),
    "as many updates as fit 64 bits": lambda data: exchanged(data, HEAD, 2**64 - 1),
    "so many that their size wraps": lambda data: exchanged(data, HEAD, 2**256 // (32 * ROW) + 1),
    "no updates": lambda data: exchanged(data, HEAD, 0),
    "one score string more": lambda data: exchanged(data, place(5, 0), 4),
    "no score strings": lambda data: exchanged(data, place(5, 0), 0),
    "a score string behind the end": lambda data: exchanged(data, place(5, 1), len(data) // 2),
    "a score string before the beginning": lambda data: exchanged(data, place(5, 1), 2**256 - 32),
    "a score string that is too long": lambda data: exchanged(data, -2, 2**64),
    "a score string that is longer than judged": lambda data: exchanged(data, -2, 6),
    "a score string that is shorter than judged": lambda data: exchanged(data, -2, 4),
    "another score": lambda data: flipped(data, -1, 255),
    "an end that is cut off by a byte": lambda data: data[:-66],
    "an end that is cut off in the middle": lambda data: data[: len(data) // 2],
    "a head alone": lambda data: data[: 2 + 2 * (4 + 32 * HEAD)],
    "a selector alone": lambda data: data[:10],
    "nothing": lambda _: "",
    "no function's": lambda data: "0xffffffff" + data[10:],
}


@pytest.mark.parametrize("name", OUT_OF_BOUNDS)
def test_tally_with_arrays_out_of_place_is_refused_and_changes_nothing(
    hive: Any, counting: Round, stranger: Any, name: str
) -> None:
    before = view(hive, counting)
    with brownie.reverts():
        send(stranger, hive, OUT_OF_BOUNDS[name](tally(hive, counting)))
    assert view(hive, counting) == before


SAME: Mapping[str, Callable[[Any, Round], str]] = {
    "bytes after the end": lambda hive, round_: tally(hive, round_) + "ff" * 333,
    "junk behind the score strings": lambda hive, round_: flipped(tally(hive, round_), -1, 0),
    "arrays in the other order": lambda hive, round_: tally_with_scores_first(hive.tally.signature, round_, False),
    "three strings that are one": lambda hive, round_: tally_with_scores_first(hive.tally.signature, round_, True),
}
"""Calldata that says the same in another way."""


@pytest.mark.parametrize("name", SAME)
def test_tally_that_says_the_same_in_another_way_counts_the_same(
    hive: Any, counting: Round, stranger: Any, name: str
) -> None:
    transaction = send(stranger, hive, SAME[name](hive, counting))
    assert logged(transaction, "RoundTallied") == [outcome_of(BASE, counting).event(counting)]
    assert [hive.medianOf(*counting.key, shard) for shard in range(5)] == SCORES[0]


# Arrays that are long


def test_rows_that_were_counted_before_cost_their_sender_alone(hive: Any, counting: Round, stranger: Any) -> None:
    rows, scores = counting.rows, counting.scores
    hive.tally(*counting.key, rows[:2], scores, {"from": stranger})
    transaction = hive.tally(*counting.key, rows[:1] * 1500 + rows, scores, {"from": stranger})
    assert logged(transaction, "RoundTallied") == [outcome_of(BASE, counting).event(counting)]


def test_row_that_is_there_twice_is_counted_once_or_refused(hive: Any, counting: Round, stranger: Any) -> None:
    rows = counting.rows
    with refused("WrongOrder", 0, 1):
        hive.tally(*counting.key, rows[:1] * 2 + rows[1:], counting.scores, {"from": stranger})
