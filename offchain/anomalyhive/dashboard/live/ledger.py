"""What a hive's events come to: nodes, tasks, rounds, and who earned what. Folded one event after the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from anomalyhive.chain.events import Event
from anomalyhive.chain.hive import earnings
from anomalyhive.chain.terms import LEFT, TAKEN
from anomalyhive.chain.views import ZERO_DIGEST, Kind, TaskConfig
from anomalyhive.dashboard.live.roundbook import STEPS, RoundBook
from anomalyhive.errors import ChainFailure
from anomalyhive.protocol.phases import Phase, Progress


@dataclass(frozen=True)
class NodeEntry:
    """A node of the registry; stake and ``slashed`` in 1e-18 tokens, ``exit_at`` in unix seconds or 0."""

    number: int
    owner: str
    operator: str
    roles: int
    stake: int
    registered_at: int
    exit_at: int = 0
    withdrawn: bool = False
    slashed: int = 0


@dataclass(frozen=True)
class Account:
    """What a node did and earned in a task; amounts in 1e-18 tokens."""

    updates: int = 0
    accepted: int = 0
    rejected: int = 0
    verdicts: int = 0
    unrevealed: int = 0
    earned: int = 0
    claimed: int = 0


@dataclass
class TaskBook:
    """A task; ``shards`` and ``seats`` are place -> node as held now, ``accounts`` go by node."""

    number: int
    sponsor: str
    spec: bytes
    config: TaskConfig
    escrow: int = 0
    head: bytes = ZERO_DIGEST
    finals: int = 0
    shards: dict[int, int] = field(default_factory=dict)
    seats: dict[int, int] = field(default_factory=dict)
    rounds: dict[int, RoundBook] = field(default_factory=dict)
    accounts: dict[int, Account] = field(default_factory=dict)
    models: dict[bytes, int] = field(default_factory=dict)

    @property
    def latest(self) -> int:
        """The last round that was opened, 0 before the first."""
        return next(reversed(self.rounds), 0)

    def slots(self, kind: Kind) -> dict[int, int]:
        """The shards or the seats that are held."""
        return self.shards if kind is Kind.UPDATE else self.seats

    def account(self, node: int, **more: int) -> None:
        """Add to what a node did."""
        known = self.accounts.get(node, Account())
        self.accounts[node] = replace(known, **{name: getattr(known, name) + value for name, value in more.items()})

    def clone(self) -> TaskBook:
        """A copy that events may change."""
        return replace(
            self,
            shards=dict(self.shards),
            seats=dict(self.seats),
            rounds={number: one.clone() for number, one in self.rounds.items()},
            accounts=dict(self.accounts),
            models=dict(self.models),
        )


@dataclass
class Ledger:
    """The hive after some block; ``changed`` collects (task, round) that events changed since it was emptied."""

    nodes: dict[int, NodeEntry] = field(default_factory=dict)
    tasks: dict[int, TaskBook] = field(default_factory=dict)
    changed: set[tuple[int, int]] = field(default_factory=set)
    events: int = 0

    def clone(self) -> Ledger:
        """A copy that shares all that can no longer change."""
        return Ledger(
            dict(self.nodes),
            {number: one.clone() for number, one in self.tasks.items()},
            set(self.changed),
            self.events,
        )

    def apply(self, event: Event, time: int) -> None:
        """Let an event happen in a block of that time (unix seconds).

        Raises ChainFailure for one that does not follow from those before it.
        """
        try:
            step = _STEPS.get(event.name)
            if event.name in STEPS:
                self._in_round(event, time)
            elif event.name in TAKEN or event.name in LEFT:
                self._slot(event)
            elif step is not None:
                step(self, event.values, time, event)
            self.events += 1
        except (KeyError, ValueError) as error:
            raise ChainFailure(
                f"block {event.block} has {event.name} of what no event before it made: the endpoint omits logs"
            ) from error

    def _in_round(self, event: Event, time: int) -> None:
        v = event.values
        task = self.tasks[v["task"]]
        book = task.rounds[v["round"]]
        book.transactions[event.transaction] = None
        book.take(event.name, v, time, event.block, event.block_hash)
        if event.name in _COUNTED:
            _COUNTED[event.name](task, book, v)
        self.changed.add((task.number, book.number))

    def _slot(self, event: Event) -> None:
        v = event.values
        task = self.tasks[v["task"]]
        taken = event.name in TAKEN
        kind, name = (TAKEN if taken else LEFT)[event.name]
        slots = task.slots(kind)
        if taken:
            slots[v[name]] = v["node"]
        else:
            del slots[v[name]]
        book = task.rounds.get(task.latest)
        if taken and book is not None and not book.over:
            (book.shards if kind is Kind.UPDATE else book.seats)[v[name]] = v["node"]
            self.changed.add((task.number, book.number))


def _count_update(task: TaskBook, book: RoundBook, v: Mapping[str, Any]) -> None:  # noqa: ARG001 - one of a table
    task.account(v["node"], updates=1)


def _count_verdict(task: TaskBook, book: RoundBook, v: Mapping[str, Any]) -> None:  # noqa: ARG001 - one of a table
    task.account(v["node"], verdicts=1)


def _count_slashed(task: TaskBook, book: RoundBook, v: Mapping[str, Any]) -> None:  # noqa: ARG001 - one of a table
    task.account(v["node"], unrevealed=1)


def _count_tally(task: TaskBook, book: RoundBook, v: Mapping[str, Any]) -> None:  # noqa: ARG001 - one of a table
    for shard, one in book.submissions.items():
        well = bool(book.medians.get(shard))
        task.account(one.node, accepted=int(well), rejected=int(not well))


def _count_final(task: TaskBook, book: RoundBook, v: Mapping[str, Any]) -> None:
    task.head, task.finals = book.model, task.finals + 1
    task.models[book.model] = book.number
    task.escrow += v["returned"]
    for node, amount in earnings(book.view(book.ended_at or 0)).items():
        task.account(node, earned=amount)


def _count_cancelled(task: TaskBook, book: RoundBook, v: Mapping[str, Any]) -> None:  # noqa: ARG001 - one of a table
    task.escrow += v["returned"]


_COUNTED: Mapping[str, Callable[[TaskBook, RoundBook, Mapping[str, Any]], None]] = MappingProxyType(
    {
        "UpdateSubmitted": _count_update,
        "VerdictRevealed": _count_verdict,
        "SeatSlashed": _count_slashed,
        "RoundTallied": _count_tally,
        "RoundFinalized": _count_final,
        "RoundCancelled": _count_cancelled,
    }
)


def _registered(ledger: Ledger, v: Mapping[str, Any], time: int, _: Event) -> None:
    number = v["node"]
    ledger.nodes[number] = NodeEntry(number, v["owner"], v["operator"], v["roles"], v["stake"], time)


def _of_node(**of: str) -> Callable[[Ledger, Mapping[str, Any], int, Event], None]:
    """A step that sets fields of a node to values of the event."""

    def step(ledger: Ledger, v: Mapping[str, Any], time: int, _: Event) -> None:  # noqa: ARG001 - one of a table
        ledger.nodes[v["node"]] = replace(ledger.nodes[v["node"]], **{name: v[value] for name, value in of.items()})

    return step


def _node_slashed(ledger: Ledger, v: Mapping[str, Any], time: int, _: Event) -> None:  # noqa: ARG001 - one of a table
    node = ledger.nodes[v["node"]]
    ledger.nodes[v["node"]] = replace(node, stake=v["stake"], slashed=node.slashed + v["amount"])


def _withdrawn(ledger: Ledger, v: Mapping[str, Any], time: int, _: Event) -> None:  # noqa: ARG001 - one of a table
    ledger.nodes[v["node"]] = replace(ledger.nodes[v["node"]], stake=0, withdrawn=True)


def _created(ledger: Ledger, v: Mapping[str, Any], time: int, _: Event) -> None:  # noqa: ARG001 - one of a table
    number = v["task"]
    values = v["config"]
    config = TaskConfig.from_tuple(list(values.values()) if isinstance(values, Mapping) else values)
    ledger.tasks[number] = TaskBook(number, v["sponsor"], bytes(v["spec"]), config)


def _funded(ledger: Ledger, v: Mapping[str, Any], time: int, _: Event) -> None:  # noqa: ARG001 - one of a table
    ledger.tasks[v["task"]].escrow += v["amount"]


def _escrow_withdrawn(ledger: Ledger, v: Mapping[str, Any], time: int, _: Event) -> None:  # noqa: ARG001
    ledger.tasks[v["task"]].escrow -= v["amount"]


def _claimed(ledger: Ledger, v: Mapping[str, Any], time: int, _: Event) -> None:  # noqa: ARG001 - one of a table
    ledger.tasks[v["task"]].account(v["node"], claimed=v["amount"])


def _opened(ledger: Ledger, v: Mapping[str, Any], time: int, event: Event) -> None:
    task = ledger.tasks[v["task"]]
    task.escrow -= task.config.reward
    task.rounds[v["round"]] = RoundBook(
        task=task.number,
        number=v["round"],
        config=task.config,
        seed=bytes(v["seed"]),
        base=bytes(v["base"]),
        opened_at=time,
        opened_in=event.block,
        progress=Progress(Phase.TRAIN, v["deadline"], 0, 0, 0),
        shards=dict(task.shards),
        seats=dict(task.seats),
        entered={Phase.TRAIN: time},
        transactions={event.transaction: None},
    )
    ledger.changed.add((task.number, v["round"]))


_STEPS: Mapping[str, Callable[[Ledger, Mapping[str, Any], int, Event], None]] = MappingProxyType(
    {
        "NodeRegistered": _registered,
        "StakeAdded": _of_node(stake="stake"),
        "RolesSet": _of_node(roles="roles"),
        "OperatorRotated": _of_node(operator="operator"),
        "ExitRequested": _of_node(exit_at="exitAt"),
        "NodeSlashed": _node_slashed,
        "StakeWithdrawn": _withdrawn,
        "TaskCreated": _created,
        "TaskFunded": _funded,
        "EscrowWithdrawn": _escrow_withdrawn,
        "Claimed": _claimed,
        "RoundOpened": _opened,
    }
)
"""Name of an event -> what it does to the ledger; slots and what happens within a round are above."""
