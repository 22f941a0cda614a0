"""The whole state from the logs alone: what an observer knows who never called a view (P14).

Takes the contracts' logs in order, each with the time of its block, and no call, no argument and no refusal. Nothing
here decides what may happen: it only writes down what did.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from reference.part import Event
from reference.slots import end_term
from reference.state import NOBODY, UPDATE, VERDICT, Holder, Node, Round, Settled, State, Task, Update, Verdict

from anomalyhive.chain.views import Phase, TaskConfig


def rebuild(logs: Iterable[tuple[int, Iterable[Event]]]) -> State:
    """The state after all these logs."""
    observer = Observer()
    for time, events in logs:
        for event in events:
            observer.see(time, event)
    return observer.state


class Observer:
    """Reads one log after another."""

    def __init__(self) -> None:
        self.state, self.time = State(), 0
        self.readers: dict[str, Callable[..., None]] = {
            "Transfer": self.state.move,
            "NodeRegistered": self._registered,
            "StakeAdded": lambda node, _, stake: self._node(node, stake=stake),
            "RolesSet": lambda node, roles: self._node(node, roles=roles),
            "OperatorRotated": lambda node, _, operator: self._node(node, operator=operator),
            "ExitRequested": lambda node, exit_at: self._node(node, exit_at=exit_at),
            "StakeWithdrawn": lambda node, *_: self._node(node, stake=0, operator=NOBODY),
            "NodeSlashed": lambda node, _, stake: self._node(node, stake=stake),
            "TaskCreated": self._created,
            "TaskFunded": lambda task, _, amount: self._escrow(task, amount),
            "EscrowWithdrawn": lambda task, amount: self._escrow(task, -amount),
            "RoundOpened": self._opened,
            "UpdateSubmitted": self._submitted,
            "VerdictCommitted": self._committed,
            "VerdictRevealed": self._revealed,
            "SeatSlashed": lambda *_: None,
            "UpdatesTallied": self._counted,
            "RoundTallied": self._tallied,
            "ModelAttested": self._attested,
            "RoundFinalized": self._finalized,
            "RoundCancelled": self._cancelled,
            "Claimed": self._claimed,
        }
        for kind, name in ((UPDATE, "Shard"), (VERDICT, "Seat")):
            self.readers |= {
                f"{name}Taken": self._for(self._taken, kind),
                f"{name}Refreshed": self._for(self._refreshed, kind),
                f"{name}Released": self._for(self._vacated, kind),
                f"{name}Freed": self._for(self._vacated, kind),
            }

    def see(self, time: int, event: Event) -> None:
        """One log, in a block of this time."""
        self.time = time
        # The token's approvals are no part of the hive's state.
        if event.name != "Approval":
            self.readers[event.name](*event.values)

    # Nodes

    def _registered(self, number: int, owner: str, operator: str, roles: int, stake: int) -> None:
        self.state.nodes[number] = Node(owner, stake, operator, roles)

    def _node(self, number: int, **changes: Any) -> None:
        for name, value in changes.items():
            setattr(self.state.nodes[number], name, value)

    # Tasks and slots

    def _created(self, number: int, sponsor: str, spec: bytes, config: tuple[Any, ...]) -> None:
        self.state.tasks[number] = Task(sponsor, spec, TaskConfig.from_tuple(config))

    def _escrow(self, number: int, change: int) -> None:
        self.state.tasks[number].escrow += change

    @staticmethod
    def _for(reader: Callable[..., None], kind: int) -> Callable[..., None]:
        return lambda task, index, *rest: reader(task, kind, index, *rest)

    def _taken(self, number: int, kind: int, index: int, node: int, operator: str) -> None:
        task = self.state.tasks[number]
        task.slots(kind)[index] = Holder(operator, node, task.latest, task.last_final)

    def _refreshed(self, number: int, kind: int, index: int, _: int, operator: str) -> None:
        self.state.tasks[number].slots(kind)[index].operator = operator

    def _vacated(self, number: int, kind: int, index: int, _: int) -> None:
        end_term(self.state.tasks[number], kind, index)

    # Rounds

    def _opened(self, number: int, round_: int, seed: bytes, _: bytes, deadline: int) -> None:
        task = self.state.tasks[number]
        task.escrow -= task.config.reward
        task.rounds[round_] = Round(Phase.TRAIN, deadline, task.last_final, seed)

    def _submitted(
        self, number: int, round_: int, node: int, shard: int, digest: bytes, commitment: tuple[bytes, ...]
    ) -> None:
        one, config = self._now(number, round_)
        one.updates[shard] = Update(node, digest, b"".join(commitment))
        if len(one.updates) == config.update_quota:
            one.phase, one.deadline = Phase.JUDGE, self.time + config.judge_seconds

    def _committed(self, number: int, round_: int, node: int, seat: int, hidden: bytes) -> None:
        one, config = self._now(number, round_)
        one.verdicts[seat] = Verdict(node, hidden)
        if len(one.verdicts) == config.verdict_quota:
            one.phase, one.deadline = Phase.REVEAL, self.time + config.reveal_seconds

    def _revealed(self, number: int, round_: int, _: int, seat: int, scores: bytes, __: bytes) -> None:
        one, config = self._now(number, round_)
        one.verdicts[seat].scores = scores
        if not one.withheld:
            one.phase, one.deadline = Phase.TALLY, self.time + config.tally_seconds

    def _counted(self, number: int, round_: int, first: int, medians: bytes) -> None:
        one, _ = self._now(number, round_)
        told = {first + place: value for place, value in enumerate(medians)}
        one.medians |= {shard: value for shard, value in told.items() if shard in one.updates}
        one.next_shard = first + len(medians)

    def _tallied(
        self, number: int, round_: int, accepted: int, _: int, rate: int, share: int, paid: int, __: object
    ) -> None:
        one, config = self._now(number, round_)
        one.settled = Settled(rate, share, _seats(paid))
        if accepted < config.min_updates:
            one.phase, one.deadline = Phase.STALLED, 0
        else:
            one.phase, one.deadline = Phase.ATTEST, self.time + config.attest_seconds

    def _attested(self, number: int, round_: int, _: int, seat: int, model: bytes) -> None:
        one, _config = self._now(number, round_)
        one.named[seat] = model

    def _finalized(self, number: int, round_: int, model: bytes, paid: int, returned: int) -> None:
        one, _ = self._now(number, round_)
        one.phase, one.deadline, one.model = Phase.FINAL, 0, model
        assert one.settled is not None
        one.settled.paid = _seats(paid)
        self._escrow(number, returned)

    def _cancelled(self, number: int, round_: int, _: int, returned: int) -> None:
        one = self.state.tasks[number].rounds[round_]
        one.phase, one.deadline = Phase.CANCELLED, 0
        self._escrow(number, returned)

    def _claimed(self, number: int, _: int, kind: int, index: int, term: int, __: int, through: int, ___: int) -> None:
        task = self.state.tasks[number]
        paid = task.terms[kind, index, term] if term else task.slots(kind)[index]
        paid.paid_through = through

    def _now(self, number: int, round_: int) -> tuple[Round, TaskConfig]:
        """A round, in the phase in which the clock has brought it by now."""
        task = self.state.tasks[number]
        one = task.rounds[round_]
        one.phase, one.deadline, _ = one.at(task.config, self.time)
        return one, task.config


def _seats(bits: int) -> set[int]:
    return {seat for seat in range(24) if bits >> seat & 1}
