"""Models as they are answered."""

from __future__ import annotations

from anomalyhive.chain.views import ZERO_DIGEST
from anomalyhive.dashboard.api.schemas.models import Derivation, Model, ModelDetail, ModelUpdate
from anomalyhive.dashboard.api.shaping.names import cid_of, digest_or_none, names_of
from anomalyhive.dashboard.live.content import RememberedContent
from anomalyhive.dashboard.live.roundbook import RoundBook
from anomalyhive.dashboard.live.snapshot import Snapshot

WHOLE = 10_000
"""Basis points."""


def finals_of(snapshot: Snapshot) -> list[RoundBook]:
    """The rounds that made a model, the newest first."""
    book = snapshot.book
    return [] if book is None else [one for one in reversed(book.rounds.values()) if one.final]


def genesis_of(snapshot: Snapshot, content: RememberedContent) -> str | None:
    """The digest of the model before the first; None where no store says it."""
    finals = finals_of(snapshot)
    first = content.model(finals[-1].model) if finals else None
    return first.parent.hex() if first is not None and first.parent is not None else None


def model_of(snapshot: Snapshot, content: RememberedContent, book: RoundBook) -> Model:
    """The model of a final round."""
    assert book.tallied is not None
    root, parent = content.model(book.model), _parent(content, book)
    accepted = len(book.tallied.accepted)
    return Model(
        digest=book.model.hex(),
        cid=cid_of(book.model),
        round=book.number,
        parent=None if parent is None else parent.hex(),
        weights_digest=None if root is None else root.weights.hex(),
        updates=len(book.submissions),
        accepted=accepted,
        rejected=len(book.submissions) - accepted,
        attested_by=sorted(book.attesters[seat] for seat, one in book.attested.items() if one == book.model),
        quality=snapshot.quality.get(book.number),
    )


def model_detail_of(snapshot: Snapshot, content: RememberedContent, book: RoundBook) -> ModelDetail:
    """The model of a final round with its updates and how it follows from its parent."""
    assert book.tallied is not None
    total = book.tallied.total
    return ModelDetail(
        **vars(model_of(snapshot, content, book)),
        contributions=_contributions(snapshot, content, book),
        commitment_sum=total.hex() if any(total) else None,
        derivation=_derivation(snapshot, content, book),
    )


def _parent(content: RememberedContent, book: RoundBook) -> bytes | None:
    if book.base != ZERO_DIGEST:
        return book.base
    root = content.model(book.model)
    return None if root is None else root.parent


def _contributions(snapshot: Snapshot, content: RememberedContent, book: RoundBook) -> list[ModelUpdate]:
    assert book.tallied is not None
    names, why, medians = names_of(snapshot), content.reasons(book), book.tallied.medians
    read = {shard: content.update(one.digest) for shard, one in book.submissions.items()}
    known = [one for shard, one in read.items() if one is not None and medians.get(shard)]
    whole = sum(one.magnitude for one in known) if len(known) == len(book.tallied.accepted) else 0
    found = []
    for shard, sent in sorted(book.submissions.items()):
        score, summary = medians.get(shard, 0), read[shard]
        found.append(
            ModelUpdate(
                digest=sent.digest.hex(),
                cid=cid_of(sent.digest),
                shard=shard,
                node=sent.node,
                name=names.get(sent.node, f"node {sent.node}"),
                accepted=score > 0,
                score=score,
                reason=None if score else why.get(shard, "no validator gave a reason"),
                commitment=sent.commitment.hex(),
                rows=None if summary is None else summary.rows,
                length=None if summary is None else summary.length,
                sum_contribution=None if summary is None else str(summary.magnitude),
                share_bp=summary.magnitude * WHOLE // whole if summary is not None and score and whole else None,
            )
        )
    return found


def _derivation(snapshot: Snapshot, content: RememberedContent, book: RoundBook) -> Derivation:
    assert book.tallied is not None
    assert snapshot.book is not None
    root, parent, spec = content.model(book.model), _parent(content, book), snapshot.spec
    learner = None if spec is None else spec.learner
    counted = len(book.tallied.accepted)
    before = "the model of the spec" if book.base == ZERO_DIGEST else f"model {book.base.hex()[:16]}…"
    return Derivation(
        parent=None if parent is None else parent.hex(),
        sum=digest_or_none(root.sum) if root is not None and root.sum is not None else None,
        weights=None if root is None else root.weights.hex(),
        spec=snapshot.book.spec.hex(),
        learner=learner,
        words=f"{learner or 'the learner'} absorbs the sum of {counted} accepted updates into {before}, and "
        f"{sum(one == book.model for one in book.attested.values())} validators came to this digest",
    )
