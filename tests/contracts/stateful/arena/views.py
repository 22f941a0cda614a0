"""What every view of the contracts must answer, from a state."""

from __future__ import annotations

from collections.abc import Iterator

from reference.state import NOBODY, NOTHING, UPDATE, VERDICT, Round, State, Task
from reference.words import head, mask, update_word, verdict_word

from anomalyhive.chain.views import Phase
from arena.chain import View

FREE = (NOBODY, 0, 0, 0)
SOMEBODY = "0x" + "11" * 20
"""Who is not in any run."""

BEYOND = 1
"""How far beyond what exists the views are asked too."""


def all_views(state: State, time: int, hive: str, registry: str) -> Iterator[View]:
    """Every view for everything that exists, and for the first that does not."""
    yield View("hive", "taskCount", (), (len(state.tasks),))
    yield View("registry", "nodeCount", (), (len(state.nodes),))
    yield from money(state, hive, registry)
    for node in range(len(state.nodes) + 1 + BEYOND):
        yield from of_node(state, node)
    for number, task in state.tasks.items():
        yield from of_task(state, number)
        for round_ in range(task.latest + 1 + BEYOND):
            yield from of_round(state, number, round_, time)
            yield from inside_round(state, number, round_)


def money(state: State, hive: str, registry: str, everybody: bool = True) -> Iterator[View]:
    """Tokens: held by the contracts, by everybody, and in all."""
    yield View("token", "totalSupply", (), (state.supply,))
    for account in {hive, registry, *state.balances} if everybody else (hive, registry):
        yield View("token", "balanceOf", (account,), (state.balances.get(account, 0),))


def of_node(state: State, number: int) -> Iterator[View]:
    """A node and what it holds."""
    yield View("hive", "held", (number,), (state.held(number),))
    node = state.nodes.get(number)
    for role in (1, 2, 3):
        yield View("registry", "isActive", (number, role, 10**18), (state.is_active(number, role, 10**18),))
    for account in {node.owner, node.operator} if node else ():
        yield View("registry", "nodeOf", (account,), (state.node_of.get(account, 0),))
        yield View("registry", "actsFor", (number, account), (True,))
    if node:
        yield View("registry", "actsFor", (number, SOMEBODY), (False,))
        row = (node.owner, node.stake, node.operator, node.roles, node.exit_at)
        yield View("registry", "node", (number,), (row,))
        yield View("registry", "ownerOf", (number,), (node.owner,))
        yield View("registry", "operatorOf", (number,), (node.operator,))


def of_task(state: State, number: int) -> Iterator[View]:
    """A task, its slots and its terms."""
    task = state.tasks[number]
    yield from of_task_row(state, number)
    for kind in (UPDATE, VERDICT):
        for index in indices(task, kind):
            yield from of_slot(state, number, kind, index)
    for node in range(len(state.nodes) + 1):
        yield View("hive", "seatOf", (number, node), (task.seat_of.get(node, -1) + 1,))


def of_task_row(state: State, number: int) -> Iterator[View]:
    """A task by itself."""
    task = state.tasks[number]
    numbers = (task.escrow, task.latest, task.last_final, len(task.finals))
    row = (task.sponsor, task.spec, head(task), *numbers, task.config.as_tuple())
    yield View("hive", "task", (number,), (row,))


def of_slot(state: State, number: int, kind: int, index: int, all_terms: bool = True) -> Iterator[View]:
    """A shard or a seat: its holder, and the terms that could have ended there, or the latest of them."""
    task = state.tasks[number]
    holder = task.slots(kind).get(index)
    row = (holder.operator, holder.node, holder.since, holder.paid_through) if holder else FREE
    yield View("hive", "shard" if kind == UPDATE else "seat", (number, index), (row,))
    for through in range(task.latest + 1) if all_terms else [task.last_final]:
        term = task.terms.get((kind, index, through))
        answer = (term.node, term.paid_through, term.through) if term else (0, 0, 0)
        yield View("hive", "term", (number, kind, index, through), (answer,))


def of_round(state: State, number: int, round_: int, time: int) -> Iterator[View]:
    """A round as it stands."""
    task = state.tasks[number]
    found = task.rounds.get(round_)
    if found is None:
        row: tuple[object, ...] = (0, 0, NOTHING, NOTHING, NOTHING, *[0] * 12)
    else:
        phase, deadline, _ = found.at(task.config, time)
        base = task.rounds[found.base_round].model if found.base_round else NOTHING
        settled = found.settled
        row = (phase, deadline, found.seed, base, found.model, found.base_round)
        row += (len(found.updates), len(found.medians), len(found.accepted), found.next_shard)
        row += (mask(found.verdicts), mask(found.revealed), mask(found.named))
        row += (mask(settled.paid) if settled else 0, found.worth)
        row += (settled.rate, settled.share) if settled else (0, 0)
    yield View("hive", "round", (number, round_), (row,))
    yield View("hive", "phaseOf", (number, round_), row[:2])


def inside_round(state: State, number: int, round_: int) -> Iterator[View]:
    """What is stored of a round: words, medians, attestations, earnings."""
    task = state.tasks[number]
    found = task.rounds.get(round_) or Round(Phase.NONE, 0, 0, NOTHING)
    for shard in indices(task, UPDATE):
        # An update of a later round has taken its place.
        there = shard in found.updates and task.last_update(shard) == round_
        word = update_word(round_, shard, found.updates[shard]) if there else NOTHING
        yield View("hive", "updateHash", (number, round_, shard), (word,))
        yield View("hive", "medianOf", (number, round_, shard), (found.medians.get(shard, 0),))
        yield View("hive", "earned", (number, round_, UPDATE, shard), (found.earned(UPDATE, shard),))
    for seat in indices(task, VERDICT):
        there = seat in found.verdicts and task.latest == round_
        word = verdict_word(found, seat) if there else NOTHING
        yield View("hive", "verdictHash", (number, round_, seat), (word,))
        yield View("hive", "earned", (number, round_, VERDICT, seat), (found.earned(VERDICT, seat),))
    for model in {NOTHING, *found.named.values()}:
        yield View("hive", "attestations", (number, round_, model), (mask(found.naming(model)),))


def indices(task: Task, kind: int) -> list[int]:
    """The slots worth asking for: all of a small task, else those ever used; and one that there is not."""
    count = task.config.shards if kind == UPDATE else task.config.seats
    if count <= 8:
        return list(range(count + BEYOND))
    used = {index for one in task.rounds.values() for index in one.updates}
    ended = {index for of, index, _ in task.terms if of == kind}
    return sorted({0, count - 1, count, *used, *ended, *task.slots(kind)})
