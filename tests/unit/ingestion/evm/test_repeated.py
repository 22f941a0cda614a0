"""A recording's blocks again and again (scripts/repeated.py): a chain that holds, checked as a node's is."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

from anomalyhive.ingestion.block import Block
from anomalyhive.ingestion.evm.decode import decode
from repeated import BEGINNING
from replay import Answers

REAL = Path(__file__).parents[3] / "resources" / "ingestion" / "evm" / "mainnet"


def recording(path: Path) -> Path:
    """Three real blocks, not of one chain, without receipts."""
    with gzip.open(path, "wt") as stream:
        for number in (9069000, 12244000, 17034869):
            with gzip.open(REAL / f"{number}.json.gz", "rt") as block:
                stream.write(json.dumps([json.load(block), []]) + "\n")
    return path


def test_places_give_blocks_with_hashes_and_roots_that_hold_linked_one_to_the_next(tmp_path: Path) -> None:
    answers = Answers(recording(tmp_path / "recording.gz"), repeat=4)
    assert len(answers.places) == BEGINNING + 4
    parent = None
    for number in range(BEGINNING, len(answers.places)):
        given = json.loads(answers.result("eth_getBlockByNumber", [hex(number), True]))
        made = decode(number, given, None)
        assert isinstance(made, Block)
        assert made.faults == ()
        assert {one["blockHash"] for one in given["transactions"]} == {given["hash"]}
        if parent is not None:
            assert made.parent_hash == parent
            assert made.number == number == int(given["transactions"][0]["blockNumber"], 16)
        parent = made.hash


def test_answers_beyond_the_last_block_are_null(tmp_path: Path) -> None:
    answers = Answers(recording(tmp_path / "recording.gz"), repeat=2)
    last = len(answers.places) - 1
    assert answers.result("eth_getBlockByNumber", [hex(last + 1), True]) == b"null"
    assert answers.result("eth_getBlockReceipts", [hex(last + 1)]) == b"null"
    assert json.loads(answers.result("eth_blockNumber", [])) == hex(last)
