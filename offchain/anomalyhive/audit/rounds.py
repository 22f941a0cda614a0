"""A final round's content: what was accepted is right, what was rejected is not, and the sum gives the model."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from anomalyhive.audit.blocks import Inventory
from anomalyhive.audit.datasets import PublicRows
from anomalyhive.audit.models import Models, as_audit_failure
from anomalyhive.audit.openings import Openings
from anomalyhive.audit.place import Place
from anomalyhive.audit.replay import Hive, Round
from anomalyhive.audit.updates import Rules, Seen, differing, exact_sum
from anomalyhive.audit.verdicts import Reasons
from anomalyhive.commitments import BadCommitment, add_all, opens
from anomalyhive.content.store import Store
from anomalyhive.core.coded import threads
from anomalyhive.core.learner import Integers, Plan
from anomalyhive.errors import AuditFailure

ALL = 10_000
"""All updates, in basis points."""

BEST_SCORE = 255


@dataclass(frozen=True)
class Options:
    """``recompute`` is the share of public updates that is recomputed, in basis points.

    ``entropy`` decides which, and how commitments are combined: who recomputes less than all, or does not trust the
    makers of the commitments, gives fresh random bytes.
    """

    recompute: int = ALL
    entropy: bytes = bytes(32)

    def drawn(self, place: Place, shard: int) -> bool:
        """Whether the update of a shard is recomputed."""
        numbers = b"".join(number.to_bytes(8, "big") for number in (place.task, place.round, shard))
        ticket = hashlib.sha256(b"anomalyhive audit" + self.entropy + numbers).digest()
        return int.from_bytes(ticket, "big") * ALL < self.recompute << 256


@dataclass
class RoundAudit:
    """Goes through one final round. All that it keeps are the vectors of the round."""

    place: Place
    round: Round
    hive: Hive
    store: Store
    rows: PublicRows
    models: Models
    inventory: Inventory
    openings: Openings
    options: Options

    def run(self, reasons: Reasons) -> None:
        """Check the round's updates and its sum, and let the lineage go on with its model."""
        self.inventory.need(self.round.model, f"the model of round {self.round.number}")
        plan = self.models.plan(self.place, self.round)
        total = None
        if plan is None:
            self._need_unread(reasons)
        else:
            seen = self._read(plan)
            accepted = {shard: seen[shard] for shard in self.round.accepted if shard in seen}
            self._check_accepted(plan, accepted)
            for shard in sorted(seen.keys() - accepted.keys()):
                self._check_rejected(plan, seen[shard], reasons)
            self._check_scores(plan, accepted, reasons)
            total = self._total(plan, accepted)
        self.models.advance(self.place, self.round, plan, total)

    def _need_unread(self, reasons: Reasons) -> None:
        """What the round needs, where its updates cannot be judged."""
        self.place.fail("updates", f"{len(self.round.submissions)} updates cannot be judged: the base is not known")
        need_updates(self.round, reasons, self.inventory)

    def _read(self, plan: Plan) -> Mapping[int, Seen]:
        rules = Rules(self.place, self.models.spec, self.models.learner, plan, self.round.base)
        seen: dict[int, Seen] = {}
        for shard, submission in sorted(self.round.submissions.items()):
            self.place.findings.count("updates")
            try:
                with as_audit_failure(f"the update of shard {shard} cannot be judged"):
                    seen[shard] = rules.read(submission, self.hive.owner_of(submission.node), self.store)
            except AuditFailure as error:
                self.place.fail("updates", str(error), submission.digest)
        return seen

    def _check_accepted(self, plan: Plan, accepted: Mapping[int, Seen]) -> None:
        recomputed = self._recomputed(plan, accepted)
        for shard, one in accepted.items():
            digest = one.submission.digest
            what = f"update {digest.hex()} of shard {shard}"
            self.inventory.need(digest, what)
            if one.vector is None:
                self.place.fail("updates", f"{what} was accepted and {one.fault}", digest)
                continue
            self.openings.add(one.vector, one.submission.commitment, self.place, "openings", what, digest)
            if wrong := recomputed.get(shard):
                self.place.fail("vectors", f"{what} was accepted and {wrong}", digest)

    def _check_rejected(self, plan: Plan, one: Seen, reasons: Reasons) -> None:
        """Nobody may lose the pay for a right update; content may be absent only if nobody could have it then."""
        shard, digest = one.submission.shard, one.submission.digest
        what = f"update {digest.hex()} of shard {shard} was rejected"
        if reasons.excuse_absence(shard):
            self.inventory.allow(digest)
            return
        if one.absent:
            self.inventory.need(digest, what)
            self.place.fail("updates", f"{what}, not for being unavailable, and {one.fault}", digest)
            return
        # What a malformed root links may be anything: it is enough that the root itself is there.
        self.inventory.need_root(digest, what)
        if one.vector is None:
            return
        if not opens(one.vector, one.submission.commitment):
            return
        if not reasons.of(shard):
            self.place.fail("updates", f"{what} and no verdict gives a reason", digest)
        elif self.rows.get(shard) is not None and self._drawn(shard):
            self.place.findings.count("vectors")
            if not self._recompute(plan, one, one.vector):
                self.place.fail("updates", f"{what} and is right in every respect", digest)

    def _drawn(self, shard: int) -> bool:
        return self.options.drawn(self.place, shard)

    def _recomputed(self, plan: Plan, accepted: Mapping[int, Seen]) -> Mapping[int, str]:
        """Shard -> how its vector differs from what its rows give, of those drawn; on all processors.

        Each shard's rows are one thread's alone: learners keep on them what they will need again.
        """
        drawn = {
            shard: (one, one.vector)
            for shard, one in accepted.items()
            if one.vector is not None and self.rows.get(shard) is not None and self._drawn(shard)
        }
        with ThreadPoolExecutor(threads()) as pool:
            wrong = pool.map(lambda pair: self._recompute(plan, *pair), drawn.values())
            found = dict(zip(drawn, wrong, strict=True))
        self.place.findings.count("vectors", len(found))
        return found

    def _recompute(self, plan: Plan, one: Seen, vector: Integers) -> str:
        """How a vector differs from what its shard's rows give; empty if it does not, or there are no rows."""
        rows = self.rows.get(one.submission.shard)
        if rows is None:
            return ""
        try:
            with as_audit_failure("cannot be recomputed"):
                return differing(vector, self.models.learner.contribute(plan, rows))
        except AuditFailure as error:
            return str(error)

    def _check_scores(self, plan: Plan, accepted: Mapping[int, Seen], reasons: Reasons) -> None:
        """In public mode honest validators agree on every score: 1 + floor(254 w / max w), w the information.

        A validator who missed an update knows a smaller maximum, so rounds with such a verdict are left out.
        """
        vectors = {shard: one.vector for shard, one in accepted.items() if one.vector is not None}
        if self.models.spec.mode != "public" or reasons.any_unavailable() or len(vectors) < len(self.round.accepted):
            return
        try:
            with as_audit_failure("the information in the updates cannot be weighed"):
                worth = {shard: self.models.learner.worth(plan, vector) for shard, vector in vectors.items()}
        except AuditFailure as error:
            self.place.fail("scores", str(error))
            return
        most = max(max(worth.values(), default=0), 1)
        for shard, information in worth.items():
            self.place.findings.count("scores")
            median, due = self.round.medians[shard], 1 + (BEST_SCORE - 1) * information // most
            if median != due:
                what = f"the update of shard {shard} is scored {median} and is worth {due}"
                self.place.fail("scores", what, self.round.submissions[shard].digest)

    def _total(self, plan: Plan, accepted: Mapping[int, Seen]) -> Integers | None:
        """The sum (P,) of the accepted vectors, which opens the sum of their commitments; None if one is lost."""
        vectors = [one.vector for one in accepted.values() if one.vector is not None]
        if len(vectors) < len(self.round.accepted):
            return None
        total = exact_sum(vectors, plan.length)
        if total is None:
            self.place.fail("sums", "the sum of the accepted vectors leaves 64 bits")
            return None
        try:
            summed = add_all(one.submission.commitment for one in accepted.values())
        except BadCommitment as error:
            self.place.fail("sums", f"an accepted commitment is no point: {error.reason}")
            return total
        self.openings.add(total, summed, self.place, "sums", "the sum of the accepted vectors")
        return total


def need_updates(round_: Round, reasons: Reasons, inventory: Inventory) -> None:
    """What a final round needs of its updates, whatever they are: those accepted, and those that could be had."""
    for shard, one in round_.submissions.items():
        what = f"the update of shard {shard} in round {round_.number}"
        if round_.medians.get(shard):
            inventory.need(one.digest, what)
        elif reasons.excuse_absence(shard):
            inventory.allow(one.digest)
        else:
            inventory.need_root(one.digest, what)
