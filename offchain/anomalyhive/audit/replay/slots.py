"""Who holds which shard and which seat."""

from __future__ import annotations

from anomalyhive.audit.replay.context import Replay, Values
from anomalyhive.audit.replay.state import OVER, Node, Slot, Task, Term
from anomalyhive.chain.views import Kind, Role
from anomalyhive.errors import AuditFailure


def shard_taken(at: Replay, v: Values) -> None:
    """A node trains on a shard from now on."""
    _take(at, at.task(v), Kind.UPDATE, v["shard"], v)


def shard_refreshed(at: Replay, v: Values) -> None:
    """The copy of a shard's operator was read anew."""
    _refresh(at, at.task(v).shards, v["shard"], v)


def shard_released(at: Replay, v: Values) -> None:
    """The holder of a shard gave it up."""
    _vacate(at, at.task(v), Kind.UPDATE, v["shard"], v["node"])


def shard_freed(at: Replay, v: Values) -> None:
    """A shard was taken from a holder who is inactive or missed too many rounds."""
    task = at.task(v)
    slot, node = _held(at, task.shards, v["shard"], v["node"])
    if node.active(Role.TRAIN, task.config.min_stake) and not _missed_updates(task, slot, v["shard"]):
        at.fault(f"node {slot.node} is active and did not miss {task.config.miss_limit} rounds")
    _vacate(at, task, Kind.UPDATE, v["shard"], v["node"])


def seat_taken(at: Replay, v: Values) -> None:
    """A node judges in a seat from now on."""
    task = at.task(v)
    other = task.seat_of(v["node"])
    if other is not None:
        at.fault(f"node {v['node']} sits in seat {other} already")
    _take(at, task, Kind.VERDICT, v["seat"], v)


def seat_refreshed(at: Replay, v: Values) -> None:
    """The copy of a seat's operator was read anew."""
    _refresh(at, at.task(v).seats, v["seat"], v)


def seat_released(at: Replay, v: Values) -> None:
    """The holder of a seat gave it up."""
    _vacate(at, at.task(v), Kind.VERDICT, v["seat"], v["node"])


def seat_freed(at: Replay, v: Values) -> None:
    """A seat was taken from a holder who is inactive or missed too many rounds."""
    task = at.task(v)
    slot, node = _held(at, task.seats, v["seat"], v["node"])
    if node.active(Role.VALIDATE, task.config.min_stake) and not _missed_verdicts(task, slot, v["seat"]):
        at.fault(f"node {slot.node} is active and did not miss {task.config.miss_limit} rounds")
    _vacate(at, task, Kind.VERDICT, v["seat"], v["node"])


def _take(at: Replay, task: Task, kind: Kind, index: int, v: Values) -> None:
    """A term begins: what was final before is not its holder's."""
    slots, node = task.slots(kind), at.node(v["node"])
    count, role = (task.config.shards, Role.TRAIN) if kind is Kind.UPDATE else (task.config.seats, Role.VALIDATE)
    if index >= count:
        raise AuditFailure(f"slot {index} is taken and the task has {count}")
    if index in slots:
        raise AuditFailure(f"slot {index} is taken and node {slots[index].node} holds it")
    if not node.active(role, task.config.min_stake):
        at.fault(f"node {v['node']} is leaving, lacks the role {role.name} or a stake of {task.config.min_stake}")
    at.expect("operator", v["operator"], node.operator)
    slots[index] = Slot(v["node"], v["operator"], task.latest, task.last_final)
    node.held += 1


def _held(at: Replay, slots: dict[int, Slot], index: int, node: int) -> tuple[Slot, Node]:
    if index not in slots or slots[index].node != node:
        holder = f"node {slots[index].node}" if index in slots else "nobody"
        raise AuditFailure(f"slot {index} is held by {holder}, not by node {node}")
    return slots[index], at.node(node)


def _vacate(at: Replay, task: Task, kind: Kind, index: int, node: int) -> None:
    """A term ends. What it was not paid for stays to be claimed."""
    slots = task.slots(kind)
    slot, holder = _held(at, slots, index, node)
    _check_unbound(at, task, kind, index)
    if slot.paid_through != task.last_final:
        task.terms[kind, index, task.last_final] = Term(node, slot.paid_through, task.last_final)
    holder.held -= 1
    del slots[index]


def _refresh(at: Replay, slots: dict[int, Slot], index: int, v: Values) -> None:
    slot, node = _held(at, slots, index, v["node"])
    at.expect("operator", v["operator"], node.operator)
    slot.operator = v["operator"]


def _check_unbound(at: Replay, task: Task, kind: Kind, index: int) -> None:
    """From its update, commit or attestation to the end of the round a slot stays with its node."""
    round_ = task.rounds.get(task.latest)
    if round_ is None or round_.phase in OVER:
        return
    if kind is Kind.UPDATE and index in round_.submissions:
        at.fault(f"shard {index} is bound by its update in round {round_.number}")
    if kind is Kind.VERDICT and (index in round_.commits or index in round_.attested):
        at.fault(f"seat {index} is bound by its verdict or attestation in round {round_.number}")


def _missed_updates(task: Task, slot: Slot, shard: int) -> bool:
    """No update in the last ``miss_limit`` final rounds nor since; a full quota excuses, and so does who came later."""
    quota, number = task.config.update_quota, task.last_final
    last = max((round_.number for round_ in task.rounds.values() if shard in round_.submissions), default=0)
    for _ in range(task.config.miss_limit):
        if number <= slot.since or last >= number:
            return False
        round_ = task.rounds[number]
        if quota and len(round_.submissions) >= quota:
            return False
        number = round_.base_round
    return task.config.miss_limit > 0


def _missed_verdicts(task: Task, slot: Slot, seat: int) -> bool:
    """No verdict revealed in the last ``miss_limit`` final rounds; a quota filled by others excuses."""
    quota, number = task.config.verdict_quota, task.last_final
    for _ in range(task.config.miss_limit):
        if number <= slot.since:
            return False
        round_ = task.rounds[number]
        full = quota and len(round_.commits) >= quota and seat not in round_.commits
        if full or seat in round_.reveals:
            return False
        number = round_.base_round
    return task.config.miss_limit > 0
