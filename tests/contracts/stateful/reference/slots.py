"""Who holds which shard and which seat, as the model sees it."""

from __future__ import annotations

from anomalyhive.chain.views import Role
from reference.part import Part, existing, refuse, slot_name
from reference.state import UPDATE, VERDICT, Holder, Round, Task, Term

ROLES = {UPDATE: Role.TRAIN, VERDICT: Role.VALIDATE}


class Slots(Part):
    """See IHive, "Shards and seats"."""

    def take_shard(self, number: int, shard: int) -> None:
        task, holder = self._take(number, UPDATE, shard)
        task.shards[shard] = holder
        self.emit("ShardTaken", number, shard, holder.node, self.sender)

    def take_seat(self, number: int, seat: int) -> None:
        task, holder = self._take(number, VERDICT, seat)
        if holder.node in task.seat_of:
            refuse("AlreadySeated", holder.node, task.seat_of[holder.node])
        task.seats[seat] = holder
        self.emit("SeatTaken", number, seat, holder.node, self.sender)

    def release_shard(self, number: int, shard: int) -> None:
        self._release(number, UPDATE, shard)

    def release_seat(self, number: int, seat: int) -> None:
        self._release(number, VERDICT, seat)

    def refresh_shard(self, number: int, shard: int) -> None:
        self._refresh(number, UPDATE, shard)

    def refresh_seat(self, number: int, seat: int) -> None:
        self._refresh(number, VERDICT, seat)

    def free_shard(self, number: int, shard: int) -> None:
        self._free(number, UPDATE, shard)

    def free_seat(self, number: int, seat: int) -> None:
        self._free(number, VERDICT, seat)

    # Internals

    def _take(self, number: int, kind: int, index: int) -> tuple[Task, Holder]:
        task = self.state.tasks.get(number)
        count = 0 if task is None else task.config.shards if kind == UPDATE else task.config.seats
        if task is None or index >= count:
            refuse("OutOfRange", index, count)
        if index in task.slots(kind):
            refuse("SlotHeld", index, task.slots(kind)[index].node)
        node, role, min_stake = self.state.node_of.get(self.sender, 0), ROLES[kind], task.config.min_stake
        if not self.state.is_active(node, role, min_stake):
            refuse("NotEligible", node, role, min_stake)
        return task, Holder(self.sender, node, task.latest, task.last_final)

    def _release(self, number: int, kind: int, index: int) -> None:
        holder = self._held(number, kind, index)
        node = self.state.nodes[holder.node]
        if self.sender not in (node.operator, node.owner):
            refuse("NotHolder", self.sender, holder.node)
        self._vacate(number, kind, index, "Released")

    def _free(self, number: int, kind: int, index: int) -> None:
        holder, task = self._held(number, kind, index), existing(self.state, number)
        active = self.state.is_active(holder.node, ROLES[kind], task.config.min_stake)
        if active and not missed(task, kind, index):
            refuse("NotFreeable", index, holder.node)
        self._vacate(number, kind, index, "Freed")

    def _refresh(self, number: int, kind: int, index: int) -> None:
        holder = self._held(number, kind, index)
        holder.operator = self.state.nodes[holder.node].operator
        self.emit(f"{slot_name(kind)}Refreshed", number, index, holder.node, holder.operator)

    def _held(self, number: int, kind: int, index: int) -> Holder:
        holder = self.holder(number, kind, index)
        if holder is None:
            refuse("SlotFree", index)
        return holder

    def _vacate(self, number: int, kind: int, index: int, how: str) -> None:
        task, name = existing(self.state, number), slot_name(kind)
        if task.is_bound(kind, index):
            refuse(f"{name}Bound", task.latest, index)
        self.emit(f"{name}{how}", number, index, end_term(task, kind, index))


def end_term(task: Task, kind: int, index: int) -> int:
    """Takes the holder out of the slot, keeps what it can still claim; its node."""
    holder, last = task.slots(kind).pop(index), task.last_final
    if holder.paid_through != last:
        key = (kind, index, last)
        assert key not in task.terms, "two terms of one key"
        task.terms[key] = Term(holder.node, holder.paid_through, last)
    return holder.node


def missed(task: Task, kind: int, index: int) -> bool:
    """Whether the holder let the last `missLimit` final rounds pass."""
    since, limit = task.slots(kind)[index].since, task.config.miss_limit
    last = task.finals[-limit:] if limit else []
    return (
        bool(limit)
        and len(last) == limit
        and not any(number <= since or _is_excused(task, number, kind, index) for number in last)
    )


def _is_excused(task: Task, number: int, kind: int, index: int) -> bool:
    round_: Round = task.rounds[number]
    if kind == UPDATE:
        return task.last_update(index) >= number or len(round_.updates) == task.config.update_quota
    if index in round_.verdicts:
        return round_.verdicts[index].scores is not None
    return len(round_.verdicts) == task.config.verdict_quota
