"""The role `validate`: judge every update, say so hidden first and open then, and attest the next model."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from anomalyhive.chain.hive import HiveClient
from anomalyhive.chain.signer import Signer
from anomalyhive.chain.views import RoundView
from anomalyhive.content.codec import RAW_LIMIT
from anomalyhive.content.fetching import fetchable
from anomalyhive.content.kinds import Update, Verdict
from anomalyhive.content.kinds.checks import TEXT_LENGTH
from anomalyhive.content.store import Store
from anomalyhive.core.learner import Plan
from anomalyhive.errors import ContentMissing
from anomalyhive.protocol.hashing import verdict_hash
from anomalyhive.roles.journal import Journal
from anomalyhive.roles.judging import Finding, examine, open_commitments, unavailable, worths
from anomalyhive.roles.lineage import publish_next
from anomalyhive.roles.task import Task

SHORTEST_FETCH, LONGEST_FETCH = 1.0, 30.0
"""Seconds for which all content of a round is asked for at a time."""

LARGEST_INTEGER, DIGEST_BYTES = 8, 32
"""Bytes."""

Absent: TypeAlias = Mapping[bytes, bytes]
"""Digest of an update -> digest of a block of it that nobody gives."""


class DataCheck(Protocol):
    """How vectors are held against data; one for each data mode of a task."""

    def check(self, view: RoundView, plan: Plan, findings: Sequence[Finding]) -> list[Finding]:
        """The findings again, with those rejected that the data speak against."""


@dataclass
class Validator:
    """A validator in one seat of a task.

    ``drafts`` is the node's own store, where a verdict waits until it is revealed; ``secret`` (32 bytes) makes the
    salts and is never shown.
    """

    task: Task
    node: int
    seat: int
    signer: Signer
    hive: HiveClient
    store: Store
    drafts: Store
    journal: Journal
    data_check: DataCheck
    secret: bytes = field(repr=False)
    _had: tuple[int, set[bytes]] | None = field(default=None, repr=False)

    def judge(self, view: RoundView) -> bool:
        """Commit to a verdict over all updates; True if a transaction was sent.

        While content is missing it waits, until a quarter of the phase is left.
        """
        if self.seat in view.committed:
            return False
        absent = self.absent(view)
        if absent and view.now < view.patience_of(self.task.config.judge_seconds):
            return False
        verdict, digest = self.draft(view, absent)
        hidden = verdict_hash(view.task, view.round, self.node, verdict.scores, digest, self.salt(view))
        self.hive.commit_verdict(self.signer, view.task, view.round, self.seat, hidden)
        return True

    def reveal(self, view: RoundView) -> bool:
        """Publish the verdict's content and reveal it; True if a transaction was sent."""
        if self.seat not in view.committed or self.seat in view.reveals:
            return False
        # Only a lost journal makes judging again necessary; in public mode the verdict comes out the same.
        verdict = self._committed(view) or self.draft(view)[0]
        digest = verdict.publish(self.store)
        self.hive.reveal_verdict(self.signer, view.task, view.round, self.seat, verdict.scores, digest, self.salt(view))
        return True

    def attest(self, view: RoundView) -> bool:
        """Compute the next model from the accepted updates and attest it; True if a transaction was sent."""
        if self.seat in view.attested or view.tallied is None:
            return False
        vectors = {
            shard: Update.fetch(self.store, view.submissions[shard].digest).vector for shard in view.tallied.accepted
        }
        self.hive.attest_model(
            self.signer, view.task, view.round, self.seat, publish_next(self.task, view, vectors, self.store).model
        )
        return True

    def draft(self, view: RoundView, absent: Absent | None = None) -> tuple[Verdict, bytes]:
        """Judge, and keep the verdict among the drafts; return it and its digest.

        After a reorganisation, or a kill, a round may be judged anew and otherwise; which verdict counts is known only
        when its commitment is mined. So no draft of a round is forgotten.
        """
        verdict = self.verdict(view, absent)
        digest = verdict.publish(self.drafts)
        drafted = self._drafted(view)
        if digest not in drafted:
            self.journal.put(_journal_key(view), b"".join([*drafted, digest]))
        return verdict, digest

    def verdict(self, view: RoundView, absent: Absent | None = None) -> Verdict:
        """Judge every update of a round."""
        findings = self.findings(view, absent)
        scores = bytearray(self.task.config.shards)
        for shard, score in self.scores(view, findings).items():
            scores[shard] = score
        return Verdict(
            chain=self.task.chain_id,
            hive=self.task.hive,
            task=view.task,
            round=view.round,
            author=self.node,
            seat=self.seat,
            scores=bytes(scores),
            reasons={one.submission.shard: one.reason[:TEXT_LENGTH] for one in findings if not one.right},
        )

    def findings(self, view: RoundView, absent: Absent | None = None) -> list[Finding]:
        """What is right and wrong with each update, by ascending shard; ``absent`` is looked up if not given."""
        plan = self._plan(view)
        if absent is None:
            absent = self.absent(view)
        found = []
        for shard in sorted(view.submissions):
            one = view.submissions[shard]
            # Nobody is asked again for what is known to be absent: each time would take as long as the first.
            known = absent.get(one.digest)
            found.append(unavailable(one, known) if known else examine(self.task, view, plan, one, self.store))
        found = open_commitments(found, self.salt(view))
        return self.data_check.check(view, plan, found)

    def absent(self, view: RoundView) -> Absent:
        """The updates of a round that cannot be had in the time that there is, each with a block that nobody gives."""
        if self._had is None or self._had[0] != view.round:
            self._had = (view.round, set())
        had = self._had[1]
        wanted = [one.digest for one in view.submissions.values() if one.digest not in had]
        most = max(1, -(-LARGEST_INTEGER * self._plan(view).length // RAW_LIMIT))
        faults = fetchable(self.store, wanted, self._seconds_to_fetch(view), most) if wanted else {}
        found = {root: fault.digest for root, fault in faults.items() if isinstance(fault, ContentMissing)}
        had.update(root for root in wanted if root not in found)
        return found

    def _seconds_to_fetch(self, view: RoundView) -> float:
        """For how long content is asked for: while there is time to wait, a little; then half of what is left."""
        patience = view.patience_of(self.task.config.judge_seconds) - view.now
        left = patience if patience > 0 else (view.ends_at - view.now) / 2
        return min(max(left, SHORTEST_FETCH), LONGEST_FETCH)

    def scores(self, view: RoundView, findings: Sequence[Finding]) -> Mapping[int, int]:
        """Shard -> score of every update."""
        return worths(self.task, self._plan(view), findings)

    def salt(self, view: RoundView) -> bytes:
        """The salt of a round's verdict: never lost, since it can be derived again; known to nobody else."""
        message = b"anomalyhive verdict salt" + view.task.to_bytes(32, "big") + view.round.to_bytes(32, "big")
        return hmac.new(self.secret, message, hashlib.sha256).digest()

    def _drafted(self, view: RoundView) -> list[bytes]:
        """The digests of all verdicts that were drafted for a round."""
        kept = self.journal.get(_journal_key(view)) or b""
        return [kept[at : at + DIGEST_BYTES] for at in range(0, len(kept), DIGEST_BYTES)]

    def _committed(self, view: RoundView) -> Verdict | None:
        """The drafted verdict that the chain has the hash of."""
        hidden = self.hive.verdict_hash(view.task, view.round, self.seat)
        for digest in self._drafted(view):
            with contextlib.suppress(ContentMissing):
                verdict = Verdict.fetch(self.drafts, digest)
                if verdict_hash(view.task, view.round, self.node, verdict.scores, digest, self.salt(view)) == hidden:
                    return verdict
        return None

    def _plan(self, view: RoundView) -> Plan:
        return self.task.learner.propose(self.task.state_of(self.store, self.task.base_of(view)), view.seed)


def _journal_key(view: RoundView) -> str:
    return f"verdict/{view.task}/{view.round}"
