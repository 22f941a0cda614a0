"""A store that is empty, and one root of every kind."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from anomalyhive.content import (
    Dataset,
    DirectoryStore,
    Labels,
    Model,
    Partial,
    Spec,
    SpecShard,
    Sum,
    Update,
    Verdict,
    Weights,
    digest_of,
)
from anomalyhive.content.kinds import Contents, Export, Log, ProvenCode

HIVE = bytes(range(20))
OWNER = bytes(range(100, 120))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[DirectoryStore]:
    """In memory where there is a memory file system: thousands of blocks, each synced, would wait for the disk."""
    memory = Path("/dev/shm")  # noqa: S108 # the directory made in it has a random name and our rights alone
    if not os.access(memory, os.W_OK):
        yield DirectoryStore(tmp_path / "store")
        return
    with tempfile.TemporaryDirectory(prefix="anomalyhive-test-", dir=memory) as directory:
        yield DirectoryStore(Path(directory) / "store")


def one_of_each() -> dict[str, Any]:
    """One small valid instance of every kind; links point to digests that need not exist."""
    some = [digest_of(bytes([index])) for index in range(6)]
    vector = np.array([3, -4, 0, 70_000, -1], dtype=np.int64)
    place = {"chain": 31337, "hive": HIVE, "task": 1}
    return {
        "labels": Labels(("0xaa", "0xbb"), np.array([1, 0])),
        "partial": Partial(3, some[4], 100, 200, some[5], (b"one bucket", b"")),
        "dataset": Dataset(
            ("amount", "größe"), np.array([[1, -2], [3, 4], [5, 1 << 62]]), np.array([0, 1, 1]), ("a", "", "c")
        ),
        "spec": Spec(
            name="fraud",
            learner="boost",
            params={"depth": 6, "trees": 128},
            columns=("amount", "age"),
            label="fraud",
            id=None,
            mode="public",
            shards=(SpecShard(10, some[0]), SpecShard(0, some[1])),
            recheck=2500,
        ),
        "update": Update(**place, round=2, shard=3, author=7, owner=OWNER, base=some[0], rows=12, vector=vector),
        "sum": Sum(**place, round=2, updates=(some[1], some[0]), commitment=bytes(96), vector=vector),
        "model": Model(**place, round=2, parent=some[0], spec=some[1], sum=some[2], weights=some[3]),
        "weights": Weights(
            "boost",
            {"depth": 6},
            {"trees": [np.arange(6).reshape(2, 3), {"note": "x", "raw": b"\x00"}], "round": -3},
        ),
        "verdict": Verdict(
            **place, round=2, author=9, seat=4, scores=b"\x00\xff\x01", reasons={0: "opens no commitment"}
        ),
        "contents": Contents((some[1], some[0])),
        "log": Log(7, 300, b"records" * 3),
        "export": Export(
            chain=31337,
            token=OWNER,
            registry=bytes(20),
            hive=HIVE,
            verify_sums=True,
            code={
                name: ProvenCode(name.encode(), (b"node", bytes(532)))
                for name in ("token", "registry", "rules", "hive")
            },
            log=(some[0], some[1]),
            contents=(some[2],),
        ),
    }


@pytest.fixture
def kinds() -> dict[str, Any]:
    return one_of_each()
