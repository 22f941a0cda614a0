"""Event logs as the contracts would write them, made without a chain: right in all, for a test to change one thing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from eth_utils.address import to_checksum_address

from anomalyhive.audit import AuditReport, ChainRecord
from anomalyhive.audit.replay import Hive, replay
from anomalyhive.audit.report import Findings
from anomalyhive.chain.deployment import Deployment
from anomalyhive.chain.events import Event
from anomalyhive.chain.views import TaskConfig
from anomalyhive.commitments import add_all, commit
from anomalyhive.protocol.deviation import deviations, is_paid
from anomalyhive.protocol.hashing import round_seed, verdict_hash
from anomalyhive.protocol.median import median_of_update
from anomalyhive.protocol.shares import split_reward

ZERO = "0x" + "00" * 20
TOKEN, REGISTRY, HIVE, SPONSOR = (to_checksum_address(bytes([number]) * 20) for number in (0xA1, 0xA2, 0xA3, 0x5A))

CONFIG = TaskConfig(
    train_seconds=100,
    judge_seconds=100,
    reveal_seconds=100,
    tally_seconds=100,
    attest_seconds=100,
    shards=2,
    update_quota=2,
    min_updates=1,
    seats=3,
    quorum=2,
    verdict_quota=3,
    miss_limit=1,
    tolerance=8,
    reward=1000,
    min_stake=50,
    trainer_bps=8000,
    rounds=0,
    slash_amount=20,
    seed=b"\x07" * 32,
)

DEPLOYMENT = Deployment(chain_id=31337, token=TOKEN, registry=REGISTRY, hive=HIVE, block=1, verify_sums=True, gas={})

SCORES = bytes([200, 100])
TRAINERS, VALIDATORS = (1, 2), (3, 4, 5)
"""Node numbers: the trainer of shard s is s + 1, the validator of seat s is s + 3."""


def owner(node: int) -> str:
    return str(to_checksum_address(bytes([node]) * 20))


def operator(node: int) -> str:
    return str(to_checksum_address(bytes([node + 0x40]) * 20))


def commitment(shard: int, round_: int = 1) -> bytes:
    return commit(np.array([shard + 1, -round_], dtype=np.int64))


def point(data: bytes) -> dict[str, bytes]:
    return {"a": data[:32], "b": data[32:64], "c": data[64:]}


def digest(name: str) -> bytes:
    return name.encode().ljust(32, b".")


def salt(seat: int) -> bytes:
    return bytes([seat]) * 32


class Log:
    """A log that grows by what happens; every call is a transaction in a block of its own, a second after the last."""

    def __init__(self, config: TaskConfig = CONFIG) -> None:
        self.config = config
        self.events: list[Event] = []
        self.times: dict[int, int] = {}
        self.salts: dict[tuple[int, int, int], bytes] = {}
        self.now = 1_000
        self.block = 0
        self.trainers = list(TRAINERS)
        self.submitted: dict[int, tuple[int, bytes]] = {}
        self.committed: set[int] = set()
        self.scores: dict[int, bytes] = {}
        self.escrow = self.worth = 0
        self.rounds = 0
        self.head = bytes(32)

    def transaction(self, *happened: tuple[str, Mapping[str, Any]], at: int | None = None) -> None:
        """One transaction with these events, ``at`` a time or a second after the one before."""
        self.now = self.now + 1 if at is None else at
        self.block += 1
        self.times[self.block] = self.now
        number = self.block.to_bytes(31, "big")
        for index, (name, values) in enumerate(happened):
            self.events.append(Event(name, values, self.block, b"b" + number, b"t" + number, index))

    def found(self, funds: int = 3000) -> Log:
        """Supply, nodes, task, escrow, and every node in its place."""
        supply = 10_000
        self.transaction(transfer(ZERO, SPONSOR, supply))
        for node in (*TRAINERS, *VALIDATORS):
            self.register(node, 1 if node in TRAINERS else 2)
        created = {"task": 1, "sponsor": SPONSOR, "spec": digest("spec"), "config": self.config.as_tuple()}
        self.transaction(("TaskCreated", created))
        self.transaction(approval(SPONSOR, HIVE, funds))
        funded = ("TaskFunded", {"task": 1, "from": SPONSOR, "amount": funds})
        self.transaction(funded, transfer(SPONSOR, HIVE, funds))
        for shard, node in enumerate(TRAINERS[: self.config.shards]):
            self.transaction(slot("ShardTaken", "shard", shard, node, operator(node)))
        for seat, node in enumerate(VALIDATORS):
            self.transaction(slot("SeatTaken", "seat", seat, node, operator(node)))
        return self

    def register(self, node: int, roles: int, stake: int = 50) -> None:
        values = {"node": node, "owner": owner(node), "operator": operator(node), "roles": roles, "stake": stake}
        self.transaction(transfer(SPONSOR, owner(node), stake))
        self.transaction(approval(owner(node), REGISTRY, stake))
        self.transaction(("NodeRegistered", values), transfer(owner(node), REGISTRY, stake))

    def open(self, at: int | None = None) -> Log:
        self.rounds += 1
        self.submitted, self.committed, self.scores = {}, set(), {}
        deadline = (self.now + 1 if at is None else at) + self.config.train_seconds
        seed = round_seed(self.config.seed, self.rounds)
        self.transaction(self.event("RoundOpened", seed=seed, base=self.head, deadline=deadline), at=at)
        return self

    def event(self, name: str, **values: Any) -> tuple[str, dict[str, Any]]:
        """An event of the round at hand."""
        return name, {"task": 1, "round": self.rounds, **values}

    def submit(self, shard: int, at: int | None = None, point_of: bytes | None = None) -> Log:
        node, points = self.trainers[shard], point_of or commitment(shard, self.rounds)
        self.submitted[shard] = (node, points)
        values = {"node": node, "shard": shard, "digest": digest(f"update {shard}"), "commitment": point(points)}
        self.transaction(self.event("UpdateSubmitted", **values), at=at)
        return self

    def commit(self, seat: int, scores: bytes = SCORES, at: int | None = None) -> Log:
        node = VALIDATORS[seat]
        self.committed.add(seat)
        hashed = verdict_hash(1, self.rounds, node, scores, digest(f"verdict {seat}"), salt(seat))
        self.transaction(self.event("VerdictCommitted", node=node, seat=seat, commitHash=hashed), at=at)
        return self

    def reveal(self, seat: int, scores: bytes = SCORES, at: int | None = None) -> Log:
        node = VALIDATORS[seat]
        self.scores[seat] = scores
        self.salts[1, self.rounds, seat] = salt(seat)
        values = {"node": node, "seat": seat, "scores": scores, "verdict": digest(f"verdict {seat}")}
        self.transaction(self.event("VerdictRevealed", **values), at=at)
        return self

    def judge(self, seats: Sequence[int] = (0, 1, 2), scores: bytes = SCORES) -> Log:
        for seat in seats:
            self.commit(seat, scores)
        for seat in seats:
            self.reveal(seat, scores)
        return self

    def medians(self) -> dict[int, int]:
        verdicts = {seat: (VALIDATORS[seat], scores) for seat, scores in self.scores.items()}
        return {shard: median_of_update(shard, node, verdicts) for shard, (node, _) in self.submitted.items()}

    def tallied(self) -> tuple[str, dict[str, Any]]:
        """RoundTallied as it must be; leaves ``worth``, ``rate``, ``share`` and ``paid`` for the rest of the round."""
        medians, c = self.medians(), self.config
        verdicts = {seat: (VALIDATORS[seat], scores) for seat, scores in self.scores.items()}
        strayed = deviations({shard: node for shard, (node, _) in self.submitted.items()}, verdicts, medians)
        self.paid = {seat for seat, (off, judged) in strayed.items() if is_paid(off, judged, c.tolerance)}
        self.worth = sum(medians.values())
        self.shares = split_reward(c.reward, c.trainer_bps, self.worth, len(self.paid))
        accepted = [shard for shard, median in sorted(medians.items()) if median]
        return self.event(
            "RoundTallied",
            accepted=len(accepted),
            worth=self.worth,
            rate=self.shares.rate,
            share=self.shares.share,
            paid=bits(self.paid),
            sum=point(add_all(self.submitted[shard][1] for shard in accepted)),
        )

    def tally(self, at: int | None = None) -> Log:
        medians = self.medians()
        packed = bytes(medians.get(shard, 0) for shard in range(max(medians) + 1))
        slashed = [one for seat in sorted(self.committed - self.scores.keys()) for one in self.slashing(seat)]
        sliced = self.event("UpdatesTallied", firstShard=0, medians=packed)
        self.transaction(sliced, self.tallied(), *slashed, at=at)
        return self

    def slashing(self, seat: int, left: int = 50) -> list[tuple[str, dict[str, Any]]]:
        """The events of a slash of a stake that was ``left``."""
        node, burned = VALIDATORS[seat], min(self.config.slash_amount, left)
        return [
            ("NodeSlashed", {"node": node, "amount": burned, "stake": left - burned}),
            transfer(REGISTRY, ZERO, burned),
            self.event("SeatSlashed", node=node, seat=seat, burned=burned),
        ]

    def attest(self, seat: int, model: str = "model", at: int | None = None) -> Log:
        self.transaction(self.attestation(seat, model), at=at)
        return self

    def attestation(self, seat: int, model: str = "model") -> tuple[str, dict[str, Any]]:
        return self.event("ModelAttested", node=VALIDATORS[seat], seat=seat, model=digest(f"{model} {self.rounds}"))

    def finalize(self, seat: int = 1, model: str = "model", others: Sequence[int] = (), at: int | None = None) -> Log:
        """The attestation that makes the quorum; ``others`` are seats that named another model."""
        paid = self.paid - set(others)
        returned = self.shares.returned(self.config.reward, self.worth, len(paid))
        self.head = digest(f"{model} {self.rounds}")
        final = self.event("RoundFinalized", model=self.head, paid=bits(paid), returned=returned)
        self.transaction(self.attestation(seat, model), final, at=at)
        return self

    def final_round(self) -> Log:
        return self.open().submit(0).submit(1).judge().tally().attest(0).finalize()

    def cancel(self, reached: int, at: int, slashed: Sequence[int] = ()) -> Log:
        burned = [one for seat in slashed for one in self.slashing(seat)]
        self.transaction(self.event("RoundCancelled", reached=reached, returned=self.config.reward), *burned, at=at)
        return self

    def claim(self, node: int, kind: int, index: int, amount: int, **of: int) -> Log:
        self.transaction(self.claimed(node, kind, index, amount, **of), transfer(HIVE, owner(node), amount))
        return self

    def claimed(
        self, node: int, kind: int, index: int, amount: int, term: int = 0, after: int = 0, through: int = 0
    ) -> tuple[str, dict[str, Any]]:
        """An item of a claim, up to the round at hand unless said otherwise."""
        span = {"term": term, "after_": after, "through": through or self.rounds}
        return "Claimed", {"task": 1, "node": node, "kind": kind, "index": index, **span, "amount": amount}

    def record(self) -> ChainRecord:
        return ChainRecord(DEPLOYMENT, tuple(self.events), dict(self.times), dict(self.salts))

    def change(self, name: str, nth: int = 0, **values: Any) -> ChainRecord:
        """The record with other values in the nth event of that name; the log itself stays."""
        at = [i for i, event in enumerate(self.events) if event.name == name][nth]
        changed = replace(self.events[at], values={**self.events[at].values, **values})
        return replace(self.record(), events=(*self.events[:at], changed, *self.events[at + 1 :]))

    def without(self, name: str, nth: int = 0) -> ChainRecord:
        """The record without the nth event of that name."""
        at = [i for i, event in enumerate(self.events) if event.name == name][nth]
        return replace(self.record(), events=(*self.events[:at], *self.events[at + 1 :]))


def transfer(source: str, target: str, value: int) -> tuple[str, dict[str, Any]]:
    return "Transfer", {"from": source, "to": target, "value": value}


def approval(holder: str, spender: str, value: int) -> tuple[str, dict[str, Any]]:
    return "Approval", {"owner": holder, "spender": spender, "value": value}


def slot(name: str, kind: str, index: int, node: int, *key: str) -> tuple[str, dict[str, Any]]:
    """An event of a shard or a seat."""
    return name, {"task": 1, kind: index, "node": node, **({"operator": key[0]} if key else {})}


def bits(seats: set[int]) -> int:
    return sum(1 << seat for seat in seats)


def replayed(record: ChainRecord) -> tuple[Hive, AuditReport]:
    """The state that a record gives, and what was wrong with it."""
    findings = Findings()
    hive = replay(record, findings)
    return hive, findings.report()


def faults(record: ChainRecord) -> list[tuple[str, str]]:
    """What is wrong with a record: (check, words)."""
    return [(check, str(failure)) for check, failure in replayed(record)[1].failures]
