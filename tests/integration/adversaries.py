"""Nodes that cheat, each in one way and in all else like an honest one."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from anomalyhive.chain.views import RoundView
from anomalyhive.commitments import commit
from anomalyhive.commitments.field import COORDINATE_BYTES, MODULUS
from anomalyhive.content.cid import digest_of
from anomalyhive.content.kinds import Update
from anomalyhive.core.learner import Integers, Plan, Rows
from anomalyhive.roles.judging import Finding
from anomalyhive.roles.lineage import publish_next
from anomalyhive.roles.trainer import Trainer
from anomalyhive.roles.validator import Validator

GARBAGE = b"\xff\xfe these bytes are no dag-cbor"

LOW_ORDER = bytes(COORDINATE_BYTES) + (2).to_bytes(COORDINATE_BYTES, "big")
"""(0, 2): on the curve y^2 = x^3 + 4, but of order 3, so that it commits to nothing."""


class Copier(Trainer):
    """Submits the digest and the commitment of the lowest other shard, and owns neither."""

    def draft(self, view: RoundView) -> tuple[bytes, bytes]:
        victim = view.submissions[min(view.submissions)]
        return victim.digest, victim.commitment

    def publish(self, view: RoundView) -> bool:  # noqa: ARG002 - the signature of the step
        return False


class Misdated(Trainer):
    """Names another round in its content, so that it can be submitted again in that one."""

    def update(self, view: RoundView, vector: Integers) -> Update:
        return replace(super().update(view, vector), round=view.round + 1)


class Uncommitted(Trainer):
    """Publishes what its commitment does not open: one coordinate is one more."""

    def draft(self, view: RoundView) -> tuple[bytes, bytes]:
        digest, _ = super().draft(view)
        vector = np.array(Update.fetch(self.drafts, digest).vector)
        vector[0] += 1
        return digest, commit(vector)


class Silent(Trainer):
    """Submits, and never publishes."""

    def publish(self, view: RoundView) -> bool:  # noqa: ARG002 - the signature of the step
        return False


class Shortened(Trainer):
    """Leaves out the last coordinate."""

    def contribute(self, plan: Plan) -> Integers:
        return super().contribute(plan)[:-1]


class Reshaped(Trainer):
    """Claims far more coordinates than there are: a validator must not fetch or allocate them."""

    def contribute(self, plan: Plan) -> Integers:
        return np.resize(super().contribute(plan), 3 * plan.length)


class Outsized(Trainer):
    """Puts one integer one beyond what its rows can give."""

    def contribute(self, plan: Plan) -> Integers:
        vector = np.array(super().contribute(plan))
        vector[-1] = self.task.learner.bounds(plan, len(self.rows))[1][-1] + 1
        return vector


class Boastful(Trainer):
    """Says that its vector sums a row more than its shard has."""

    def update(self, view: RoundView, vector: Integers) -> Update:
        return replace(super().update(view, vector), rows=len(self.rows) + 1)


class Garbled(Trainer):
    """Publishes bytes that are no content at all."""

    def draft(self, view: RoundView) -> tuple[bytes, bytes]:
        return digest_of(self._block(view)), super().draft(view)[1]

    def publish(self, view: RoundView) -> bool:
        self.store.put_root(self._block(view))
        return False

    @staticmethod
    def _block(view: RoundView) -> bytes:
        return GARBAGE + bytes([view.round])


class Disguised(Trainer):
    """Names content of another kind: the spec of the task."""

    def draft(self, view: RoundView) -> tuple[bytes, bytes]:
        return self.task.spec_digest, super().draft(view)[1]

    def publish(self, view: RoundView) -> bool:  # noqa: ARG002 - the signature of the step
        return False


class Flipper(Trainer):
    """Turns the label of every row of its shard around, for its own advantage or somebody's."""

    def contribute(self, plan: Plan) -> Integers:
        return self.task.learner.contribute(plan, flipped(self.rows))


class OffCurve(Trainer):
    """Publishes the right content, with a commitment that is no point of the curve."""

    def draft(self, view: RoundView) -> tuple[bytes, bytes]:
        digest, commitment = super().draft(view)
        return digest, commitment[:-1] + bytes([commitment[-1] ^ 1])


class NonCanonical(Trainer):
    """Publishes the right content and the right point, with x written as x + p."""

    def draft(self, view: RoundView) -> tuple[bytes, bytes]:
        digest, commitment = super().draft(view)
        x = int.from_bytes(commitment[:COORDINATE_BYTES], "big") + MODULUS
        return digest, x.to_bytes(COORDINATE_BYTES, "big") + commitment[COORDINATE_BYTES:]


class LowOrder(Trainer):
    """Publishes the right content, with a point of the curve outside of the subgroup."""

    def draft(self, view: RoundView) -> tuple[bytes, bytes]:
        return super().draft(view)[0], LOW_ORDER


class Dicing(Validator):
    """Scores at random."""

    def scores(self, view: RoundView, findings: Sequence[Finding]) -> Mapping[int, int]:
        dice = random.Random(view.round)
        return {one.submission.shard: dice.randrange(256) for one in findings}


class Withholding(Validator):
    """Commits to a verdict and never reveals it."""

    def reveal(self, view: RoundView) -> bool:  # noqa: ARG002 - the signature of the step
        return False


class Misattesting(Validator):
    """Attests a model in which one accepted update is missing."""

    def attest(self, view: RoundView) -> bool:
        if self.seat in view.attested or view.tallied is None:
            return False
        vectors = {
            shard: Update.fetch(self.store, view.submissions[shard].digest).vector
            for shard in view.tallied.accepted[1:]
        }
        # Into its own store: what another than the final model needs is no part of the lineage.
        wrong = publish_next(self.task, view, vectors, self.drafts).model
        self.hive.attest_model(self.signer, view.task, view.round, self.seat, wrong)
        return True


def flipped(rows: Rows) -> Rows:
    """The rows with every label turned around, computed once for the same rows."""
    if "flipped" not in rows.memo:
        rows.memo["flipped"] = Rows(rows.features, 1 - rows.labels)
    found: Rows = rows.memo["flipped"]
    return found
