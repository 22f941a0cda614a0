"""A task as a node knows it: what the chain and the spec fix for good, and the models learned so far."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from anomalyhive.chain.views import ZERO_DIGEST, RoundView, TaskConfig
from anomalyhive.content.kinds import Model, Spec, Weights
from anomalyhive.content.store import Store
from anomalyhive.core.learner import Learner, State
from anomalyhive.core.learners import get_learner
from anomalyhive.errors import ContentCorrupt

KEPT_STATES = 4
"""Learned states that a node keeps decoded: the base model and a few before it."""


@dataclass
class Task:
    """What every step of a node needs to know, and none of it secret.

    ``owner_of`` asks the registry for the 20-byte owner of a node.
    """

    chain_id: int
    hive: bytes
    number: int
    config: TaskConfig
    spec: Spec
    spec_digest: bytes
    owner_of: Callable[[int], bytes]
    _states: dict[bytes, State] = field(default_factory=dict, repr=False)

    @property
    def learner(self) -> Learner:
        """The learner that the spec names."""
        return get_learner(self.spec.learner)

    def initial_weights(self) -> Weights:
        """What is learned before the first round."""
        state = self.learner.initial(len(self.spec.columns), self.spec.params)
        return Weights(learner=self.spec.learner, params=self.spec.params, state=state)

    def publish_genesis(self, store: Store) -> bytes:
        """Publish the model of round 0, which everyone derives from the spec; return its digest."""
        weights = self.initial_weights().publish(store)
        return Model(
            chain=self.chain_id,
            hive=self.hive,
            task=self.number,
            round=0,
            parent=None,
            spec=self.spec_digest,
            sum=None,
            weights=weights,
        ).publish(store)

    def base_of(self, view: RoundView) -> bytes | None:
        """The digest of the model that a round starts from; None before the first model on chain."""
        return None if view.base == ZERO_DIGEST else view.base

    def state_of(self, store: Store, model: bytes | None) -> State:
        """The learned state of a model, fetched and checked; the initial one for None."""
        key = model or ZERO_DIGEST
        if key not in self._states:
            if len(self._states) >= KEPT_STATES:
                del self._states[next(iter(self._states))]
            self._states[key] = self._load(store, model)
        return self._states[key]

    def _load(self, store: Store, digest: bytes | None) -> State:
        if digest is None:
            return self.initial_weights().state
        model = Model.fetch(store, digest)
        if (model.chain, model.hive, model.task, model.spec) != (
            self.chain_id,
            self.hive,
            self.number,
            self.spec_digest,
        ):
            raise ContentCorrupt(digest, f"it is a model of another task than {self.number}")
        weights = Weights.fetch(store, model.weights)
        if (weights.learner, dict(weights.params)) != (self.spec.learner, dict(self.spec.params)):
            raise ContentCorrupt(model.weights, f"it was learned by {weights.learner} with other parameters")
        return weights.state
