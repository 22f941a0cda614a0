"""The role `train`: one vector a round from one's own rows, committed first, published when all have committed."""

from __future__ import annotations

from dataclasses import dataclass

from anomalyhive.chain.hive import HiveClient
from anomalyhive.chain.signer import Signer
from anomalyhive.chain.views import RoundView
from anomalyhive.commitments import commit
from anomalyhive.content.cid import Codec
from anomalyhive.content.kinds import Update
from anomalyhive.content.store import Store
from anomalyhive.core.learner import Integers, Plan, Rows
from anomalyhive.roles.task import Task


@dataclass
class Trainer:
    """A trainer of one shard.

    ``drafts`` is the node's own store: content waits there until nobody can copy it any more.
    """

    task: Task
    node: int
    shard: int
    rows: Rows
    signer: Signer
    hive: HiveClient
    store: Store
    drafts: Store

    def train(self, view: RoundView) -> bool:
        """Submit the update of this round, once; True if a transaction was sent."""
        if self.shard in view.submissions:
            return False
        digest, commitment = self.draft(view)
        self.hive.submit_update(self.signer, view.task, view.round, self.shard, digest, commitment)
        return True

    def publish(self, view: RoundView) -> bool:
        """Publish the content of the submitted update; True if it was not published before."""
        submission = view.submissions.get(self.shard)
        if submission is None or submission.node != self.node or self.store.has(submission.digest, Codec.DAG_CBOR):
            return False
        if not self.drafts.has(submission.digest, Codec.DAG_CBOR):
            # Lost with the drafts: the same rows and the same base give the same bytes again.
            self.draft(view)
        Update.fetch(self.drafts, submission.digest).publish(self.store)
        return True

    def draft(self, view: RoundView) -> tuple[bytes, bytes]:
        """Compute the update and keep it among the drafts; return its digest and its commitment."""
        plan = self.task.learner.propose(self.task.state_of(self.store, self.task.base_of(view)), view.seed)
        vector = self.contribute(plan)
        return self.update(view, vector).publish(self.drafts), commit(vector)

    def contribute(self, plan: Plan) -> Integers:
        """The vector (P,) of this node's rows."""
        return self.task.learner.contribute(plan, self.rows)

    def update(self, view: RoundView, vector: Integers) -> Update:
        """The content of an update: the vector and all that ties it to this node, shard and round."""
        return Update(
            chain=self.task.chain_id,
            hive=self.task.hive,
            task=view.task,
            round=view.round,
            shard=self.shard,
            author=self.node,
            owner=self.task.owner_of(self.node),
            base=self.task.base_of(view),
            rows=len(self.rows),
            vector=vector,
        )
