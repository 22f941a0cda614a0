"""How a node stands: its stake and roles, its slots, the open rounds, and what it earned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from web3 import Web3

from anomalyhive.chain.dues import Dues, dues_of
from anomalyhive.chain.outbox import Attempt, Outbox, State
from anomalyhive.chain.registry import NodeRecord
from anomalyhive.chain.views import Kind, RoundView, TaskState
from anomalyhive.node.asking import asked, coin_of
from anomalyhive.node.place import Place
from anomalyhive.node.slots import Slot, events_of_terms, slots_of, tasks_of

RECENT = 3
"""Rounds that are looked at for the last submissions."""


@dataclass(frozen=True)
class Purse:
    """What an address has: ``coin`` in wei, ``tokens`` in 1e-18, and its transactions that are not mined yet."""

    address: str
    coin: int
    tokens: int
    pending: int


@dataclass(frozen=True)
class TaskStanding:
    """A task as a node sees it; ``rounds`` are the latest ones, the newest first."""

    number: int
    state: TaskState
    slots: Sequence[Slot]
    rounds: Sequence[RoundView]
    dues: Dues

    @property
    def latest(self) -> RoundView | None:
        """The latest round; None before the first."""
        return self.rounds[0] if self.rounds else None


@dataclass(frozen=True)
class Standing:
    """A node as it stands; ``number`` is 0 and ``record`` None before it is registered.

    ``journal`` has the operator's transactions that are not known to be mined.
    """

    number: int
    record: NodeRecord | None
    operator: Purse
    owner: Purse
    tasks: Sequence[TaskStanding]
    journal: Sequence[Attempt]


def standing_of(place: Place) -> Standing:
    """How a node stands now."""
    number = place.number
    record = place.contracts.registry.node(number) if number else None
    ours = sorted({*place.config.tasks, *(tasks_of(place.contracts, number) if number else ())})
    owner = record.owner if record is not None else place.home.owner_address()
    return Standing(
        number,
        record,
        purse_of(place, place.operator),
        purse_of(place, owner),
        [task_standing(place, task, number) for task in ours],
        open_attempts(place),
    )


def open_attempts(place: Place) -> list[Attempt]:
    """The transactions of the operator in the node's journal that are not known to be mined."""
    if not place.home.journal.exists():
        return []
    outbox = Outbox(place.home.journal, place.config.chain_id, place.operator)
    try:
        return [one for one in outbox.unsettled() if one.state is State.OPEN]
    finally:
        outbox.close()


def purse_of(place: Place, address: str) -> Purse:
    """What an address has."""
    checked = Web3.to_checksum_address(address)
    coin = coin_of(place.web3, address)
    count = place.web3.eth.get_transaction_count
    mined = asked("eth_getTransactionCount", lambda: count(checked, "latest"))
    sent = asked("eth_getTransactionCount", lambda: count(checked, "pending"))
    return Purse(address, coin, place.contracts.token.balance(address), sent - mined)


def task_standing(place: Place, task: int, node: int) -> TaskStanding:
    """A task as a node sees it."""
    hive = place.contracts.hive
    state = hive.task(task)
    events = events_of_terms(place.contracts, task)
    latest = state.latest_round
    return TaskStanding(
        task,
        state,
        slots_of(events, task, node) if node else [],
        [hive.round(task, number) for number in range(latest, max(latest - RECENT, 0), -1)],
        dues_of(place.contracts, events, task, node),
    )


def deed_of(view: RoundView, slot: Slot) -> str:
    """What a slot's holder has done in a round, in words."""
    if slot.kind is Kind.UPDATE:
        if slot.index not in view.submissions:
            return "no update"
        if view.tallied is None:
            return "update submitted"
        median = view.tallied.medians.get(slot.index, 0)
        return f"update accepted with worth {median}" if median else "update rejected"
    if slot.index in view.slashed:
        return "verdict committed and never revealed: slashed"
    if slot.index in view.attested:
        return "model attested" + ("" if view.tallied and slot.index in view.tallied.paid else ", verdict unpaid")
    if slot.index in view.reveals:
        return "verdict revealed"
    return "verdict committed" if slot.index in view.committed else "no verdict"
