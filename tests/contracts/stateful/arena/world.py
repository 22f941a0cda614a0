"""The chain and the model side by side: every call goes to both, and both must say the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from eth_utils.crypto import keccak
from reference.model import Model
from reference.part import Event, Refused
from reference.rounds import Signed
from reference.state import NOTHING, UPDATE, VERDICT, Round, State, Task
from reference.tally import Row
from reference.words import chance_word, points

from anomalyhive.chain.views import Phase
from arena.chain import Chain, Failed, View
from arena.counts import Counts
from arena.properties import promised
from arena.storage import hive_slots
from arena.views import money, of_node, of_round, of_slot, of_task_row

KINDS = {"Shard": UPDATE, "Update": UPDATE, "Seat": VERDICT, "Verdict": VERDICT, "Model": VERDICT}
"""Which slot a function of the hive names in its arguments, by what its name ends with."""


@dataclass(frozen=True)
class Secret:
    """What a validator will reveal."""

    scores: bytes
    verdict: bytes
    salt: bytes


@dataclass
class World:
    """A run. ``now`` is the time of the latest block, ``at`` that of the next transaction, ``keys`` are who can sign.

    It is ``broken`` from a call in which chain and model parted.
    """

    chain: Chain
    model: Model
    now: int
    counts: Counts
    keys: Sequence[str]
    tell: Callable[[str], object] = str
    """Hears of every call; Hypothesis prints those of the run that failed."""
    at: int = 0
    secrets: dict[tuple[int, int, int], Secret] = field(default_factory=dict)
    """Task, round and seat -> what was committed there in that round."""
    early: dict[tuple[int, int, int], Secret] = field(default_factory=dict)
    """The same -> what was committed for that round in the one before."""
    frozen: dict[tuple[int, int], Round] = field(default_factory=dict)
    given: Counter[str] = field(default_factory=Counter)
    serial: int = 0
    broken: bool = False

    def __post_init__(self) -> None:
        self.at = self.now + 1

    @property
    def state(self) -> State:
        """What the model remembers."""
        return self.model.state

    def copy(self) -> World:
        """The same again, for another run from the same block."""
        model = deepcopy(self.model)
        rest = {"given": self.given.copy(), "serial": self.serial}
        return World(self.chain.copy(), model, self.now, self.counts, self.keys, **rest)

    # Calls

    def act(self, who: str, sender: str, function: str, *arguments: Any) -> bool:
        """A call to both. False if both refuse it, with the same error and the same values."""
        self.broken = True
        self.tell(f"at {self.at} {who} {sender}: {function}{arguments}")
        done = self._act(who, sender, function, arguments)
        self.broken = False
        return done

    def _act(self, who: str, sender: str, function: str, arguments: Sequence[Any]) -> bool:
        sent = encoded(function, arguments)
        try:
            expected = self.model.call(sender, self.at, function, arguments)
        except Refused as refused:
            actual = self.chain.attempt(sender, self.at, function, sent)
            wanted = Failed(refused.error, refused.values)
            self._require(actual == wanted, f"{actual} instead of {wanted}", who, sender, function, arguments)
            self.counts.calls[who, function, refused.error] += 1
            return False
        logged = self.chain.send(sender, self.at, function, sent)
        if function == "openRound":
            expected = self._with_seed(arguments[0], expected)
        self._require(logged == expected, f"{logged} instead of {expected}", who, sender, function, arguments)
        self.now, self.at = self.at, self.at + 1
        self.counts.calls[who, function, ""] += 1
        self._remember(expected)
        found = self.chain.differences(self._touched(function, arguments))
        self._require(not found, "; ".join(found), who, sender, function, arguments)
        self._require(not (off := self.imbalance()), off, who, sender, function, arguments)
        if function == "tally" and self.latest(arguments[0])[2].phase is Phase.TALLY:
            # Between two slices there is what no view shows.
            stored = self.chain.storage("hive")
            self._require(stored == hive_slots(self.state), "storage", who, sender, function, arguments)
        return True

    def _require(self, holds: bool, what: str, *call: Any) -> None:
        assert holds, f"at {self.at}, {call}: {what}"

    def _with_seed(self, number: int, expected: list[Event]) -> list[Event]:
        """The seed of a task without one is the chain's: known once the block is there."""
        task = self.state.tasks[number]
        if task.config.seed != NOTHING:
            return expected
        block = self.chain.block()
        randao, parent = (bytes.fromhex(block[name][2:]) for name in ("mixHash", "parentHash"))
        seed = task.rounds[task.latest].seed = chance_word(randao, parent, number, task.latest)
        [opened] = expected
        return [opened._replace(values=(*opened.values[:2], seed, *opened.values[3:]))]

    def _remember(self, events: list[Event]) -> None:
        for event in events:
            self.counts.notice(event)
            if event.name == "RoundFinalized":
                key = event.values[0], event.values[1]
                self.frozen[key] = deepcopy(self.state.tasks[key[0]].rounds[key[1]])
        if [event.name for event in events] == ["Transfer"]:
            _, taker, amount = events[0].values
            self.given[taker] += amount

    def _touched(self, function: str, arguments: Sequence[Any]) -> Iterator[View]:
        state = self.state
        yield from money(state, self.model.hive, self.model.registry, everybody=False)
        if self.chain.home[function] == "registry":
            yield from of_node(state, len(state.nodes) if function == "register" else arguments[0])
        if self.chain.home[function] != "hive":
            return
        tasks = {one.task for one in arguments[1]} if function == "claim" else {arguments[0]}
        for number in {len(state.tasks)} if function == "createTask" else tasks & set(state.tasks):
            yield from of_task_row(state, number)
            yield from of_round(state, number, state.tasks[number].latest, self.now)
        for ending, kind in KINDS.items():
            if function.endswith(ending):
                place = arguments[1] if ending in ("Shard", "Seat") else arguments[2]
                yield from of_slot(state, arguments[0], kind, place, all_terms=False)

    def imbalance(self) -> str:
        """P1: what the contracts hold beyond what they owe and what they were given; nothing."""
        hive, registry = self.model.hive, self.model.registry
        owed = {hive: promised(self.state), registry: sum(node.stake for node in self.state.nodes.values())}
        off = {name: self.state.balances.get(name, 0) - owed[name] - self.given[name] for name in owed}
        return f"held and not owed: {off}" if any(off.values()) else ""

    # Time

    def wait_until(self, time: int, mine: bool) -> None:
        """The next transaction comes at this time, if that is not past; with ``mine`` after an empty block."""
        self.at = max(self.at, time)
        if mine:
            self.chain.reach(self.at)
            self.now, self.at = self.at, self.at + 1

    def phase(self, number: int) -> tuple[Phase, int]:
        """Phase and deadline of a task's latest round at the time of the next transaction; NONE before the first."""
        task = self.state.tasks[number]
        return task.rounds[task.latest].at(task.config, self.at)[:2] if task.rounds else (Phase.NONE, 0)

    def tasks_in(self, *phases: Phase) -> list[int]:
        """The tasks whose latest round stands in one of these phases."""
        return [number for number in self.state.tasks if self.phase(number)[0] in phases]

    def latest(self, number: int) -> tuple[Task, int, Round]:
        """A task that has had a round, and its latest one."""
        task = self.state.tasks[number]
        return task, task.latest, task.rounds[task.latest]

    def digest(self) -> bytes:
        """32 bytes that were never there before."""
        self.serial += 1
        return keccak(text=f"content {self.serial}")


def encoded(function: str, arguments: Sequence[Any]) -> list[Any]:
    """The model's arguments as the contract's."""
    if function == "submitUpdate":
        return [*arguments[:4], points(arguments[4])]
    return [_encoded(one) for one in arguments]


def _encoded(value: Any) -> Any:
    if isinstance(value, Signed):
        r, s, parity = value.signature[:32], value.signature[32:64], value.signature[64] - 27
        vs = (int.from_bytes(s, "big") | parity << 255).to_bytes(32, "big")
        return value.shard, value.expiry, value.digest, points(value.commitment), r, vs
    if isinstance(value, Row):
        return (*value[:3], points(value.commitment))
    if isinstance(value, (list, tuple)):
        return [_encoded(one) for one in value]
    return value
