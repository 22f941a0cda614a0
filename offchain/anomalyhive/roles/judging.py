"""What a validator finds in one update: is it what its digest, its author, its round and its commitment say?

Checks run from the cheapest to the dearest, and the first that fails is the reason given. Each reads bytes of a
stranger: none trusts a length, a shape or a name that it has not compared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from anomalyhive.chain.views import RoundView, Submission
from anomalyhive.commitments import wrong_openings
from anomalyhive.content.kinds import Update
from anomalyhive.content.store import Store
from anomalyhive.core.learner import Integers, Plan
from anomalyhive.errors import ContentCorrupt, ContentMissing
from anomalyhive.roles.task import Task

UNAVAILABLE = "unavailable"
"""The one reason for which content may be absent from a lineage."""

HIGHEST_SCORE = 255


@dataclass(frozen=True)
class Finding:
    """What was found in an update: its vector, or the reason why it does not count."""

    submission: Submission
    vector: Integers | None
    reason: str = ""

    @property
    def right(self) -> bool:
        """Whether the update counts."""
        return self.vector is not None


def unavailable(submission: Submission, block: bytes) -> Finding:
    """What there is to say of an update of which nobody gives a block."""
    # Not an error's own words: they name this validator's store, which is nobody's business.
    return Finding(submission, None, f"{UNAVAILABLE}: nobody gives block {block.hex()}")


def examine(task: Task, view: RoundView, plan: Plan, submission: Submission, store: Store) -> Finding:
    """Everything about an update that can be seen without data and without opening its commitment."""
    try:
        # With the length known, a vector of another one is refused before any of its blocks is fetched.
        update = Update.fetch(store, submission.digest, plan.length)
    except ContentMissing as error:
        return unavailable(submission, error.digest)
    except ContentCorrupt as error:
        return Finding(submission, None, f"malformed: {error.reason}")
    reason = _misnamed(task, view, submission, update) or _outside(task, plan, submission, update)
    return Finding(submission, None, reason) if reason else Finding(submission, update.vector)


def _misnamed(task: Task, view: RoundView, submission: Submission, update: Update) -> str:
    """The reason if an update names another origin than the chain does: so a copied update fails on its face."""
    facts: Sequence[tuple[str, object, object]] = (
        ("chain", update.chain, task.chain_id),
        ("hive", update.hive, task.hive),
        ("task", update.task, view.task),
        ("round", update.round, view.round),
        ("shard", update.shard, submission.shard),
        ("author", update.author, submission.node),
        ("owner", update.owner, task.owner_of(submission.node)),
        ("base", update.base, task.base_of(view)),
    )
    for name, said, true in facts:
        if said != true:
            return f"names {name} {_shown(said)} where the chain has {_shown(true)}"
    return ""


def _outside(task: Task, plan: Plan, submission: Submission, update: Update) -> str:
    """The reason if a vector (P,) cannot have come from the rows of its shard."""
    rows = task.spec.shards[submission.shard].rows
    if update.rows != rows:
        return f"names {update.rows} rows where the spec gives its shard {rows}"
    low, high = task.learner.bounds(plan, rows)
    outside = np.flatnonzero((update.vector < low) | (update.vector > high))
    if outside.size:
        j = int(outside[0])
        return f"coordinate {j} is {int(update.vector[j])}, outside {int(low[j])} to {int(high[j])} for {rows} rows"
    return ""


def open_commitments(findings: Sequence[Finding], entropy: bytes) -> list[Finding]:
    """Open the commitments of all right updates together; name those that do not open."""
    right = [(one.submission, one.vector) for one in findings if one.vector is not None]
    wrong = wrong_openings([(vector, submission.commitment) for submission, vector in right], entropy)
    shut = {right[index][0].shard for index in wrong}
    return [
        Finding(one.submission, None, "commitment does not open to the vector") if one.submission.shard in shut else one
        for one in findings
    ]


def worths(task: Task, plan: Plan, findings: Sequence[Finding]) -> Mapping[int, int]:
    """Shard -> score. 0 for what does not count, else 1 + floor(254 w / max w), w the information in the vector."""
    information = {
        finding.submission.shard: task.learner.worth(plan, finding.vector)
        for finding in findings
        if finding.vector is not None
    }
    most = max(information.values(), default=0)
    return {
        finding.submission.shard: (
            1 + (HIGHEST_SCORE - 1) * information[finding.submission.shard] // max(most, 1) if finding.right else 0
        )
        for finding in findings
    }


def _shown(value: object) -> str:
    return f"0x{value.hex()}" if isinstance(value, bytes) else str(value)
