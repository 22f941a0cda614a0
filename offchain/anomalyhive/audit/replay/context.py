"""What every step of the replay works on: the rebuilt state, the event at hand, and what its transaction still owes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from anomalyhive.audit.record import ChainRecord
from anomalyhive.audit.replay.state import Hive, Node, Round, Task
from anomalyhive.audit.report import Findings
from anomalyhive.chain.events import Event
from anomalyhive.errors import AuditFailure

Values: TypeAlias = Mapping[str, Any]
"""An event's values by the contracts' names, as `shapes.plain` makes them."""


class Replay:
    """The replay between two events.

    A handler changes ``state`` as the contract did. What is wrong and still leaves a meaning is noted with ``fault``;
    an event without a meaning raises AuditFailure and changes nothing.
    """

    def __init__(self, record: ChainRecord, findings: Findings) -> None:
        self.record = record
        self.findings = findings
        self.state = Hive()
        self.now = 0
        self.token = record.deployment.token
        self.registry = record.deployment.registry
        self.hive = record.deployment.hive
        # What the transaction at hand must still move, by source and target, in 1e-18 tokens.
        self.due: Counter[tuple[str, str]] = Counter()
        # What the transaction's claims pay, by node, in 1e-18 tokens.
        self.claimed: Counter[int] = Counter()
        # Stake burned by the registry, (node, amount), that the hive has to account for.
        self.burned: Counter[tuple[int, int]] = Counter()
        self._later: list[tuple[Event, Callable[[], None]]] = []
        self._event: Event | None = None

    def begin(self, event: Event) -> None:
        """Go to the next event."""
        self._event = event
        # Where a time is missing, which is a fault of its own, the one before does.
        self.now = self.record.times.get(event.block, self.now)

    def later(self, check: Callable[[], None]) -> None:
        """Check something when all events of the transaction are known."""
        assert self._event is not None
        self._later.append((self._event, check))

    def finish_transaction(self) -> None:
        """Make the checks that waited for the end of the transaction."""
        waiting, self._later = self._later, []
        for event, check in waiting:
            self._event = event
            check()

    def fault(self, what: str, check: str = "events") -> None:
        """Note what is wrong with the event at hand."""
        event = self._event
        assert event is not None
        task, round_ = event.values.get("task"), event.values.get("round")
        self.findings.fail(
            check,
            f"block {event.block} log {event.index} ({event.name}): {what}",
            task if isinstance(task, int) else None,
            round_ if isinstance(round_, int) else None,
        )

    def expect(self, name: str, said: object, true: object, check: str = "events") -> None:
        """Note a value that is not what it must be."""
        if said != true:
            self.fault(f"{name} is {shown(said)} and must be {shown(true)}", check)

    def node(self, number: int) -> Node:
        """A node; AuditFailure where no event has registered it."""
        if number not in self.state.nodes:
            raise AuditFailure(f"node {number} was never registered")
        return self.state.nodes[number]

    def task(self, values: Values) -> Task:
        """The event's task; AuditFailure where no event has created it."""
        if values["task"] not in self.state.tasks:
            raise AuditFailure(f"task {values['task']} was never created")
        return self.state.tasks[values["task"]]

    def round(self, values: Values) -> tuple[Task, Round]:
        """The event's task and round; AuditFailure where no event has opened it."""
        task = self.task(values)
        if values["round"] not in task.rounds:
            raise AuditFailure(f"round {values['round']} of task {task.number} was never opened")
        return task, task.rounds[values["round"]]

    def owe(self, source: str, target: str, amount: int) -> None:
        """The transaction must move so many more 1e-18 tokens."""
        self.due[source, target] += amount


def shown(value: object) -> str:
    """A value as a reader knows it: bytes in hex, bits as numbers."""
    if isinstance(value, bytes):
        return f"0x{value.hex()}"
    if isinstance(value, frozenset):
        return str(sorted(value))
    return value.name if hasattr(value, "name") else str(value)
