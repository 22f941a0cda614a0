"""Checks of a node's work: its slots, the rounds, what validators say of it, and what it has not claimed."""

from __future__ import annotations

from collections.abc import Iterator

from anomalyhive.chain.views import Kind, Phase, Role, RoundView
from anomalyhive.federation.record import rejected, unpaid
from anomalyhive.node.amounts import tokens
from anomalyhive.node.doctor.complaint import Complaint
from anomalyhive.node.doctor.patient import Working
from anomalyhive.node.slots import NAMES
from anomalyhive.node.standing import TaskStanding
from anomalyhive.roles.task import Task

OVER = (Phase.FINAL, Phase.CANCELLED)
TALLY_PATIENCE = 60
"""Seconds after which somebody would have counted a round, if anybody did."""

ROLES = {Role.TRAIN: Kind.UPDATE, Role.VALIDATE: Kind.VERDICT}


def tasks_are_chosen(patient: Working) -> Iterator[Complaint]:
    """There is a task to work for."""
    if not patient.config.tasks:
        yield Complaint("no task is named", f"write the tasks to work for into `tasks` in {patient.home.config}")


def specs_are_there(patient: Working) -> Iterator[Complaint]:
    """The store gives what each task learns."""
    if patient.store is None:
        return
    known = {task.number for task in patient.specs}
    for task in patient.standing.tasks:
        if task.number not in known:
            yield Complaint(
                f"the store does not give spec {task.state.spec.hex()} of task {task.number}",
                "see that the store is the sponsor's, or that its daemon reaches the sponsor's",
            )


def slots_are_held(patient: Working) -> Iterator[Complaint]:
    """A shard or a seat in each task for each role."""
    record = patient.standing.record
    if record is None or record.exit_at:
        return
    for task in patient.standing.tasks:
        if task.number not in patient.config.tasks:
            continue
        for role, kind in ROLES.items():
            if role in patient.config.roles and not any(slot.kind is kind for slot in task.slots):
                yield _about_slot(patient, task, kind)


def _about_slot(patient: Working, task: TaskStanding, kind: Kind) -> Complaint:
    hive, config, name = patient.place.contracts.hive, task.state.config, NAMES[kind]
    count, wanted = (
        (config.shards, patient.config.shard) if kind is Kind.UPDATE else (config.seats, patient.config.seat)
    )
    holder_of = hive.shard_holder if kind is Kind.UPDATE else hive.seat_holder
    if wanted is not None and wanted >= count:
        return Complaint(
            f"task {task.number} has {count} {name}s, and the settings want {name} {wanted}",
            f"write a smaller number, or leave `{name}` out in {patient.home.config}",
        )
    asked = range(count) if wanted is None else [wanted]
    holders = {index: holder_of(task.number, index) for index in asked}
    free = [index for index, holder in holders.items() if not holder]
    if free:
        return Complaint(
            f"the node holds no {name} of task {task.number}, and {name} {free[0]} is free",
            "let it run: it takes one by itself",
        )
    if wanted is None:
        return Complaint(
            f"the node holds no {name} of task {task.number}: all {count} have a holder",
            "wait until one leaves or misses rounds, or work for another task",
        )
    return Complaint(
        f"the node holds no {name} of task {task.number}: node {holders[wanted]} holds {name} {wanted}",
        f"leave `{name}` out in {patient.home.config}, so that it takes any free one",
    )


def rounds_go_on(patient: Working) -> Iterator[Complaint]:
    """A round is open or can be opened, and none has stalled."""
    for task in patient.standing.tasks:
        state, latest = task.state, task.latest
        if latest is not None and latest.phase is Phase.STALLED:
            yield Complaint(
                f"round {latest.round} of task {task.number} has stalled: {_lacking(latest, task)}",
                f"anomalyhive task cancel {task.number} --home {patient.home.root}, or let a node with `keeper` do it",
            )
        elif latest is not None and latest.phase is Phase.TALLY and _waited(latest, task) > TALLY_PATIENCE:
            yield Complaint(
                f"round {latest.round} of task {task.number} waits for somebody to count it for "
                f"{_waited(latest, task)} s, and then stalls",
                f"set `keeper = true` in {patient.home.config} and start the node again",
            )
        elif latest is None or latest.phase in OVER:
            if state.config.rounds and state.finals >= state.config.rounds:
                yield Complaint(f"task {task.number} has had all its {state.config.rounds} rounds", "work for another")
            elif state.escrow < state.config.reward:
                yield Complaint(
                    f"task {task.number} has {tokens(state.escrow)} in escrow, and a round takes "
                    f"{tokens(state.config.reward)}",
                    f"ask its sponsor {state.sponsor} for more (anomalyhive task fund {task.number} TOKENS)",
                )
            else:
                yield Complaint(
                    f"no round of task {task.number} is open",
                    f"anomalyhive task open {task.number} --home {patient.home.root}",
                )


def _waited(view: RoundView, task: TaskStanding) -> int:
    """Seconds that a tally is due."""
    return view.now - (view.ends_at - task.state.config.tally_seconds)


def _lacking(view: RoundView, task: TaskStanding) -> str:
    """What a stalled round had too few of."""
    config, accepted = task.state.config, len(view.tallied.accepted) if view.tallied else 0
    for count, needed, what in (
        (len(view.submissions), config.min_updates, "updates"),
        (len(view.committed), config.quorum, "verdicts"),
        (len(view.reveals), config.quorum, "revealed verdicts"),
    ):
        if count < needed:
            return f"it had {count} {what} and needs {needed}"
    if view.tallied is None:
        return "nobody had its updates counted in time"
    if accepted < config.min_updates:
        return f"{accepted} updates were accepted, and it needs {config.min_updates}"
    return f"no {config.quorum} validators named the same model"


def rounds_are_not_missed(patient: Working) -> Iterator[Complaint]:
    """The node did its part in the final rounds since it came."""
    for task in patient.standing.tasks:
        for slot in task.slots:
            holder = patient.place.contracts.hive.read(
                "shard" if slot.kind is Kind.UPDATE else "seat", task.number, slot.index
            )
            missed = [
                view.round
                for view in task.rounds
                if view.phase is Phase.FINAL
                and view.round > holder[2]
                and slot.index not in (view.submissions if slot.kind is Kind.UPDATE else view.committed)
            ]
            if missed:
                limit = task.state.config.miss_limit
                loses = f"; after {limit} in a row anyone may take its place" if limit else ""
                yield Complaint(
                    f"{slot} brought nothing to {_rounds(missed)}{loses}",
                    "see the log of the node for why, and that it runs all the time",
                )


def updates_are_accepted(patient: Working) -> Iterator[Complaint]:
    """No update was rejected; what the validators said where one was."""
    if patient.store is None:
        return
    for task in patient.standing.tasks:
        for view in task.rounds:
            for entry in rejected(view, patient.store, str):
                if entry["node"] == str(patient.standing.number):
                    yield Complaint(
                        f"in round {view.round} of task {task.number} the update of shard {entry['shard']} was "
                        f"rejected: {entry['reason']}",
                        _remedy(entry["reason"]),
                    )


def _remedy(reason: str) -> str:
    if reason.startswith("unavailable"):
        return "see that the store's daemon can be reached from outside, and keep the node running to the end"
    return "see that the node runs this version, unchanged, on the rows that the spec names"


def verdicts_are_paid(patient: Working) -> Iterator[Complaint]:
    """No verdict went unpaid; why where one did."""
    tasks: dict[int, Task] = {task.number: task for task in patient.specs}
    for task in patient.standing.tasks:
        for view in task.rounds if task.number in tasks and task.number else ():
            for entry in unpaid(tasks[task.number], view, str):
                if entry["node"] == str(patient.standing.number):
                    yield Complaint(
                        f"in round {view.round} of task {task.number} the verdict of seat {entry['seat']} was not "
                        f"paid: {entry['reason']}",
                        "see that the node runs this version, unchanged, and that its store gives all updates in time",
                    )


def rewards_are_claimed(patient: Working) -> Iterator[Complaint]:
    """Nothing waits to be claimed."""
    owed = sum(task.dues.unclaimed for task in patient.standing.tasks)
    if owed:
        yield Complaint(
            f"{tokens(owed)} are earned and not claimed; they do not expire",
            f"anomalyhive node claim --home {patient.home.root}, or set claim_every",
        )


def _rounds(numbers: list[int]) -> str:
    """Numbers of rounds for a person."""
    listed = ", ".join(str(number) for number in sorted(numbers))
    return f"round {listed}" if len(numbers) == 1 else f"rounds {listed}"
