"""Nodes in processes of their own, left alone."""

from __future__ import annotations

from pathlib import Path

from federations import summed

from .conftest import ROUNDS
from .settling import opened, start


def test_nodes_left_alone_learn_what_one_place_would_and_are_paid(ground: Path, tmp_path: Path) -> None:
    with opened(ground, tmp_path, ROUNDS) as hive:
        start(hive.nodes)
        hive.wait(lambda: hive.finals() == ROUNDS)
        assert hive.submitted() == [(number, shard) for number in range(1, ROUNDS + 1) for shard in (0, 1)]
        assert hive.weights() == summed(hive.settings)
        # Two rounds are claimed by the nodes themselves; each tells so once it is final on the chain.
        hive.wait(lambda: all(any(line["what"] == "rewarded" for line in one.told()) for one in hive.nodes[:3]))
        assert len(hive.events("Claimed")) >= 3
        assert [one.end() for one in hive.nodes] == [0] * 4
        report = hive.audit()
        assert report.holds, report.failures
        assert not [line for one in hive.nodes for line in one.told() if line["what"] in ("failed", "ended")]
