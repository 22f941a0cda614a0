"""The tally: medians and acceptance recomputed from the revealed scores, the sum of commitments, who is paid what."""

from __future__ import annotations

from anomalyhive.audit.replay.context import Replay, Values, shown
from anomalyhive.audit.replay.rounds import check_slashed, enter
from anomalyhive.audit.replay.state import Round, Tally, Task
from anomalyhive.chain.folding import point_bytes, seats_of
from anomalyhive.chain.views import Phase
from anomalyhive.commitments import INFINITY, BadCommitment, add_all, check_on_curve
from anomalyhive.errors import AuditFailure
from anomalyhive.protocol.deviation import deviations, is_paid
from anomalyhive.protocol.median import median_of_update
from anomalyhive.protocol.shares import split_reward

WORD_SHARDS = 32
"""Medians in one word."""


def sliced(at: Replay, v: Values) -> None:
    """A slice of the tally: the medians of shards in a row, from where the word of the first one begins."""
    task, round_ = at.round(v)
    enter(at, task, round_, Phase.TALLY)
    if round_.expected is None:
        round_.expected = expected_medians(at, round_)
        at.later(lambda: check_slashed(at, round_))
    first, medians = v["firstShard"], v["medians"]
    begin, following = round_.next_shard, first + len(medians)
    at.expect("firstShard", first, begin - begin % WORD_SHARDS, "medians")
    if following <= begin or following - 1 not in round_.submissions:
        raise AuditFailure(f"goes from shard {begin} to {following - 1}, which must have an update not counted yet")
    for shard, median in enumerate(medians, first):
        due = round_.expected.get(shard, 0)
        # Below `begin` an earlier slice has said it, and this one may leave it out.
        if median or shard >= begin:
            at.expect(f"the median of shard {shard}", median, due, "medians")
        if shard in round_.submissions and shard >= begin:
            at.findings.count("medians")
            # The chain's word stands, right or wrong: everything later was built on it.
            round_.medians[shard] = median
    round_.next_shard = following
    if not round_.submissions.keys() - round_.medians.keys():
        at.later(lambda: None if round_.tally else at.fault("counts the last update and ends no tally", "medians"))


def tallied(at: Replay, v: Values) -> None:
    """Every update is counted."""
    task, round_ = at.round(v)
    enter(at, task, round_, Phase.TALLY)
    left = sorted(round_.submissions.keys() - round_.medians.keys())
    if left:
        at.fault(f"the updates of shards {left} were not counted", "medians")
        return
    tally = Tally(v["accepted"], v["worth"], v["rate"], v["share"], seats_of(v["paid"]), point_bytes(v["sum"]))
    at.expect("accepted", tally.accepted, len(round_.accepted), "medians")
    at.expect("worth", tally.worth, sum(round_.medians.values()), "medians")
    _check_sum(at, round_, tally)
    _check_pay(at, task, round_, tally)
    round_.tally, round_.paid = tally, tally.paid
    enough = tally.accepted >= task.config.min_updates
    round_.phase = Phase.ATTEST if enough else Phase.STALLED
    round_.deadline = at.now + task.config.attest_seconds if enough else 0


def expected_medians(at: Replay, round_: Round) -> dict[int, int]:
    """Shard -> the median that its scores give; 0 too for a commitment that the chain cannot add."""
    verdicts = {seat: (one.node, one.scores) for seat, one in round_.reveals.items()}
    return {
        shard: median_of_update(shard, one.node, verdicts) if _addable(at, one.commitment) else 0
        for shard, one in round_.submissions.items()
    }


def _addable(at: Replay, commitment: bytes) -> bool:
    if not at.record.deployment.verify_sums:
        return True
    try:
        check_on_curve(commitment)
    except BadCommitment:
        return False
    return True


def _check_sum(at: Replay, round_: Round, tally: Tally) -> None:
    """The contract's sum; it stays at infinity on a chain that cannot add."""
    at.findings.count("sums")
    due = INFINITY
    if at.record.deployment.verify_sums:
        try:
            due = add_all(round_.submissions[shard].commitment for shard in round_.accepted)
        except BadCommitment as error:
            at.fault(f"an accepted commitment is no point: {error.reason}", "sums")
            return
    if tally.sum != due:
        at.fault(f"the sum of the accepted commitments is {shown(due)}, not {shown(tally.sum)}", "sums")


def _check_pay(at: Replay, task: Task, round_: Round, tally: Tally) -> None:
    """Who is paid and how much: rates and shares by floor division."""
    strayed = deviations(
        {shard: one.node for shard, one in round_.submissions.items()},
        {seat: (one.node, one.scores) for seat, one in round_.reveals.items()},
        round_.medians,
    )
    paid = frozenset(seat for seat, (off, judged) in strayed.items() if is_paid(off, judged, task.config.tolerance))
    at.expect("paid", tally.paid, paid, "rewards")
    due = split_reward(round_.reward, task.config.trainer_bps, sum(round_.medians.values()), len(paid))
    at.expect("rate", tally.rate, due.rate, "rewards")
    at.expect("share", tally.share, due.share, "rewards")
    at.findings.count("rewards", len(round_.accepted) + len(paid))
