"""What the contracts themselves hold at the end of the log, asked and compared with what their events give."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from anomalyhive.audit.record import ChainRecord, View
from anomalyhive.audit.replay.context import shown
from anomalyhive.audit.replay.state import OVER, ZERO_ADDRESS, Hive, Round, Slot, Task
from anomalyhive.audit.report import Findings
from anomalyhive.chain.deployment import Deployment
from anomalyhive.chain.views import ZERO_DIGEST
from anomalyhive.errors import AnomalyHiveError
from anomalyhive.protocol.hashing import revealed_hash, update_hash

UNKNOWN = object()
"""Stands for what events do not give: where an open round stands depends on the time."""


def check_standing(record: ChainRecord, hive: Hive, findings: Findings) -> None:
    """Ask the chain for everything that the events give; nothing where the record is offline."""
    if record.answers is None:
        return
    questions = list(expected(record.deployment, hive))
    try:
        answers = record.answers([view for view, _ in questions])
    except AnomalyHiveError as error:
        findings.fail("state", str(error))
        return
    for (view, due), found in zip(questions, answers, strict=True):
        findings.count("state")
        if isinstance(found, AnomalyHiveError):
            findings.fail("state", f"{view} gives no answer: {found}")
        elif not _same(_lowered(found), _lowered(due)):
            findings.fail("state", f"{view} is {_text(found)}, the events give {_text(due)}")


def expected(deployment: Deployment, hive: Hive) -> Iterator[tuple[View, Any]]:
    """Every question whose answer follows from the events, with that answer; UNKNOWN where none follows."""
    yield View("Hive", "token"), deployment.token
    yield View("Hive", "registry"), deployment.registry
    yield View("Hive", "taskRules"), deployment.addresses["TaskRules"]
    yield View("Hive", "verifySums"), deployment.verify_sums
    yield View("NodeRegistry", "token"), deployment.token
    yield View("NodeRegistry", "hive"), deployment.hive
    yield View("HiveToken", "totalSupply"), hive.supply
    yield View("Hive", "taskCount"), len(hive.tasks)
    yield View("NodeRegistry", "nodeCount"), len(hive.nodes)
    for holder in sorted({*hive.balances, deployment.hive, deployment.registry}):
        yield View("HiveToken", "balanceOf", (holder,)), hive.balances.get(holder, 0)
    for (owner, spender), amount in sorted(hive.allowances.items()):
        # What others may move is moved without an event that says so.
        if spender in (deployment.hive, deployment.registry):
            yield View("HiveToken", "allowance", (owner, spender)), amount
    for number, node in hive.nodes.items():
        due = (node.owner, node.stake, node.operator, node.roles, node.exit_at)
        yield View("NodeRegistry", "node", (number,)), due
        yield View("Hive", "held", (number,)), node.held
    for task in hive.tasks.values():
        yield from _of_task(task)


def _of_task(task: Task) -> Iterator[tuple[View, Any]]:
    due = (
        task.sponsor,
        task.spec,
        task.head,
        task.escrow,
        task.latest,
        task.last_final,
        task.finals,
        task.config.as_tuple(),
    )
    yield View("Hive", "task", (task.number,)), due
    for shard in range(task.config.shards):
        yield View("Hive", "shard", (task.number, shard)), _holder(task.shards.get(shard))
    for seat in range(task.config.seats):
        yield View("Hive", "seat", (task.number, seat)), _holder(task.seats.get(seat))
    for (kind, index, through), term in task.terms.items():
        left = (term.node, term.paid_through, term.through)
        yield View("Hive", "term", (task.number, int(kind), index, through)), left
    # A shard keeps the word of its last update, a seat that of its verdict in the latest round.
    newest = {shard: round_.number for round_ in task.rounds.values() for shard in round_.submissions}
    for round_ in task.rounds.values():
        yield from _of_round(task, round_, newest)


def _holder(slot: Slot | None) -> tuple[str, int, int, int]:
    return (slot.operator, slot.node, slot.since, slot.paid_through) if slot else (ZERO_ADDRESS, 0, 0, 0)


def _of_round(task: Task, round_: Round, newest: Mapping[int, int]) -> Iterator[tuple[View, Any]]:
    place, tally = (task.number, round_.number), round_.tally
    over = round_.phase in OVER
    due = (
        int(round_.phase) if over else UNKNOWN,
        0 if over else UNKNOWN,
        round_.seed,
        round_.base,
        round_.model,
        round_.base_round,
        len(round_.submissions),
        len(round_.medians),
        len(round_.accepted),
        round_.next_shard,
        _bits(round_.commits),
        _bits(round_.reveals),
        _bits(round_.attested),
        _bits(round_.paid),
        sum(round_.medians.values()),
        tally.rate if tally else 0,
        tally.share if tally else 0,
    )
    yield View("Hive", "round", place), due
    for shard, one in round_.submissions.items():
        stored = update_hash(round_.number, shard, one.node, one.digest, one.commitment)
        yield View("Hive", "updateHash", (*place, shard)), stored if newest[shard] == round_.number else bytes(32)
    for seat, commit in round_.commits.items():
        stored = commit.hash
        if seat in round_.reveals:
            stored = revealed_hash(round_.reveals[seat].node, round_.reveals[seat].scores)
        yield View("Hive", "verdictHash", (*place, seat)), stored if round_.number == task.latest else bytes(32)
    for model in sorted({*round_.attested.values()} - {ZERO_DIGEST}):
        seats = [seat for seat, named in round_.attested.items() if named == model]
        yield View("Hive", "attestations", (*place, model)), _bits(seats)


def _bits(seats: Any) -> int:
    return sum(1 << seat for seat in seats)


def _lowered(value: Any) -> Any:
    """Addresses without their checksum's capitals, structs as tuples."""
    if isinstance(value, str):
        return value.lower()
    return tuple(_lowered(one) for one in value) if isinstance(value, (tuple, list)) else value


def _same(found: Any, due: Any) -> bool:
    if isinstance(due, tuple) and isinstance(found, tuple) and len(due) == len(found):
        return all(_same(one, other) for one, other in zip(found, due, strict=True))
    return due is UNKNOWN or bool(found == due)


def _text(value: Any) -> str:
    if isinstance(value, (tuple, list)):
        return f"({', '.join(_text(one) for one in value)})"
    return "open" if value is UNKNOWN else shown(value)
