"""A node's part in one task: its slots, its rows, and the steps that are due.

A post is of one task alone: whatever is wrong with it, be it by a sponsor's intent, keeps the node from no other task.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeVar

from anomalyhive.chain.rpc import answering
from anomalyhive.chain.views import Kind, Phase, Role, RoundView, TaskState
from anomalyhive.errors import BadInput, Failure, KeyInUse, Reverted
from anomalyhive.federation.founding import open_task
from anomalyhive.node.duties import Duties, Equipment
from anomalyhive.node.holding import Holding
from anomalyhive.node.payday import Payday
from anomalyhive.node.rows import private_rows
from anomalyhive.node.turns import Turns
from anomalyhive.roles.keeper import Keeper
from anomalyhive.roles.private_check import PrivateCheck
from anomalyhive.roles.public_check import PublicCheck, shard_rows
from anomalyhive.roles.steps import STEPS, Actor, take_steps
from anomalyhive.roles.task import Task
from anomalyhive.roles.trainer import Trainer
from anomalyhive.roles.validator import DataCheck, Validator

ENDED = (Phase.NONE, Phase.FINAL, Phase.CANCELLED)

OVERTAKEN = frozenset({"WrongPhase", "RoundOpen", "NothingToTally", "NothingToClaim", "NoRoundsLeft", "EscrowTooSmall"})
"""Refusals of what anyone may do that mean that somebody was quicker."""

ROLES: Mapping[type, Role] = MappingProxyType({Trainer: Role.TRAIN, Validator: Role.VALIDATE})

BEGINNINGS: Mapping[Phase, Role] = MappingProxyType({Phase.TRAIN: Role.TRAIN, Phase.JUDGE: Role.VALIDATE})
"""Phase -> the role whose work begins in it: a role that rests takes no step there, and ends what it has begun."""

T = TypeVar("T")


def never() -> bool:
    """Whether the node is to stop, where it is not."""
    return False


class Post:
    """What a node does for one task, one `visit` at a time."""

    def __init__(self, gear: Equipment, duties: Duties, number: int) -> None:
        self._gear, self._duties, self.number = gear, duties, number
        self._task: Task | None = None
        self._trainer: Trainer | None = None
        self._validator: Validator | None = None
        self._holdings: dict[Kind, Holding] = {}
        self._turns = Turns(gear.node, 2 * duties.poll_seconds)
        self._payday = Payday(gear, number, duties.claim_every)
        self._failed = False

    @property
    def manned(self) -> bool:
        """Whether the node holds a slot in the task, as far as it has looked."""
        return self._trainer is not None or self._validator is not None

    def visit(self, stopped: Callable[[], bool] = never) -> bool:
        """Look at the task and take every step that is due; whether nothing failed.

        What fails is told to the watcher. Raises BadInput for what only the operator can put right.
        """
        self._failed = False
        hive = self._gear.contracts.hive
        state = hive.task(self.number)
        view = hive.round(self.number, state.latest_round) if state.latest_round else None
        self._tell_looked(view)
        if self._task is None:
            task = self._confined("open the task", self._open)
            # Before a slot is taken that nothing could be done with.
            if task is not None and self._has_rows(task):
                self._task = task
        if self._task is None:
            return False
        resting = self._resting()
        self._hold(self._task, resting)
        for actor in (self._trainer, self._validator, *self._keepers(state, view)):
            if actor is not None and view is not None and not stopped() and not _rests(actor, view, resting):
                self._step(actor, view)
        if self._duties.keeper and not stopped():
            self._confined("open a round", lambda: self._open_round(state, view), anyone=True)
        if not stopped():
            self._confined("claim", lambda: self._payday.claim(state), anyone=True)
        return not self._failed

    def _confined(self, where: str, action: Callable[[], T], *, anyone: bool = False, own: bool = False) -> T | None:
        """The result of an action, or None after telling the watcher why there is none.

        ``anyone`` could have done it, so that coming too late is no failure. What is wrong with files of the node's
        ``own``, for a task that its operator named, is not for time to mend: BadInput is raised then, and KeyInUse.
        """
        try:
            return action()
        except KeyInUse:
            raise
        except Reverted as refusal:
            if anyone and refusal.error in OVERTAKEN:
                return None
            self._tell_failed(where, refusal)
        except BadInput as error:
            if own and self.number in self._duties.tasks:
                raise
            self._tell_failed(where, error)
        except Failure as error:
            self._tell_failed(where, error)
        except Exception as error:  # noqa: BLE001 - a stranger's spec reaches every learner: it may not end the process
            self._tell_failed(where, error)
        return None

    def _tell_failed(self, where: str, error: Exception) -> None:
        self._failed = True
        self._gear.watcher.failed(f"{where} of task {self.number}", error)

    def _tell_looked(self, view: RoundView | None) -> None:
        web3 = self._gear.contracts.hive.web3
        with answering("eth_getBlockByNumber"):
            latest = web3.eth.get_block("latest")
            block, time = int(latest["number"]), int(latest["timestamp"])
        self._gear.watcher.looked(self.number, view, block, max(0.0, self._gear.clock() - time))
        if view is not None and view.phase not in ENDED and view.ends_at:
            self._gear.watcher.idle(view.ends_at)

    def _open(self) -> Task:
        task = open_task(self._gear.contracts, self._gear.deployment, self.number, self._gear.store)
        if len(task.spec.shards) != task.config.shards:
            raise Failure(f"its spec has {len(task.spec.shards)} shards where the chain has {task.config.shards}")
        # A learner that does not exist, or parameters that it does not take, show here, before a slot is taken.
        task.initial_weights()
        return task

    def _has_rows(self, task: Task) -> bool:
        """Whether the node has the rows of its own that a private task asks for."""
        if task.spec.mode == "public" or not self._duties.roles & {Role.TRAIN, Role.VALIDATE}:
            return True
        read = self._confined("read the rows", lambda: private_rows(self._gear, task, self._duties.rows), own=True)
        return read is not None

    def _resting(self) -> frozenset[Role]:
        """The roles that rest: all of them where it cannot be told, for a stake may hang on it."""
        told = self._confined("see which roles rest", self._duties.paused)
        return self._duties.roles if told is None else told

    def _hold(self, task: Task, resting: frozenset[Role]) -> None:
        """See to it that the node holds its slots, and has an actor for each; one that rests takes no other slot."""
        if Role.TRAIN in self._duties.roles:
            shard = self._slot(Kind.UPDATE, task.config.shards, self._duties.shard, Role.TRAIN not in resting)
            if shard is None:
                self._trainer = None
            elif self._trainer is None or self._trainer.shard != shard:
                self._trainer = self._confined("read the rows", lambda: self._new_trainer(task, shard), own=True)
        if Role.VALIDATE in self._duties.roles:
            seat = self._slot(Kind.VERDICT, task.config.seats, self._duties.seat, Role.VALIDATE not in resting)
            if seat is None:
                self._validator = None
            elif self._validator is None or self._validator.seat != seat:
                self._validator = self._confined("read the rows", lambda: self._new_validator(task, seat), own=True)

    def _slot(self, kind: Kind, count: int, wanted: int | None, take: bool) -> int | None:
        holding = self._holdings.setdefault(kind, Holding(self._gear, self.number, kind, count, wanted))
        return self._confined("hold a slot", lambda: holding.ensure(take))

    def _new_trainer(self, task: Task, shard: int) -> Trainer:
        gear = self._gear
        private = task.spec.mode == "private"
        return Trainer(
            task=task,
            node=gear.node,
            shard=shard,
            rows=private_rows(gear, task, self._duties.rows, shard) if private else shard_rows(task, gear.store, shard),
            signer=gear.signer,
            hive=gear.contracts.hive,
            store=gear.store,
            drafts=gear.drafts,
        )

    def _new_validator(self, task: Task, seat: int) -> Validator:
        gear = self._gear
        check: DataCheck = PublicCheck(task, gear.store)
        if task.spec.mode == "private":
            check = PrivateCheck(task, gear.store, private_rows(gear, task, self._duties.rows))
        return Validator(
            task=task,
            node=gear.node,
            seat=seat,
            signer=gear.signer,
            hive=gear.contracts.hive,
            store=gear.store,
            drafts=gear.drafts,
            journal=gear.journal,
            data_check=check,
            secret=gear.secret,
        )

    def _keepers(self, state: TaskState, view: RoundView | None) -> list[Keeper]:
        """The keeper, where it is this node's turn."""
        if not self._duties.keeper or view is None or (view.phase, Keeper) not in STEPS:
            return []
        work = f"{view.phase.name}/{view.round}"
        due = self._turns.due(work, view.round, self._gear.clock(), state.config.tally_seconds)
        return [Keeper(self._gear.signer, self._gear.contracts.hive)] if due else []

    def _step(self, actor: Actor, view: RoundView) -> None:
        """Let an actor take its step, on the round as it is now."""
        hive = self._gear.contracts.hive
        role = ROLES.get(type(actor))

        def step() -> None:
            for taken in take_steps([actor], lambda: hive.round(self.number, view.round)):
                name = STEPS[taken.phase, type(actor)].__name__
                self._gear.watcher.acted(self.number, view.round, taken.phase, role, name)

        if (view.phase, type(actor)) in STEPS:
            self._confined(STEPS[view.phase, type(actor)].__name__, step, anyone=role is None)

    def _open_round(self, state: TaskState, view: RoundView | None) -> None:
        """Open the next round, once there is somebody to work in it."""
        config = state.config
        over = (config.rounds and state.finals >= config.rounds) or state.escrow < config.reward
        if over or (view is not None and view.phase not in ENDED):
            return
        number = state.latest_round + 1
        if not self._turns.due(f"open/{number}", number, self._gear.clock(), config.train_seconds):
            return
        if self._manned(config.shards, config.min_updates, config.seats, config.quorum):
            Keeper(self._gear.signer, self._gear.contracts.hive).open(self.number)
            self._gear.watcher.acted(self.number, number, Phase.NONE, None, "open")

    def _manned(self, shards: int, least_shards: int, seats: int, least_seats: int) -> bool:
        """Whether as many slots are held as a round needs at the least: one that must fail costs gas for nothing."""
        hive = self._gear.contracts.hive
        return _at_least(least_shards, shards, lambda i: hive.shard_holder(self.number, i)) and _at_least(
            least_seats, seats, lambda i: hive.seat_holder(self.number, i)
        )


def _rests(actor: Actor, view: RoundView, resting: frozenset[Role]) -> bool:
    """Whether an actor's work would begin in this phase and its role rests."""
    role = ROLES.get(type(actor))
    return role is not None and role in resting and BEGINNINGS.get(view.phase) is role


def _at_least(least: int, count: int, holder: Callable[[int], int]) -> bool:
    held = 0
    for index in range(count):
        held += holder(index) != 0
        if held >= least:
            return True
    return held >= least
