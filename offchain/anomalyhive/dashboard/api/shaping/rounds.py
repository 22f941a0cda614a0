"""Rounds as they are answered."""

from __future__ import annotations

from typing import Literal, cast

from anomalyhive.chain.hive import earnings
from anomalyhive.chain.views import RoundView
from anomalyhive.dashboard.api.schemas.rounds import (
    Participant,
    Phase,
    PhaseName,
    Round,
    RoundDetail,
    RoundFigures,
    StepName,
)
from anomalyhive.dashboard.api.shaping.names import cid_of, digest_or_none, names_of
from anomalyhive.dashboard.live.content import RememberedContent
from anomalyhive.dashboard.live.ledger import TaskBook
from anomalyhive.dashboard.live.roundbook import RoundBook
from anomalyhive.dashboard.live.snapshot import Snapshot
from anomalyhive.federation.record import unpaid
from anomalyhive.protocol.phases import Phase as Step

STEPS = (Step.TRAIN, Step.JUDGE, Step.REVEAL, Step.TALLY, Step.ATTEST)


def round_of(snapshot: Snapshot, book: RoundBook, now: int) -> Round:
    """A round at ``now`` (unix seconds)."""
    there, view = book.at(now), book.view(now)
    tallied = view.tallied
    return Round(
        round=book.number,
        phase=_named(view),
        ends_at=view.ends_at or None,
        phases=[_phase(there, step) for step in STEPS],
        seed=book.seed.hex(),
        base_model=digest_or_none(book.base),
        updates=len(book.submissions),
        accepted=None if tallied is None else len(tallied.accepted),
        rejected=None if tallied is None else len(book.submissions) - len(tallied.accepted),
        verdicts=len(book.reveals),
        model=digest_or_none(book.model),
        reward=str(book.config.reward),
        paid=str(_paid(view)) if book.final else None,
        gas=snapshot.gas.get(book.number),
        opened_at=book.opened_at,
        finalized_at=book.ended_at if book.final else None,
        ended_at=book.ended_at,
        quality=snapshot.quality.get(book.number),
    )


def detail_of(snapshot: Snapshot, content: RememberedContent, book: RoundBook, now: int) -> RoundDetail:
    """A round with all who take part in it."""
    return RoundDetail(
        **vars(round_of(snapshot, book, now)), participants=participants_of(snapshot, content, book, now)
    )


def figures_of(snapshot: Snapshot, book: RoundBook, now: int) -> RoundFigures:
    """What charts need of a round."""
    view = book.view(now)
    return RoundFigures(
        round=book.number,
        phase=_named(view),
        opened_at=book.opened_at,
        ended_at=book.ended_at,
        updates=len(book.submissions),
        accepted=None if view.tallied is None else len(view.tallied.accepted),
        validators=len(book.reveals),
        reward=str(_paid(view) if book.over else book.config.reward),
        gas=snapshot.gas.get(book.number),
        quality=snapshot.quality.get(book.number),
    )


def _paid(view: RoundView) -> int:
    return sum(earnings(view).values())


def _named(view: RoundView) -> PhaseName:
    return cast(PhaseName, view.phase.name)


def _phase(book: RoundBook, step: Step) -> Phase:
    """A phase of a round that stands at the present (`RoundBook.at`)."""
    config, here = book.config, book.progress
    quota, needed, done = {
        Step.TRAIN: (config.update_quota or None, config.min_updates, len(book.submissions)),
        Step.JUDGE: (config.verdict_quota or None, config.quorum, len(book.committed)),
        Step.REVEAL: (len(book.committed), config.quorum, len(book.reveals)),
        Step.TALLY: (len(book.submissions), len(book.submissions), len(book.medians)),
        Step.ATTEST: (config.quorum, config.quorum, len(book.attested)),
    }[step]
    starts, ended = book.entered.get(step), book.left.get(step)
    state: Literal["ahead", "open", "over"] = "over" if ended is not None else "open" if here.phase is step else "ahead"
    ends = ended if ended is not None else here.deadline or None if state == "open" else None
    return Phase(
        name=cast(StepName, step.name),
        state=state,
        starts_at=starts,
        ends_at=ends,
        quota=quota,
        needed=needed,
        done=done,
    )


def participants_of(snapshot: Snapshot, content: RememberedContent, book: RoundBook, now: int) -> list[Participant]:
    """Who takes part in a round: trainers by shard, then validators by seat."""
    task, view, names = snapshot.book, book.view(now), names_of(snapshot)
    assert task is not None
    why = content.reasons(book) if view.tallied is not None else {}
    spare = {one["seat"]: str(one["reason"]) for one in unpaid(task, view, lambda node: names.get(node, str(node)))}
    return [
        *(_trainer(book, view, shard, node, names, why) for shard, node in sorted(book.shards.items())),
        *(_validator(book, view, seat, node, names, spare) for seat, node in sorted(book.seats.items())),
    ]


def _trainer(
    book: RoundBook, view: RoundView, shard: int, node: int, names: dict[int, str], why: dict[int, str]
) -> Participant:
    sent, tallied = book.submissions.get(shard), view.tallied
    score = None if sent is None or tallied is None else tallied.medians.get(shard, 0)
    rejected = score == 0
    reason = why.get(shard, "no validator gave a reason") if rejected else None
    earned = None
    if book.final and tallied is not None:
        earned = str(tallied.rate * tallied.medians.get(shard, 0))
    return Participant(
        kind="trainer",
        place=shard,
        node=node,
        name=names.get(node, f"node {node}"),
        submitted=sent is not None,
        committed=None,
        revealed=None,
        attested=None,
        score=score,
        accepted=None if score is None else not rejected,
        reason=reason,
        digest=None if sent is None else sent.digest.hex(),
        cid=None if sent is None else cid_of(sent.digest),
        worth=score,
        reward=earned,
        slashed="0",
        model=None,
    )


def _validator(
    book: RoundBook, view: RoundView, seat: int, node: int, names: dict[int, str], spare: dict[int, str]
) -> Participant:
    shown, paid = book.reveals.get(seat), seat in view.paid
    known = view.tallied is not None and seat in book.committed
    attested = book.attested.get(seat)
    return Participant(
        kind="validator",
        place=seat,
        node=node,
        name=names.get(node, f"node {node}"),
        submitted=None,
        committed=seat in book.committed,
        revealed=shown is not None,
        attested=attested is not None,
        score=None,
        accepted=paid if known else None,
        reason=spare.get(seat),
        digest=None if shown is None else shown.digest.hex(),
        cid=None if shown is None else cid_of(shown.digest),
        worth=None,
        reward=str(view.tallied.share if paid else 0) if book.final and view.tallied is not None else None,
        slashed=str(book.slashed.get(seat, 0)),
        model=None if attested is None else attested.hex(),
    )


def rounds_of(book: TaskBook | None) -> list[RoundBook]:
    """The rounds of a task, the newest first."""
    return [] if book is None else list(reversed(book.rounds.values()))
