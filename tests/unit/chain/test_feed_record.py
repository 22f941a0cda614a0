"""The feeds of a hive in a file beside its deployment record."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from anomalyhive.chain.deployment import Deployment
from anomalyhive.chain.feed_record import Known, known_feeds, place_of, remember
from anomalyhive.errors import ChainFailure

from .feeds import RULES, subject

HERE = Deployment(31337, subject(1), subject(2), subject(3), 0, True, {})
FEED = Known(subject(7), 4, 12, b"\x01" * 32, RULES)


def test_remember_writes_a_feed_down_once_and_keeps_the_others(tmp_path: Path) -> None:
    record = tmp_path / "deployment.json"
    assert known_feeds(record, HERE) == []
    other = replace(FEED, address=subject(8), task=5, salt=bytes(32))
    assert [remember(record, HERE, one) for one in (FEED, other, FEED)] == [True, True, False]
    assert known_feeds(record, HERE) == [FEED, other]
    assert place_of(record) == tmp_path / "deployment.feeds.json"


def test_known_feeds_of_another_hive_or_chain_are_refused(tmp_path: Path) -> None:
    record = tmp_path / "anvil.json"
    remember(record, HERE, FEED)
    for other in (replace(HERE, hive=subject(9)), replace(HERE, chain_id=137)):
        with pytest.raises(ChainFailure, match=r"anvil\.feeds\.json is of hive 0x.* on chain 31337"):
            known_feeds(record, other)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"task": 4', '"task": "four"'),
        ('"block": 12', '"block": null'),
        (subject(7), "0x12"),
        ('"posts": 3,', ""),
        ('"posts": 3', '"pests": 3'),
        ("0x0101", "0xzz01"),
        ('"feeds"', '"seeds"'),
        ("{", "["),
    ],
)
def test_known_feeds_of_a_damaged_file_names_it(tmp_path: Path, before: str, after: str) -> None:
    record = tmp_path / "deployment.json"
    remember(record, HERE, FEED)
    path = place_of(record)
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after, 1))
    with pytest.raises(ChainFailure, match=r"feeds\.json"):
        known_feeds(record, HERE)
