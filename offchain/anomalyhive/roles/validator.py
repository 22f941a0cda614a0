"""The role `validate`: judge every update, say so hidden first and open then, and attest the next model."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from anomalyhive.chain.hive import HiveClient
from anomalyhive.chain.signer import Signer
from anomalyhive.chain.views import RoundView
from anomalyhive.content.cid import Codec
from anomalyhive.content.kinds import Update, Verdict
from anomalyhive.content.kinds.checks import TEXT_LENGTH
from anomalyhive.content.store import Store
from anomalyhive.core.learner import Plan
from anomalyhive.protocol.hashing import verdict_hash
from anomalyhive.roles.journal import Journal
from anomalyhive.roles.judging import Finding, examine, open_commitments, worths
from anomalyhive.roles.lineage import publish_next
from anomalyhive.roles.task import Task


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

    def judge(self, view: RoundView) -> bool:
        """Commit to a verdict over all updates; True if a transaction was sent.

        While content is missing it waits, until a quarter of the phase is left.
        """
        if self.seat in view.committed:
            return False
        missing = [s for s in view.submissions.values() if not self.store.has(s.digest, Codec.DAG_CBOR)]
        if missing and view.now < view.patience_of(self.task.config.judge_seconds):
            return False
        verdict, digest = self.draft(view)
        hidden = verdict_hash(view.task, view.round, self.node, verdict.scores, digest, self.salt(view))
        self.hive.commit_verdict(self.signer, view.task, view.round, self.seat, hidden)
        return True

    def reveal(self, view: RoundView) -> bool:
        """Publish the verdict's content and reveal it; True if a transaction was sent."""
        if self.seat not in view.committed or self.seat in view.reveals:
            return False
        digest = self.journal.get(_journal_key(view))
        # Only a lost journal makes judging again necessary; in public mode the verdict comes out the same.
        verdict = Verdict.fetch(self.drafts, digest) if digest is not None else self.draft(view)[0]
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

    def draft(self, view: RoundView) -> tuple[Verdict, bytes]:
        """Judge, and keep the verdict among the drafts; return it and its digest."""
        verdict = self.verdict(view)
        digest = verdict.publish(self.drafts)
        self.journal.put(_journal_key(view), digest)
        return verdict, digest

    def verdict(self, view: RoundView) -> Verdict:
        """Judge every update of a round."""
        findings = self.findings(view)
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

    def findings(self, view: RoundView) -> list[Finding]:
        """What is right and what is wrong with each update, by ascending shard."""
        plan = self._plan(view)
        found = [examine(self.task, view, plan, view.submissions[s], self.store) for s in sorted(view.submissions)]
        found = open_commitments(found, self.salt(view))
        return self.data_check.check(view, plan, found)

    def scores(self, view: RoundView, findings: Sequence[Finding]) -> Mapping[int, int]:
        """Shard -> score of every update."""
        return worths(self.task, self._plan(view), findings)

    def salt(self, view: RoundView) -> bytes:
        """The salt of a round's verdict: never lost, since it can be derived again; known to nobody else."""
        message = b"anomalyhive verdict salt" + view.task.to_bytes(32, "big") + view.round.to_bytes(32, "big")
        return hmac.new(self.secret, message, hashlib.sha256).digest()

    def _plan(self, view: RoundView) -> Plan:
        return self.task.learner.propose(self.task.state_of(self.store, self.task.base_of(view)), view.seed)


def _journal_key(view: RoundView) -> str:
    return f"verdict/{view.task}/{view.round}"
