"""From the log to the state: every event in its order, through the step that belongs to its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

from anomalyhive.audit.record import ChainRecord
from anomalyhive.audit.replay import claims, nodes, rounds, slots, tally, tasks, tokens
from anomalyhive.audit.replay.context import Replay, Values
from anomalyhive.audit.replay.order import transactions
from anomalyhive.audit.replay.shapes import plain
from anomalyhive.audit.replay.state import Hive
from anomalyhive.audit.report import Findings
from anomalyhive.chain.events import Event
from anomalyhive.errors import AuditFailure

Step: TypeAlias = Callable[[Replay, Values], None]

STEPS: Mapping[str, Step] = MappingProxyType(
    {
        "Transfer": tokens.transferred,
        "Approval": tokens.approved,
        "NodeRegistered": nodes.registered,
        "StakeAdded": nodes.stake_added,
        "RolesSet": nodes.roles_set,
        "OperatorRotated": nodes.rotated,
        "ExitRequested": nodes.exit_requested,
        "StakeWithdrawn": nodes.withdrawn,
        "NodeSlashed": nodes.slashed,
        "TaskCreated": tasks.created,
        "TaskFunded": tasks.funded,
        "EscrowWithdrawn": tasks.escrow_withdrawn,
        "Claimed": claims.claimed,
        "ShardTaken": slots.shard_taken,
        "ShardRefreshed": slots.shard_refreshed,
        "ShardReleased": slots.shard_released,
        "ShardFreed": slots.shard_freed,
        "SeatTaken": slots.seat_taken,
        "SeatRefreshed": slots.seat_refreshed,
        "SeatReleased": slots.seat_released,
        "SeatFreed": slots.seat_freed,
        "RoundOpened": rounds.opened,
        "UpdateSubmitted": rounds.submitted,
        "VerdictCommitted": rounds.committed,
        "VerdictRevealed": rounds.revealed,
        "SeatSlashed": rounds.seat_slashed,
        "UpdatesTallied": tally.sliced,
        "RoundTallied": tally.tallied,
        "ModelAttested": rounds.attested,
        "RoundFinalized": rounds.finalized,
        "RoundCancelled": rounds.cancelled,
    }
)


def replay(record: ChainRecord, findings: Findings) -> Hive:
    """Rebuild the state of the contracts; whatever does not follow from the rules is noted."""
    at = Replay(record, findings)
    for group in transactions(record.events, record.times, findings):
        for event in group:
            _step(at, event)
        at.finish_transaction()
        at.begin(group[-1])
        tokens.settle(at)
        claims.settle(at)
        _check_burned(at)
    findings.count("events", len(record.events))
    if not at.state.supply:
        findings.fail("events", "the log does not begin with the token's supply: it is empty or cut")
    return at.state


def _step(at: Replay, event: Event) -> None:
    at.begin(event)
    try:
        known = plain(event)
        at.begin(known)
        step = STEPS.get(known.name)
        if step is None:
            raise AuditFailure("is an event that these contracts never emit")
        step(at, known.values)
    except AuditFailure as fault:
        at.fault(str(fault))


def _check_burned(at: Replay) -> None:
    """Stake burns for the hive's reasons only, which stand in the same transaction."""
    for (node, amount), left in sorted(at.burned.items()):
        if left:
            at.fault(f"registry and hive disagree about {amount} burned of the stake of node {node}", "rewards")
    at.burned.clear()
