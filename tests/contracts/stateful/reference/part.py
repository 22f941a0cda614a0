"""What every part of the model stands on: the state, who calls and when, and what the call logs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple, NoReturn

from anomalyhive.chain.views import Phase
from reference.state import NOBODY, UPDATE, Holder, Round, State, Task

PANIC_OVERFLOW = 0x11
"""Solidity's panic code of an arithmetic overflow."""


class Event(NamedTuple):
    """A log: which contract ("hive", "registry", "token"), which event, its values in the order of the ABI."""

    emitter: str
    name: str
    values: tuple[Any, ...]


class Refused(Exception):
    """A call must revert with this error."""

    def __init__(self, error: str, *values: Any) -> None:
        self.error, self.values = error, values
        super().__init__(f"{error}{values}")


def refuse(error: str, *values: Any) -> NoReturn:
    """Ends the call."""
    raise Refused(error, *values)


@dataclass
class Part:
    """The parts of the model, like those of the hive, stand on this one alone."""

    hive: str
    registry: str
    state: State = field(default_factory=State)
    allowed: set[str] = field(default_factory=set)
    """Who has allowed hive and registry to take any amount; nobody else has allowed anything."""
    sender: str = NOBODY
    time: int = 0
    log: list[Event] = field(default_factory=list)
    undo: list[tuple[object, str, Any]] = field(default_factory=list)

    def emit(self, name: str, *values: Any, emitter: str = "hive") -> None:
        """Logs an event."""
        self.log.append(Event(emitter, name, values))

    def amend(self, thing: object, **changes: Any) -> None:
        """Changes what a later check of the same call may still refuse."""
        for name, value in changes.items():
            self.undo.append((thing, name, getattr(thing, name)))
            setattr(thing, name, value)

    # Tasks and rounds

    def round_(self, task: int, number: int) -> Round | None:
        """A round if there is one."""
        found = self.state.tasks.get(task)
        return found.rounds.get(number) if found else None

    def in_phase(self, task: int, number: int, expected: Phase) -> Round:
        """The round, brought to the present, which must stand in this phase."""
        round_ = self.round_(task, number)
        phase, deadline, _ = round_.at(self.state.tasks[task].config, self.time) if round_ else (Phase.NONE, 0, None)
        if round_ is None or phase is not expected:
            refuse("WrongPhase", phase, expected)
        self.amend(round_, phase=phase, deadline=deadline)
        return round_

    # Slots

    def holder(self, task: int, kind: int, index: int) -> Holder | None:
        """Who holds a slot."""
        found = self.state.tasks.get(task)
        return found.slots(kind).get(index) if found else None

    def caller_in(self, task: int, kind: int, index: int) -> Holder:
        """The holder for whom the caller acts."""
        holder = self.holder(task, kind, index)
        if holder is None or holder.operator != self.sender:
            refuse("NotOperator", self.sender, holder.operator if holder else NOBODY)
        return holder

    # Tokens

    def move(self, giver: str, taker: str, amount: int) -> None:
        """A transfer of the token."""
        balance = self.state.balances.get(giver, 0)
        if amount > balance:
            refuse("ERC20InsufficientBalance", giver, balance, amount)
        self.state.move(giver, taker, amount)
        self.emit("Transfer", giver, taker, amount, emitter="token")

    def pull(self, taker: str, amount: int) -> None:
        """A transfer from the caller by allowance."""
        if amount and self.sender not in self.allowed:
            refuse("ERC20InsufficientAllowance", taker, 0, amount)
        self.move(self.sender, taker, amount)


def slot_name(kind: int) -> str:
    """As the names of events and errors begin."""
    return "Shard" if kind == UPDATE else "Seat"


def existing(state: State, task: int) -> Task:
    """A task, which must exist."""
    if task not in state.tasks:
        refuse("UnknownTask", task)
    return state.tasks[task]
