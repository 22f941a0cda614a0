"""How well a federation learns from raw transactions, beside LightGBM on the pooled rows of the same statistics.

On the sample of the repository, without a chain: the bits are the same. `scripts/bench_raw.py` is for the whole set.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from federations import Quiet
from lightgbm import LGBMClassifier
from rawruns import raw

from anomalyhive.core.features import from_image, to_image
from anomalyhive.core.learner import Integers, Rows
from anomalyhive.core.learners import get_learner
from anomalyhive.evaluation.quality import average_precision
from anomalyhive.federation.counting import ask, count
from anomalyhive.federation.gathering import gather
from anomalyhive.federation.rows import Shared
from anomalyhive.federation.seeds import task_seed
from anomalyhive.protocol.hashing import round_seed

ROUNDS, SEEDS = 20, 2
SETTINGS = raw(drop=(), nodes=10, era="2017-03-01:2018-03-31")
Pair = tuple[float, float]
"""Average precision on all test accounts, and on those of the era."""


def precisions(scores: Integers, shared: Shared) -> Pair:
    assert shared.raw is not None
    era = list(shared.raw.era or ())
    every, some = average_precision(scores, shared.test.labels), average_precision(scores[era], shared.test.labels[era])
    assert every is not None
    assert some is not None
    return every, some


def federated(shared: Shared, seed: int) -> Pair:
    learner = get_learner("boost")
    state = learner.initial(len(shared.test.columns), {})
    for number in range(1, ROUNDS + 1):
        plan = learner.propose(state, round_seed(task_seed(seed), number))
        vectors = [learner.contribute(plan, Rows(one.features, one.labels)) for one in shared.shards]
        state = learner.absorb(state, plan, np.sum(vectors, axis=0))
    return precisions(learner.logits(state, shared.test.features), shared)


def pooled(shared: Shared) -> Pair:
    model = LGBMClassifier(verbose=-1, n_jobs=1, random_state=0)
    model.fit(from_image(shared.pooled.features), shared.pooled.labels)
    margins = np.asarray(model.predict(from_image(shared.test.features), raw_score=True), dtype=np.float64)
    return precisions(to_image(margins), shared)


@pytest.fixture(scope="module")
def means() -> dict[str, tuple[float, ...]]:
    """Means over seeds, each of which keeps other accounts apart."""
    counted = count(ask(SETTINGS))
    found: dict[str, list[Pair]] = {"public": [], "private": [], "LightGBM": []}
    for seed in range(SEEDS):
        settings = replace(SETTINGS, seed=seed)
        public = gather(settings, Quiet().stage, counted)
        found["public"].append(federated(public, seed))
        found["LightGBM"].append(pooled(public))
        found["private"].append(federated(gather(replace(settings, private=True), Quiet().stage, counted), seed))
    return {name: tuple(np.mean(pairs, axis=0).tolist()) for name, pairs in found.items()}


def test_federation_reaches_lightgbm_on_pooled_rows_on_all_accounts_and_on_those_of_the_era(
    means: dict[str, tuple[float, ...]],
) -> None:
    for ours, theirs in zip(means["public"], means["LightGBM"], strict=True):
        assert ours >= 0.99 * theirs
    assert means["public"][0] > 0.98
    assert means["public"][1] > 0.93


def test_nodes_that_see_their_own_chunks_alone_learn_less(means: dict[str, tuple[float, ...]]) -> None:
    for own, public in zip(means["private"], means["public"], strict=True):
        assert 0.85 < own < public
