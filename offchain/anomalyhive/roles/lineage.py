"""The next model: a pure function of the base model and the accepted updates, published as content."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from anomalyhive.chain.views import RoundView
from anomalyhive.content.kinds import Model, Sum, Weights
from anomalyhive.content.store import Store
from anomalyhive.core.learner import Integers
from anomalyhive.errors import AuditFailure
from anomalyhive.roles.task import Task


@dataclass(frozen=True)
class NextModel:
    """Digests of what a round gave: the sum's root, the learned state's, the model's."""

    sum: bytes
    weights: bytes
    model: bytes


def exact_sum(vectors: Mapping[int, Integers], length: int) -> Integers:
    """The sum of vectors (P,) by shard. Raises AuditFailure where it leaves int64, which bounds make impossible."""
    total = np.zeros(length, dtype=np.int64)
    reach = sum(int(np.abs(vector).max(initial=0)) for vector in vectors.values())
    if reach > np.iinfo(np.int64).max:
        raise AuditFailure(f"the sum of {len(vectors)} vectors may reach {reach}, beyond 64 bits")
    for vector in vectors.values():
        total += vector
    return total


def publish_next(task: Task, view: RoundView, vectors: Mapping[int, Integers], store: Store) -> NextModel:
    """Absorb the accepted vectors (shard -> (P,)) of a tallied round; publish sum, learned state and model."""
    if view.tallied is None:
        raise AuditFailure(f"round {view.round} of task {view.task} is not tallied yet: there is nothing to absorb")
    base = task.base_of(view)
    state = task.state_of(store, base)
    plan = task.learner.propose(state, view.seed)
    total = exact_sum(vectors, plan.length)
    summed = Sum(
        chain=task.chain_id,
        hive=task.hive,
        task=view.task,
        round=view.round,
        updates=tuple(view.submissions[shard].digest for shard in sorted(vectors)),
        commitment=view.tallied.total,
        vector=total,
    ).publish(store)
    weights = Weights(
        learner=task.spec.learner, params=task.spec.params, state=task.learner.absorb(state, plan, total)
    ).publish(store)
    model = Model(
        chain=task.chain_id,
        hive=task.hive,
        task=view.task,
        round=view.round,
        parent=base or task.publish_genesis(store),
        spec=task.spec_digest,
        sum=summed,
        weights=weights,
    ).publish(store)
    return NextModel(summed, weights, model)
