"""The chain of models: each derived anew from its parent and its sum, and held against the digest that was attested."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np

from anomalyhive.audit.hashing_store import HashingStore
from anomalyhive.audit.place import Place
from anomalyhive.audit.replay import Round
from anomalyhive.chain.views import ZERO_DIGEST
from anomalyhive.content.kinds import Model, Spec, Sum, Weights
from anomalyhive.content.store import Store
from anomalyhive.core.learner import Integers, Learner, Plan, State
from anomalyhive.errors import AnomalyHiveError, AuditFailure, ContentFailure


@contextmanager
def as_audit_failure(what: str) -> Iterator[None]:
    """Turn whatever a learner makes of a state into AuditFailure.

    A quorum that attests nonsense must not stop its audit: such a state may break a learner anywhere.
    """
    try:
        yield
    except (AnomalyHiveError, ArithmeticError, LookupError, TypeError, ValueError, MemoryError) as error:
        raise AuditFailure(f"{what}: {type(error).__name__}: {error}") from error


@dataclass(frozen=True)
class _Derived:
    """A model as it must be: its state, and the digests of its weights and of itself."""

    state: State
    weights: bytes
    model: bytes


@dataclass
class Models:
    """Where a lineage stands: the digest of its head model and the state that was learned."""

    spec: Spec
    spec_digest: bytes
    learner: Learner
    store: Store
    head: bytes
    genesis: bytes
    state: State | None
    _hashing: HashingStore = field(default_factory=HashingStore)

    @classmethod
    def begin(cls, place: Place, spec: Spec, spec_digest: bytes, learner: Learner, store: Store) -> Models:
        """The genesis model, which everyone derives from the spec. Raises AuditFailure where the spec gives none."""
        with as_audit_failure("the spec gives no first model"):
            state = learner.initial(len(spec.columns), spec.params)
        models = cls(spec, spec_digest, learner, store, ZERO_DIGEST, ZERO_DIGEST, state)
        models.genesis = models._root(place, None, None, models._weights(state))
        place.findings.count("models")
        return models

    def plan(self, place: Place, round_: Round) -> Plan | None:
        """What a round sums; None where its base is lost or makes no sense, which is noted."""
        if self.state is None:
            place.fail("models", f"what the round sums is not known: its base {round_.base.hex()} is lost")
            return None
        try:
            with as_audit_failure(f"the learner cannot go on from the base {round_.base.hex()}"):
                return self.learner.propose(self.state, round_.seed)
        except AuditFailure as error:
            place.fail("models", str(error), round_.base)
            return None

    def advance(self, place: Place, round_: Round, plan: Plan | None, total: Integers | None) -> None:
        """Hold the model of a final round against its parent and the accepted vectors' sum (P,); go on from it."""
        place.findings.count("models")
        place.findings.count("parents")
        place.findings.count("sums")
        derived = None
        if self.state is None or plan is None or total is None:
            place.fail("models", f"model {round_.model.hex()} cannot be derived: its base or its sum is not known")
        else:
            try:
                with as_audit_failure("the sum gives no model"):
                    derived = self._derive(place, round_, self.learner.absorb(self.state, plan, total), total)
            except AuditFailure as error:
                place.fail("models", str(error), round_.model)
        if derived is not None and derived.model == round_.model:
            self.head, self.state = derived.model, derived.state
            return
        self._explain(place, round_, total, derived)
        attested = self._attested(round_.model)
        self.head = round_.model
        self.state = derived.state if attested is None and derived is not None else attested

    def _derive(self, place: Place, round_: Round, state: State, total: Integers) -> _Derived:
        assert round_.tally is not None
        summed = Sum(
            chain=place.chain,
            hive=place.hive,
            task=place.task,
            round=place.round,
            updates=self._accepted(round_),
            commitment=round_.tally.sum,
            vector=total,
        ).publish(self._hashing)
        weights = self._weights(state)
        return _Derived(state, weights, self._root(place, self._parent(), summed, weights))

    def _weights(self, state: State) -> bytes:
        return Weights(learner=self.spec.learner, params=self.spec.params, state=state).publish(self._hashing)

    def _root(self, place: Place, parent: bytes | None, summed: bytes | None, weights: bytes) -> bytes:
        return Model(
            chain=place.chain,
            hive=place.hive,
            task=place.task,
            round=place.round,
            parent=parent,
            spec=self.spec_digest,
            sum=summed,
            weights=weights,
        ).publish(self._hashing)

    def _parent(self) -> bytes:
        return self.genesis if self.head == ZERO_DIGEST else self.head

    @staticmethod
    def _accepted(round_: Round) -> tuple[bytes, ...]:
        return tuple(round_.submissions[shard].digest for shard in round_.accepted)

    def _explain(self, place: Place, round_: Round, total: Integers | None, derived: _Derived | None) -> None:
        """Say what of an attested model is not what it must be."""
        name = f"model {round_.model.hex()}"
        try:
            model = Model.fetch(self.store, round_.model)
        except ContentFailure as error:
            place.fail("models", f"{name} cannot be read: {error}", round_.model)
            return
        named = {**place.facts(model), "spec": (model.spec, self.spec_digest)}
        wrong = not place.compare("models", name, named, round_.model)
        parent = {"parent": (model.parent, self._parent())}
        wrong = not place.compare("parents", name, parent, round_.model) or wrong
        if derived is not None and model.weights != derived.weights:
            due = derived.weights.hex()
            what = f"{name} has the weights {model.weights.hex()}, its parent and its sum give {due}"
            place.fail("models", what, round_.model)
            wrong = True
        wrong = self._explain_sum(place, round_, model, total) or wrong
        if not wrong and derived is not None:
            place.fail("models", f"{name} is not the one encoding of what it says", round_.model)

    def _explain_sum(self, place: Place, round_: Round, model: Model, total: Integers | None) -> bool:
        assert round_.tally is not None
        if model.sum is None:
            return True  # it names round 0, which is noted
        try:
            summed = Sum.fetch(self.store, model.sum)
        except ContentFailure as error:
            place.fail("sums", f"the sum {model.sum.hex()} cannot be read: {error}", model.sum)
            return True
        facts = {
            **place.facts(summed),
            "updates": (_listed(summed.updates), _listed(self._accepted(round_))),
            "commitment": (summed.commitment, round_.tally.sum),
        }
        named_right = place.compare("sums", f"sum {model.sum.hex()}", facts, model.sum)
        if total is None or np.array_equal(summed.vector, total):
            return not named_right
        place.fail("sums", f"sum {model.sum.hex()} is not the sum of the accepted vectors", model.sum)
        return True

    def _attested(self, digest: bytes) -> State | None:
        """The state that a quorum named, right or wrong, if it can be read: later rounds were built on it."""
        try:
            return Weights.fetch(self.store, Model.fetch(self.store, digest).weights).state
        except ContentFailure:
            return None


def _listed(digests: Sequence[bytes]) -> str:
    return " ".join(digest.hex() for digest in digests) or "none"
