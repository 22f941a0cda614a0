"""Print how well boost learns from chunks of raw transactions, beside LightGBM on pooled rows of the same statistics.

    python scripts/bench_raw.py FOLDER [--labels FOLDER/labels.csv.gz] [--seeds 3] [--rounds 40]
                                [--era 2017-03-01:2018-03-31] [--detectors half_space_trees]

FOLDER holds the chunks. Each seed keeps other accounts apart, by address. Average precision on all test accounts and on
those that first acted in the era, absolute and as a part of LightGBM's, as means over the seeds; then what nodes
reach that keep their own chunk's accounts to themselves. The chunks are counted once, and no chain is started: the
bits are the same.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from lightgbm import LGBMClassifier
from rich.console import Console
from rich.table import Table as Shown

from anomalyhive.core.features import from_image, to_image
from anomalyhive.core.learner import Integers, Rows
from anomalyhive.core.learners import get_learner
from anomalyhive.evaluation.quality import average_precision
from anomalyhive.federation.counting import ask, count
from anomalyhive.federation.gathering import gather
from anomalyhive.federation.rows import Shared
from anomalyhive.federation.seeds import task_seed
from anomalyhive.federation.settings import Settings
from anomalyhive.metrics.chunks import find_chunks
from anomalyhive.protocol.hashing import round_seed
from anomalyhive.raw.labelling import LABEL_COLUMN
from anomalyhive.tables import Table

MARKS = (5, 10, 20, 30, 40, 60)


def precisions(scores: Integers, shared: Shared) -> tuple[float, float]:
    """Average precision on all test rows, and on those of the era."""
    assert shared.raw is not None
    era = np.array(shared.raw.era, dtype=np.int64)
    both = average_precision(scores, shared.test.labels), average_precision(scores[era], shared.test.labels[era])
    assert both[0] is not None
    assert both[1] is not None
    return both[0], both[1]


def federated(shared: Shared, seed: int, rounds: int) -> Iterator[tuple[float, float]]:
    """Both precisions after each round."""
    learner = get_learner("boost")
    state = learner.initial(len(shared.test.columns), {})
    shards = [Rows(shard.features, shard.labels) for shard in shared.shards]
    for number in range(1, rounds + 1):
        plan = learner.propose(state, round_seed(task_seed(seed), number))
        state = learner.absorb(state, plan, np.sum([learner.contribute(plan, rows) for rows in shards], axis=0))
        yield precisions(learner.logits(state, shared.test.features), shared)


def lightgbm(train: Table, shared: Shared) -> tuple[float, float]:
    """Both precisions of LightGBM with its own defaults."""
    model = LGBMClassifier(verbose=-1, n_jobs=1, random_state=0)
    model.fit(from_image(train.features), train.labels)
    margins = np.asarray(model.predict(from_image(shared.test.features), raw_score=True), dtype=np.float64)
    return precisions(to_image(margins), shared)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--labels", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--era", default="2017-03-01:2018-03-31")
    parser.add_argument("--detectors", nargs="*", default=[], help="as further columns, of public nodes alone")
    options = parser.parse_args()
    console = Console(width=max(100, Console().width))
    began = time.perf_counter()
    chunks = find_chunks(options.folder)
    settings = Settings(
        data="",
        shards=str(options.folder),
        labels=str(options.labels or options.folder / "labels.csv.gz"),
        label=LABEL_COLUMN,
        nodes=len(chunks),
        rounds=options.rounds,
        era=options.era,
        detectors=tuple(options.detectors),
    )
    counted = count(ask(settings))
    console.print(f"{len(chunks)} chunks counted in {time.perf_counter() - began:.1f} s")
    found: dict[str, list[list[tuple[float, float]]]] = {"public": [], "private": []}
    peers: dict[str, list[tuple[float, float]]] = {"whole histories": [], "own chunks' rows, pooled": []}
    for seed in range(options.seeds):
        shared = gather(replace(settings, seed=seed), console.print, counted)
        found["public"].append(list(federated(shared, seed, options.rounds)))
        peers["whole histories"].append(lightgbm(shared.pooled, shared))
        private = gather(replace(settings, seed=seed, private=True, detectors=()), console.print, counted)
        found["private"].append(list(federated(private, seed, options.rounds)))
        peers["own chunks' rows, pooled"].append(lightgbm(private.pooled, private))
    table = Shown("model", "round", "all", "of LightGBM", "era", "of LightGBM")
    reference = np.mean(peers["whole histories"], axis=0)
    for name, pairs in peers.items():
        mean = np.mean(pairs, axis=0)
        table.add_row(f"LightGBM, {name}", "", *_cells(mean, reference))
    for name, runs in found.items():
        for mark in (*(one for one in MARKS if one < options.rounds), options.rounds):
            mean = np.mean([run[mark - 1] for run in runs], axis=0)
            table.add_row(f"federated, {name}", str(mark), *_cells(mean, reference))
    console.print(table)


def _cells(mean: np.ndarray[tuple[int, ...], np.dtype[np.float64]], reference: object) -> list[str]:
    parts = mean / np.asarray(reference)
    return [text for one, part in zip(mean, parts, strict=True) for text in (f"{one:.4f}", f"{part:.4f}")]


if __name__ == "__main__":
    main()
