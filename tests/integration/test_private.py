"""Private data mode on real accounts: who turns its labels around is rejected, who merely has skewed data is not.

The rule is held against many splits without a chain; one whole federation is run, audited and searched for rows.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from adversaries import Flipper, flipped
from federations import Outcome, accounts, centralised, pooled, run

from anomalyhive.content.kinds.fields import kind_of
from anomalyhive.core.learner import Rows
from anomalyhive.core.learners import get_learner
from anomalyhive.federation.casting import Cast
from anomalyhive.federation.rows import share_out
from anomalyhive.federation.seeds import task_seed
from anomalyhive.federation.settings import Settings
from anomalyhive.protocol.hashing import round_seed
from anomalyhive.roles.private_check import suspects
from anomalyhive.tables.recipes import ethereum_fraud
from anomalyhive.tables.table import Table

NODES = 10
FLIPPERS = frozenset({0, 4, 9})
"""Of the shards that are sorted by label, two have one class only and one the other."""

JUDGED_ROWS = 40
"""From so many rows on a shard with turned labels must be found; fewer may be odd by chance, and matter little."""


@pytest.fixture(scope="module")
def private(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A private federation on all 7,402 bundled accounts."""
    path = tmp_path_factory.mktemp("accounts") / "accounts.csv"
    ethereum_fraud.write_csv(path)
    return replace(accounts(nodes=NODES, validators=3, rounds=3, split="label", private=True), data=str(path))


def judged(shards: Sequence[Rows], own: Rows, liars: frozenset[int], seed: int, rounds: int = 3) -> list[set[int]]:
    """Whom a validator with these rows rejects in each round; the rest learn without the liars."""
    learner = get_learner("boost")
    state = learner.initial(own.features.shape[1], {})
    sizes = {shard: len(rows) for shard, rows in enumerate(shards)}
    found = []
    for number in range(1, rounds + 1):
        plan = learner.propose(state, round_seed(task_seed(seed), number))
        vectors = {
            shard: learner.contribute(plan, flipped(rows) if shard in liars else rows)
            for shard, rows in enumerate(shards)
        }
        found.append(set(suspects(learner, state, plan, vectors, sizes, own)))
        total = sum((vectors[shard] for shard in vectors.keys() - liars), np.zeros(plan.length, dtype=np.int64))
        state = learner.absorb(state, plan, total)
    return found


def dirichlet(pool: Rows, concentration: float, seed: int) -> list[Rows]:
    """Shards whose parts of each class are drawn from a Dirichlet distribution (Hsu et al. 2019)."""
    rng = np.random.default_rng(seed)
    taken: list[list[int]] = [[] for _ in range(NODES)]
    for label in (0, 1):
        rows = rng.permutation(np.flatnonzero(pool.labels == label))
        cuts = (np.cumsum(rng.dirichlet([concentration] * NODES)) * len(rows)).astype(int)[:-1]
        for shard, part in zip(taken, np.split(rows, cuts), strict=True):
            shard.extend(part.tolist())
    return [Rows(pool.features[rows], pool.labels[rows]) for rows in taken]


def shards_of(private: Settings, split: str, seed: int) -> tuple[list[Rows], Rows]:
    """The shards of a split, and the rows of the first validator."""
    if split == "dirichlet":
        shared = share_out(replace(private, split="random", seed=seed))
        return dirichlet(pooled(shared.shards), 0.3, seed), pooled(shared.own[:1])
    shared = share_out(replace(private, split=split, seed=seed))
    return [pooled([one]) for one in shared.shards], pooled(shared.own[:1])


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("split", ["random", "label", "dirichlet"])
@pytest.mark.parametrize("liars", [FLIPPERS, frozenset()], ids=["three-turn", "all-honest"])
def test_shards_rejected_by_a_validators_rows_are_those_with_turned_labels(
    private: Settings, split: str, seed: int, liars: frozenset[int]
) -> None:
    shards, own = shards_of(private, split, seed)
    due = {shard for shard in liars if len(shards[shard]) >= JUDGED_ROWS}
    for rejected in judged(shards, own, liars, seed):
        assert due <= rejected <= liars


def test_dirichlet_shards_of_these_tests_are_skewed_and_have_liars_to_find(private: Settings) -> None:
    for seed in (0, 1):
        shards, _ = shards_of(private, "dirichlet", seed)
        positive = [float(rows.labels.mean()) for rows in shards if len(rows)]
        assert min(positive) < 0.05
        assert max(positive) > 0.7
        assert sum(len(shards[shard]) >= JUDGED_ROWS for shard in FLIPPERS) >= 2


@pytest.mark.parametrize("label", [None, 0, 1])
def test_shards_of_a_few_rows_stay_in_whatever_they_hold(private: Settings, label: int | None) -> None:
    shards, own = shards_of(private, "random", 2)
    pool = shards[0] if label is None else _of_class(shards[0], label)
    small = [Rows(pool.features[start : start + count], pool.labels[start : start + count])
             for start, count in [(0, 1), (1, 1), (2, 2), (4, 3), (7, 5), (12, 8), (20, 13), (33, 21)]]  # fmt: skip
    assert judged([*shards[1:], *small], own, frozenset(), 2) == [set()] * 3


def _of_class(rows: Rows, label: int) -> Rows:
    chosen = np.flatnonzero(rows.labels == label)
    return Rows(rows.features[chosen], rows.labels[chosen])


# A whole federation


@pytest.fixture(scope="module")
def outcome(private: Settings, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """Three rounds of ten trainers, sorted by label, of which three turn their labels around."""
    cast = Cast(trainers={f"trainer-{shard}": Flipper for shard in FLIPPERS})
    return run(private, tmp_path_factory.mktemp("private"), cast)


@pytest.mark.parametrize("shard", sorted(FLIPPERS))
def test_trainer_with_turned_labels_is_named_in_every_round_and_earns_nothing(outcome: Outcome, shard: int) -> None:
    node = f"trainer-{shard}"
    assert all(str(reason).startswith("labels turned around: ") for reason in outcome.reasons("rejected", node))
    assert outcome.claims[node] == 0


def test_trainers_of_one_class_that_are_honest_are_accepted_in_every_round_and_paid(outcome: Outcome) -> None:
    assert [entry["accepted"] for entry in outcome.rounds] == [NODES - len(FLIPPERS)] * 3
    assert all(outcome.claims[f"trainer-{shard}"] for shard in set(range(NODES)) - FLIPPERS)


def test_validators_that_judge_by_rows_of_their_own_agree_well_enough_to_be_paid(outcome: Outcome) -> None:
    assert [entry["unpaid"] for entry in outcome.rounds] == [[], [], []]
    assert all(outcome.claims[f"validator-{seat}"] for seat in range(3))


def test_weights_of_a_private_federation_are_those_of_the_honest_rows(outcome: Outcome) -> None:
    assert outcome.weights == centralised(outcome.settings, FLIPPERS)


def test_audit_of_a_private_run_holds_without_any_row(outcome: Outcome) -> None:
    assert outcome.audit().failures == ()


def test_private_rows_are_in_no_block_of_the_shared_store(outcome: Outcome) -> None:
    shared = share_out(outcome.settings)
    tables = [*shared.shards, *shared.own]
    published = _blocks(outcome.folder / "store")
    assert {kind_of(block) for block in published if b"version" in block} == {
        *("spec", "update", "sum", "weights", "model", "verdict")
    }
    content = b"".join(published)
    assert _addresses_in(content).isdisjoint(_ids(tables))
    assert not _rows_in(content, tables)
    # The same search finds them where they belong: in the folder of the node itself.
    kept = b"".join(_blocks(outcome.folder / "nodes" / "trainer-1"))
    assert _addresses_in(kept) >= _ids(tables[1:2])
    assert _rows_in(kept, tables[1:2]) == len(tables[1].features[::20])


def _blocks(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in folder.rglob("*") if path.is_file()]


def _ids(tables: Sequence[Table]) -> set[bytes]:
    return {name.encode() for table in tables for name in table.ids or []}


def _addresses_in(content: bytes) -> set[bytes]:
    return set(re.findall(rb"0x[0-9a-f]{40}", content))


def _rows_in(content: bytes, tables: Sequence[Table]) -> int:
    """How many of every twentieth row stand in some bytes as content encodes them."""
    return sum(row.astype("<i8").tobytes() in content for table in tables for row in table.features[::20])
