"""What the content of an update is, held against the chain and the spec: the auditor's own reading of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from anomalyhive.audit.place import Place, mismatch
from anomalyhive.chain.views import ZERO_DIGEST, Submission
from anomalyhive.content.kinds import Spec, Update
from anomalyhive.content.store import Store
from anomalyhive.core.learner import Integers, Learner, Plan
from anomalyhive.errors import ContentFailure, ContentMissing


@dataclass(frozen=True)
class Seen:
    """An update: its vector (P,) if nothing is wrong with its content, else the fault; ``absent`` if nobody has it."""

    submission: Submission
    vector: Integers | None
    fault: str = ""
    absent: bool = False


@dataclass(frozen=True)
class Rules:
    """What a round allows an update to be. ``base`` is the digest that the chain has for it."""

    place: Place
    spec: Spec
    learner: Learner
    plan: Plan
    base: bytes

    def read(self, submission: Submission, owner: bytes, store: Store) -> Seen:
        """Read an update; ``owner`` is the 20-byte owner of its node."""
        try:
            # As validators read it: a vector of another length is refused before any piece of it is asked for.
            update = Update.fetch(store, submission.digest, self.plan.length)
        except ContentMissing as error:
            return Seen(submission, None, f"cannot be had: {error}", absent=True)
        except ContentFailure as error:
            return Seen(submission, None, f"cannot be used: {error}")
        facts = {
            **self.place.facts(update),
            "shard": (update.shard, submission.shard),
            "author": (update.author, submission.node),
            "owner": (update.owner, owner),
            "base": (update.base or ZERO_DIGEST, self.base),
            "rows": (update.rows, self.spec.shards[submission.shard].rows),
        }
        wrong = mismatch(facts)
        fault = f"names {wrong}" if wrong else self._outside(update)
        return Seen(submission, None, fault) if fault else Seen(submission, update.vector)

    def _outside(self, update: Update) -> str:
        low, high = self.learner.bounds(self.plan, update.rows)
        outside = np.flatnonzero((update.vector < low) | (update.vector > high))
        if not outside.size:
            return ""
        j = int(outside[0])
        return f"has {int(update.vector[j])} at {j}, and {update.rows} rows give {int(low[j])} to {int(high[j])}"


def differing(vector: Integers, due: Integers) -> str:
    """In words, where a vector is not what its shard's rows give; empty if it is."""
    differ = np.flatnonzero(vector != due)
    if not differ.size:
        return ""
    j = int(differ[0])
    numbers = f"{differ.size} of {len(due)} numbers"
    return f"differs in {numbers} from what its rows give: at {j} it has {int(vector[j])}, they give {int(due[j])}"


def exact_sum(vectors: list[Integers], length: int) -> Integers | None:
    """The sum of vectors (P,); None where it could leave int64, which honest bounds make impossible."""
    reach = sum(max(abs(int(one.max(initial=0))), abs(int(one.min(initial=0)))) for one in vectors)
    if reach > np.iinfo(np.int64).max:
        return None
    total = np.zeros(length, dtype=np.int64)
    for one in vectors:
        total += one
    return total
