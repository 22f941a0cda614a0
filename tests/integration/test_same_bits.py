"""The same bits for any split: whoever holds which rows, on whatever chain, with however many threads: one model.

Everything is held against the same learning in one place, where there is no split at all: every split without a chain,
and of those as many on chains that each number of nodes, each split, each chain and each way to start is among them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from federations import accounts, centralised, learned, run, summed
from hypothesis import given
from hypothesis import settings as how
from hypothesis import strategies as st

from anomalyhive.core.features import to_image
from anomalyhive.core.learner import Rows
from anomalyhive.federation.settings import Settings

PLAIN = accounts(nodes=1, validators=1, rounds=3)

COLUMN = "column:total Ether sent"
"""By a feature that tells much of the label: the shards are as unlike each other as real nodes' data may be."""


@pytest.fixture(scope="module")
def pooled_weights() -> list[str]:
    """The weights of every round, learned in one place."""
    return centralised(PLAIN)


def test_weights_in_one_place_differ_from_round_to_round_and_by_seed(pooled_weights: list[str]) -> None:
    # Otherwise the comparisons below would say nothing.
    assert len(set(pooled_weights)) == PLAIN.rounds
    assert set(centralised(replace(PLAIN, seed=1))).isdisjoint(pooled_weights[1:])


@pytest.mark.parametrize("split", ["random", "label", COLUMN])
@pytest.mark.parametrize("nodes", [1, 5, 20, 100])
def test_weights_of_summed_vectors_are_those_of_one_place(pooled_weights: list[str], nodes: int, split: str) -> None:
    assert summed(replace(PLAIN, nodes=nodes, split=split)) == pooled_weights


@st.composite
def tables(draw: st.DrawFn) -> tuple[Rows, list[int], int]:
    """A small table, the shard of each of its rows, and a seed; some shards may be empty."""
    columns, count = draw(st.integers(1, 4)), draw(st.integers(1, 30))
    # Few values, so that rows and cells collide, and the far ends of the floats.
    number = st.sampled_from([0.0, -0.0, 1.0, 1.5, 2.0, -3.0, 1e-300, 5e-324, -1e300, 1.7e308]) | st.floats(-1e9, 1e9)
    cells = draw(st.lists(number, min_size=columns * count, max_size=columns * count))
    labels = draw(st.lists(st.integers(0, 1), min_size=count, max_size=count))
    owners = draw(st.lists(st.integers(0, 5), min_size=count, max_size=count))
    rows = Rows(to_image(np.array(cells).reshape(count, columns)), np.array(labels, dtype=np.int64))
    return rows, owners, draw(st.integers(0, 2**32))


@how(deadline=None, derandomize=True, max_examples=40)
@given(tables())
def test_weights_of_any_rows_split_in_any_way_are_those_of_one_place(case: tuple[Rows, list[int], int]) -> None:
    rows, owners, seed = case
    shards = [np.flatnonzero(np.array(owners) == owner) for owner in range(6)]
    parts = [Rows(rows.features[part[::-1]], rows.labels[part[::-1]]) for part in shards]
    settings = replace(PLAIN, seed=seed, rounds=4)
    assert learned(settings, parts) == learned(settings, [rows])


@pytest.mark.parametrize(("nodes", "split"), [(1, "random"), (5, COLUMN), (20, "label")])
def test_weights_of_a_federation_are_those_of_one_place(
    tmp_path: Path, pooled_weights: list[str], nodes: int, split: str
) -> None:
    outcome = run(replace(PLAIN, nodes=nodes, split=split), tmp_path)
    assert [entry["accepted"] for entry in outcome.rounds] == [nodes] * PLAIN.rounds
    assert outcome.weights == pooled_weights


@pytest.mark.parametrize(("chain", "threads", "split"), [("anvil", 1, "label"), ("ganache", 2, "random")])
def test_weights_of_another_process_chain_and_number_of_threads_are_the_same(
    tmp_path: Path, pooled_weights: list[str], chain: str, threads: int, split: str
) -> None:
    settings = replace(PLAIN, nodes=5, split=split, chain=chain)
    report = _federate(settings, tmp_path, threads)
    assert [entry["weights"] for entry in report["rounds"]] == pooled_weights
    assert report["chain"]["sums_checked_on_chain"] is (chain == "anvil")


def _federate(settings: Settings, folder: Path, threads: int) -> dict[str, dict[str, object]]:
    """The report of a federation run by the command line with so many threads."""
    path = folder / "report.json"
    options = {
        "--data": settings.data,
        "--label": settings.label,
        "--id": settings.id,
        "--nodes": settings.nodes,
        "--validators": settings.validators,
        "--rounds": settings.rounds,
        "--split": settings.split,
        "--test-fraction": settings.test_fraction,
        "--chain": settings.chain,
        "--run": folder / "run",
        "--json": path,
    }
    limits = {f"{library}_NUM_THREADS": str(threads) for library in ("OMP", "OPENBLAS", "MKL", "RAYON")}
    subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, anomalyhive.cli; sys.exit(anomalyhive.cli.main())",
            "federate",
            *(str(part) for pair in options.items() for part in pair),
        ],
        env={**os.environ, **limits},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=180,
        check=True,
    )
    report: dict[str, dict[str, object]] = json.loads(path.read_text())
    return report
