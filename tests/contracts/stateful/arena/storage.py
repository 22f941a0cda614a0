"""The storage of Hive and NodeRegistry, slot by slot, as a state demands it: their variables in order, packed by hand.

What is not in here must be 0. See HiveState.sol, ProgressBits.sol and NodeRegistry.sol, and "Layout of State Variables
in Storage" in Solidity's documentation.
"""

from __future__ import annotations

from collections.abc import Iterable

from eth_utils.crypto import keccak
from reference.state import UPDATE, VERDICT, Round, State, Task
from reference.tally import BLOCK, strayed, total
from reference.words import mask, update_word, verdict_word, word

from anomalyhive.chain.views import Phase

ADDRESS, U8, U16, U24, U32, U40, U88, U96, U128 = 160, 8, 16, 24, 32, 40, 88, 96, 128

CONFIG_BITS = [U32] * 5 + [U16] * 3 + [U8] * 5 + [U96, U96, U16, U32, U96, 256]
"""TaskConfig: four slots."""

PROGRESS_BITS = [U8, U40, U16, U16, U16, U16, U16, U24, U24, U24, U32, U24]

Slots = dict[int, int]


def registry_slots(state: State) -> Slots:
    """NodeRegistry: nodeCount, nodeOf, _nodes."""
    slots = {0: len(state.nodes)}
    for operator, number in state.node_of.items():
        slots[_at(int(operator, 16), 1)] = number
    for number, node in state.nodes.items():
        values = [int(node.owner, 16), node.stake, int(node.operator, 16), node.roles, node.exit_at]
        slots |= _packed(_at(number, 2), values, [ADDRESS, U96, ADDRESS, U8, U40])
    return _used(slots)


def hive_slots(state: State) -> Slots:
    """Hive: taskCount, held, _tasks."""
    slots = {0: len(state.tasks)}
    for number in state.nodes:
        slots[_at(number, 1)] = state.held(number)
    for number, task in state.tasks.items():
        slots |= _task(_at(number, 2), task)
    return _used(slots)


def _task(base: int, task: Task) -> Slots:
    *numbers, seed = task.config.as_tuple()
    slots = _packed(base, [*numbers, int.from_bytes(seed, "big")], CONFIG_BITS)
    counts = [int(task.sponsor, 16), task.latest, task.last_final, len(task.finals)]
    slots |= _packed(base + 4, counts, [ADDRESS, U32, U32, U32])
    slots[base + 5] = task.escrow
    slots[base + 6] = int.from_bytes(task.spec, "big")
    for kind in (UPDATE, VERDICT):
        for index, holder in task.slots(kind).items():
            values = [int(holder.operator, 16), holder.node, holder.since, holder.paid_through]
            slots |= _packed(_at(kind << 16 | index, base + 7), values, [ADDRESS, U32, U32, U32])
    for (kind, index, through), term in task.terms.items():
        key = kind << 48 | index << 32 | through
        slots |= _packed(_at(key, base + 8), [term.node, term.paid_through, term.through], [U32, U32, U32])
    for shard in {shard for one in task.rounds.values() for shard in one.updates}:
        last = task.last_update(shard)
        slots[_at(shard, base + 9)] = _number(update_word(last, shard, task.rounds[last].updates[shard]))
    for seat in {seat for one in task.rounds.values() for seat in one.verdicts}:
        slots[_at(seat, base + 10)] = _number(verdict_word(task.rounds[task.last_verdict(seat)], seat))
    for node, seat in task.seat_of.items():
        slots[_at(node, base + 11)] = seat + 1
    for number, one in task.rounds.items():
        slots |= _round(_at(number, base + 12), task, one)
    return slots


def _round(base: int, task: Task, one: Round) -> Slots:
    counts = [len(one.updates), task.config.update_quota, len(one.medians), len(one.accepted), one.next_shard]
    sets = [mask(one.verdicts), mask(one.revealed), mask(one.named)]
    progress = [one.phase, one.deadline, *counts, *sets, one.base_round, task.config.judge_seconds]
    slots = _packed(base, progress, PROGRESS_BITS)
    rate, share, paid = (one.settled.rate, one.settled.share, mask(one.settled.paid)) if one.settled else (0, 0, 0)
    parent = one.base_round + 1 if one.phase is Phase.FINAL else 0
    slots |= _packed(base + 1, [rate, share, paid, one.worth, parent], [U88, U88, U24, U24, U32])
    slots[base + 2] = _number(one.seed)
    slots[base + 3] = _number(one.model)
    for block in {shard // BLOCK for shard in one.medians}:
        shards = range(BLOCK * block, BLOCK * (block + 1))
        slots[_at(block, base + 4)] = _number(bytes(one.medians.get(shard, 0) for shard in shards))
    for model in set(one.named.values()):
        slots[_at(_number(model), base + 5)] = mask(one.naming(model))
    if one.medians and one.settled is None:
        slots |= _running(base + 6, task, one)
    return slots


def _running(base: int, task: Task, one: Round) -> Slots:
    """The tally between two slices: the sum, and how far each judge has strayed, eight to a slot.

    An update of the judge's own counts as strayed from by just what is tolerated.
    """
    sum_ = total(one)
    slots = {base + i: _number(sum_[32 * i : 32 * i + 32]) for i in range(3)}
    own = task.config.tolerance
    strays = [stray + own * (len(one.medians) - judged) for stray, judged in strayed(one, one.medians).values()]
    for i in range(0, len(strays), 8):
        slots[base + 3 + i // 8] = sum(stray << U32 * k for k, stray in enumerate(strays[i : i + 8]))
    return slots


def _packed(base: int, values: Iterable[int], widths: Iterable[int]) -> Slots:
    """Values side by side from the lowest bits on; one that does not fit its slot begins the next."""
    slots, at, bit = {base: 0}, base, 0
    for value, width in zip(values, widths, strict=True):
        assert 0 <= value < 1 << width
        if bit + width > 256:
            at, bit = at + 1, 0
        slots[at] = slots.get(at, 0) | int(value) << bit
        bit += width
    return slots


def _at(key: int, mapping: int) -> int:
    """Where a mapping keeps what belongs to a key."""
    return _number(keccak(word(key) + word(mapping)))


def _number(value: bytes) -> int:
    return int.from_bytes(value, "big")


def _used(slots: Slots) -> Slots:
    return {slot: value for slot, value in slots.items() if value}
