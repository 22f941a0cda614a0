"""A hive that has seen so much, and every function of it called once: what gas each used."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import brownie
import numpy as np
from clock import Clock
from dues import of_seat, of_shard
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak
from signing import Signed, domain_of, message_of, signed
from stages import deadline_of, phase_of

from anomalyhive.chain.views import Phase
from anomalyhive.commitments import commit
from anomalyhive.protocol import verdict_hash
from bulk import send_all
from rehearsal import BASE, STAKE, TOKEN, TRAIN, VALIDATE, Node, Rehearsal, Round, Update, as_row

CHANGES = {
    "shards": 6,
    "update_quota": 4,
    "min_updates": 3,
    "seats": 5,
    "quorum": 3,
    "verdict_quota": 4,
    "miss_limit": 2,
    "reward": TOKEN,
}
"""Trainers and validators 0 to 2 take part; shard 3 and seat 3 are free; who holds shard 4 and seat 4 is absent."""

FREE, ABSENT, PRESENT = 3, 4, 3

SPEC = keccak(text="spec")
SCORES = bytes([200] * CHANGES["shards"])
POINT = commit(np.array([3, 5], dtype=np.int64))
MODEL = bytes([7]) * 32


@dataclass
class Grown:
    """So many nodes, tasks and final rounds of the last task; the numbers of nodes that act are the same in all."""

    nodes: int = 10
    tasks: int = 2
    finals: int = 3


@dataclass
class Trial:
    """Calls every function of a grown hive; ``used`` is the gas of each, by what was called and how."""

    rehearsal: Rehearsal
    clock: Clock
    size: Grown
    used: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        stage = self.rehearsal
        self.cast = [stage.register() for _ in range(10)]
        self.crowd(self.size.nodes - len(self.cast))
        for _ in range(self.size.tasks - 1):
            stage.open(stage.create(escrow=2, **CHANGES))
        self.task = stage.create(escrow=self.size.finals + 9, **CHANGES)
        trainers, validators, absent = self.cast[:3], self.cast[3:6], self.cast[9]
        stage.settle_in(self.task, trainers, validators)
        stage.hive.takeShard(self.task, ABSENT, {"from": absent.operator})
        stage.hive.takeSeat(self.task, ABSENT, {"from": absent.operator})
        for _ in range(self.size.finals):
            self.play(self.plain)

    def crowd(self, count: int) -> None:
        """So many nodes of one owner, with stake, who do nothing else."""
        stage = self.rehearsal
        register = stage.registry.register.encode_input
        stage.token.approve(stage.registry, 2 * count * STAKE + STAKE, {"from": stage.sponsor})
        operators = (to_checksum_address(keccak(text=f"operator {number}")[:20]) for number in range(count))
        inputs = [register(operator, TRAIN | VALIDATE, STAKE) for operator in operators]
        send_all(stage.sponsor, stage.registry, inputs, gas=200_000)
        assert stage.registry.nodeCount() == self.size.nodes

    # Calls

    @staticmethod
    def plain(_: str, call: Callable[..., Any], *arguments: Any) -> Any:
        """Call it, and do not look at the gas."""
        return call(*arguments)

    def metered(self, name: str, call: Callable[..., Any], *arguments: Any) -> Any:
        """Call it, and keep the gas under the contract's name, the function's and, if there is one, a remark."""
        transaction = call(*arguments)
        assert name not in self.used
        self.used[name] = int(transaction.gas_used)
        return transaction

    # A round

    def play(self, call: Callable[..., Any]) -> None:
        """A round of three updates and three verdicts; deadlines end what quotas do not. All as `call` does it."""
        hive, anyone = self.rehearsal.hive, {"from": self.rehearsal.sponsor}
        call("Hive.openRound", hive.openRound, self.task, anyone)
        round_ = Round(self.task, int(hive.task(self.task)[4]))
        round_.updates = {
            shard: Update(shard, node.number, bytes([shard + 1]) * 32, POINT)
            for shard, node in enumerate(self.cast[:PRESENT])
        }
        first, *rest = round_.updates.values()
        arguments = (*round_.key, first.shard, first.digest, first.point)
        call("Hive.submitUpdate", hive.submitUpdate, *arguments, {"from": self.cast[0].operator})
        batch = [self.signed(round_, one, self.cast[one.shard]).row for one in rest]
        call("Hive.submitUpdates", hive.submitUpdates, *round_.key, batch, anyone)
        self.end(round_, Phase.TRAIN)
        salts = {}
        for seat, node in enumerate(self.cast[3:6]):
            salts[seat], hidden = self.hidden(round_, node)
            call(f"Hive.commitVerdict {seat}", hive.commitVerdict, *round_.key, seat, hidden, {"from": node.operator})
        self.end(round_, Phase.JUDGE)
        for seat, node in enumerate(self.cast[3:6]):
            arguments = (*round_.key, seat, SCORES, MODEL, salts[seat])
            call(f"Hive.revealVerdict {seat}", hive.revealVerdict, *arguments, {"from": node.operator})
        for begin in (0, 1):
            rows = round_.rows[begin : begin + 1 if begin == 0 else None]
            call(f"Hive.tally from {begin}", hive.tally, *round_.key, rows, [SCORES] * PRESENT, anyone)
        for seat, node in enumerate(self.cast[3:6]):
            call(f"Hive.attestModel {seat}", hive.attestModel, *round_.key, seat, MODEL, {"from": node.operator})
        assert phase_of(hive, round_) is Phase.FINAL

    def end(self, round_: Round, phase: Phase) -> None:
        """Let the phase reach its deadline."""
        assert phase_of(self.rehearsal.hive, round_) is phase
        self.clock.reach(deadline_of(self.rehearsal.hive, round_))

    def signed(self, round_: Round, update: Update, node: Node) -> Signed:
        """An update with a signature without a zero byte, as one costs less than another: by its expiry."""
        for expiry in range(0xFEFEFEFE01, 0xFEFEFEFEFF):
            message = message_of(round_.key, update, expiry)
            one = signed(domain_of(self.rehearsal.hive), message, node.operator)
            if is_dense(one.r.to_bytes(32, "big") + one.vs.to_bytes(32, "big")):
                return one
        raise AssertionError("no such expiry")

    def hidden(self, round_: Round, node: Node) -> tuple[bytes, bytes]:
        """A salt and what it hides a verdict as, neither with a zero byte."""
        for number in range(1000):
            salt = keccak(text=f"salt {number}")
            hidden = verdict_hash(*round_.key, node.number, SCORES, MODEL, salt)
            if is_dense(salt + hidden):
                return salt, hidden
        raise AssertionError("no such salt")

    # Everything

    def run(self) -> dict[str, int]:
        """Every function of both contracts, one after another; the gas."""
        self.joining()
        self.slots()
        self.play(self.metered)
        self.claims()
        self.ending()
        return self.used

    def joining(self) -> None:
        """What owners and sponsors do."""
        stage, meter = self.rehearsal, self.metered
        hive, registry, sponsor = stage.hive, stage.registry, {"from": stage.sponsor}
        config = as_row(replace(BASE, **CHANGES))
        meter("Hive.createTask", hive.createTask, config, SPEC, sponsor)
        meter("Hive.fund", hive.fund, self.task, 5, sponsor)
        meter("Hive.withdrawEscrow", hive.withdrawEscrow, self.task, 5, sponsor)
        meter("NodeRegistry.register", registry.register, self.spare(1), TRAIN, 5, sponsor)
        node = self.cast[6]
        owner = {"from": node.owner}
        stage.token.transfer(node.owner, 9, sponsor)
        stage.token.approve(registry, 9, owner)
        meter("NodeRegistry.addStake", registry.addStake, node.number, 5, owner)
        meter("NodeRegistry.setRoles", registry.setRoles, node.number, TRAIN | VALIDATE | 4, owner)
        meter("NodeRegistry.rotateOperator", registry.rotateOperator, node.number, self.spare(2), owner)
        registry.rotateOperator(node.number, node.operator, owner)
        hive_itself = brownie.accounts.at(hive.address, force=True)
        meter("NodeRegistry.slash", registry.slash, node.number, 5, {"from": hive_itself})

    def spare(self, number: int) -> str:
        """An address without a zero byte that nobody has."""
        return to_checksum_address(bytes([0xE0 + number]) * 20)

    def slots(self) -> None:
        """Taking, refreshing, releasing and freeing; the absent ones have missed what there was."""
        stage, meter = self.rehearsal, self.metered
        hive, registry, sponsor = stage.hive, stage.registry, {"from": stage.sponsor}
        staying, leaving = self.cast[6], self.cast[7]
        for name in ("Shard", "Seat"):
            take, release = (getattr(hive, f"{verb}{name}") for verb in ("take", "release"))
            refresh, free = (getattr(hive, f"{verb}{name}") for verb in ("refresh", "free"))
            meter(f"Hive.take{name}", take, self.task, FREE, {"from": staying.operator})
            registry.rotateOperator(staying.number, self.spare(3), {"from": staying.owner})
            meter(f"Hive.refresh{name}", refresh, self.task, FREE, sponsor)
            registry.rotateOperator(staying.number, staying.operator, {"from": staying.owner})
            meter(f"Hive.release{name}", release, self.task, FREE, {"from": staying.owner})
            meter(f"Hive.free{name} for misses", free, self.task, ABSENT, sponsor)
            take(self.task, FREE, {"from": leaving.operator})
        meter("NodeRegistry.requestExit", registry.requestExit, leaving.number, {"from": leaving.owner})
        meter("Hive.freeShard of an inactive holder", hive.freeShard, self.task, FREE, sponsor)
        meter("Hive.freeSeat of an inactive holder", hive.freeSeat, self.task, FREE, sponsor)
        self.clock.reach(registry.node(leaving.number)[4])
        meter("NodeRegistry.withdraw", registry.withdraw, leaving.number, {"from": leaving.owner})

    def claims(self) -> None:
        """Of one round and of three, of present terms and of such that ended."""
        hive, sponsor, last = self.rehearsal.hive, {"from": self.rehearsal.sponsor}, self.size.finals + 1
        slots = (("Shard", of_shard, self.cast[0]), ("Seat", of_seat, self.cast[3]))
        for name, item, node in slots:
            hive.claim(node.number, [item(self.task, 0, through=last - 3)], sponsor)
            for through, count in ((last - 2, 1), (last, 2)):
                items = [item(self.task, 0, through=through)]
                self.metered(f"Hive.claim of {count}, {name}", hive.claim, node.number, items, sponsor)
        self.play(self.plain)
        for name, item, node in slots:
            release = getattr(hive, f"release{name}")
            self.metered(f"Hive.release{name} with a term", release, self.task, 0, {"from": node.owner})
            items = [item(self.task, 0, term=last + 1)]
            self.metered(f"Hive.claim of an ended term, {name}", hive.claim, node.number, items, sponsor)

    def ending(self) -> None:
        """A round that comes to nothing, with a verdict that was committed and not revealed."""
        hive, sponsor = self.rehearsal.hive, {"from": self.rehearsal.sponsor}
        round_ = self.rehearsal.open(self.task)
        self.clock.reach(deadline_of(hive, round_))
        self.metered("Hive.cancelRound", hive.cancelRound, *round_.key, sponsor)


def is_dense(data: Sequence[int]) -> bool:
    """Whether no byte is 0: in calldata a 0 costs 4 or 10 gas and any other byte 16 or 40."""
    return 0 not in data
