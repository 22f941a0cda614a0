"""A model of raw transactions that learned from the sample in one place, without a chain."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa

from anomalyhive.core.learner import Rows
from anomalyhive.core.learners import get_learner
from anomalyhive.fusion.opinion import Judge
from anomalyhive.metrics.chunks import find_chunks
from anomalyhive.metrics.features import NAMES, AddressRows, rows
from anomalyhive.metrics.partial import partials
from anomalyhive.monitor.models import Learned
from anomalyhive.monitor.threshold import Threshold
from anomalyhive.raw.joining import as_images, engine

SAMPLE = Path(__file__).resolve().parents[3] / "data" / "ethereum-transactions"
THRESHOLD = 5000


@cache
def sample_rows() -> AddressRows:
    """The rows of all addresses of the sample."""
    chunks = find_chunks(SAMPLE)
    events = pa.concat_tables(chunk.events() for chunk in chunks)
    return rows(partials(engine(), events, chunks[0].start, chunks[-1].stop))


@cache
def learnt(rounds: int, threshold: int = THRESHOLD, columns: Sequence[str] = NAMES) -> Learned:
    """The model of so many rounds of boosting."""
    with (SAMPLE / "labels.csv").open() as file:
        known = {one["address"].lower(): int(one["flag"]) for one in csv.DictReader(file)}
    made = sample_rows()
    taken = [index for index, address in enumerate(made.addresses) if address in known]
    labels = np.array([known[made.addresses[index]] for index in taken], dtype=np.int64)
    given = Rows(as_images(made.features[taken], columns), labels)
    learner = get_learner("boost")
    state = learner.initial(len(columns), {"candidates": 32, "kept": 8})
    for number in range(rounds + 1):
        plan = learner.propose(state, hashlib.sha256(f"round {number}".encode()).digest())
        state = learner.absorb(state, plan, learner.contribute(plan, given))
    digest = hashlib.sha256(f"model {rounds} {threshold}".encode()).hexdigest()
    return Learned(
        digest, rounds, tuple(columns), Judge.of("boost", state, columns, (), raw=True), Threshold(threshold)
    )


class Given:
    """Models that a test sets; what is no model is raised."""

    def __init__(self, learned: Learned) -> None:
        self.learned: Learned | Exception = learned

    def latest(self) -> Learned:
        if isinstance(self.learned, Exception):
            raise self.learned
        return self.learned
