"""Client of `Hive`: tasks, shards, seats, rounds and claims."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from web3 import Web3

from anomalyhive.chain.contract import ContractClient
from anomalyhive.chain.events import read_events, round_events
from anomalyhive.chain.folding import fold_round
from anomalyhive.chain.rpc import latest_time
from anomalyhive.chain.signed_update import SignedUpdate
from anomalyhive.chain.signer import Mined, Signer
from anomalyhive.chain.views import Kind, Phase, RoundView, Submission, TaskConfig, TaskState

Point = tuple[bytes, bytes, bytes]


@dataclass(frozen=True)
class ClaimItem:
    """Final rounds of one term to be paid for; see `IHiveTypes.Claim`."""

    task: int
    kind: Kind
    index: int
    term: int = 0
    through: int = 0


def point(commitment: bytes) -> Point:
    """96 bytes as the contract's G1 struct."""
    return commitment[:32], commitment[32:64], commitment[64:96]


class HiveClient(ContractClient):
    """`Hive`. Functions that write take the signer and return what was mined."""

    NAME = "Hive"

    def __init__(self, web3: Web3, address: str, deployed_in: int = 0) -> None:
        """``deployed_in`` is the block of the deployment, before which no log is looked for."""
        super().__init__(web3, address)
        self.deployed_in = deployed_in
        self._opened_in: dict[tuple[int, int], int] = {}

    # Reads

    def verify_sums(self) -> bool:
        """Whether the contract adds the commitments itself."""
        return bool(self.read("verifySums"))

    def task(self, number: int) -> TaskState:
        """A task as it stands."""
        sponsor, spec, head, escrow, latest, last_final, finals, config = self.read("task", number)
        return TaskState(
            sponsor, bytes(spec), bytes(head), escrow, latest, last_final, finals,
            TaskConfig.from_tuple(config),
        )  # fmt: skip

    def phase(self, task: int, round_: int) -> tuple[Phase, int]:
        """The phase of a round at the present time, and the first second after it (0: nothing ends it)."""
        phase, deadline = self.read("phaseOf", task, round_)
        return Phase(phase), int(deadline)

    def round(self, task: int, number: int) -> RoundView:
        """A round as it stands, with all that was submitted to it."""
        phase, deadline = self.phase(task, number)
        known = self._opened_in.pop((task, number), None)
        events = round_events(self.web3, [self.address], self.deployed_in if known is None else known, task, number)
        if known is not None and not any(one.name == "RoundOpened" for one in events):
            # A reorganisation may have opened it anew in an earlier block.
            events = round_events(self.web3, [self.address], self.deployed_in, task, number)
        view = fold_round(task, number, events, phase, deadline, self.now())
        self._opened_in[task, number] = view.opened_in
        return view

    def now(self) -> int:
        """The time that the next block will have at the earliest, in unix seconds."""
        return max(latest_time(self.web3), int(time.time()))

    def shard_holder(self, task: int, shard: int) -> int:
        """The node that holds a shard, 0 if none."""
        return int(self.read("shard", task, shard)[1])

    def seat_holder(self, task: int, seat: int) -> int:
        """The node that holds a seat, 0 if none."""
        return int(self.read("seat", task, seat)[1])

    def verdict_hash(self, task: int, round_: int, seat: int) -> bytes:
        """The hash that a seat committed to in the latest round, or what its revelation left; zeros if nothing."""
        return bytes(self.read("verdictHash", task, round_, seat))

    def earned(self, task: int, round_: int, kind: Kind, index: int) -> int:
        """What an update or a verdict earns, claimed or not, in 1e-18 tokens."""
        return int(self.read("earned", task, round_, int(kind), index))

    # Tasks

    def create_task(self, signer: Signer, config: TaskConfig, spec: bytes) -> int:
        """Create a task; return its number."""
        mined = signer.transact(self.call("createTask", config.as_tuple(), spec))
        events = read_events(self.web3, [self.address], mined.block, mined.block)
        return next(
            int(event.values["task"])
            for event in events
            if event.name == "TaskCreated" and event.transaction == bytes(mined.receipt["transactionHash"])
        )

    def fund(self, signer: Signer, task: int, amount: int) -> Mined:
        """Add to the escrow, in 1e-18 tokens."""
        return signer.transact(self.call("fund", task, amount))

    def withdraw_escrow(self, signer: Signer, task: int, amount: int) -> Mined:
        """Take back escrow that no round has locked."""
        return signer.transact(self.call("withdrawEscrow", task, amount))

    def take_shard(self, signer: Signer, task: int, shard: int) -> Mined:
        """Take a free shard for the signer's node."""
        return signer.transact(self.call("takeShard", task, shard))

    def take_seat(self, signer: Signer, task: int, seat: int) -> Mined:
        """Take a free seat for the signer's node."""
        return signer.transact(self.call("takeSeat", task, seat))

    # Rounds

    def open_round(self, signer: Signer, task: int) -> Mined:
        """Open the next round."""
        return signer.transact(self.call("openRound", task))

    def submit_update(
        self, signer: Signer, task: int, round_: int, shard: int, digest: bytes, commitment: bytes
    ) -> Mined:
        """Submit the digest and the commitment (96 bytes) of an update."""
        return signer.transact(self.call("submitUpdate", task, round_, shard, digest, point(commitment)))

    def submit_updates(self, signer: Signer, task: int, round_: int, signed: Sequence[SignedUpdate]) -> Mined:
        """Submit updates that their operators signed; those that cannot count are skipped."""
        rows = [(one.shard, one.expiry, one.digest, point(one.commitment), one.r, one.vs) for one in signed]
        return signer.transact(self.call("submitUpdates", task, round_, rows))

    def commit_verdict(self, signer: Signer, task: int, round_: int, seat: int, hidden: bytes) -> Mined:
        """Commit to a verdict by its hash."""
        return signer.transact(self.call("commitVerdict", task, round_, seat, hidden))

    def reveal_verdict(
        self, signer: Signer, task: int, round_: int, seat: int, scores: bytes, verdict: bytes, salt: bytes
    ) -> Mined:
        """Show a committed verdict."""
        return signer.transact(self.call("revealVerdict", task, round_, seat, scores, verdict, salt))

    def tally(
        self, signer: Signer, task: int, round_: int, updates: Sequence[Submission], scores: Sequence[bytes]
    ) -> Mined:
        """Count a slice of updates, by ascending shard; ``scores`` of all revealed seats, ascending."""
        slice_ = [(one.shard, one.node, one.digest, point(one.commitment)) for one in updates]
        return signer.transact(self.call("tally", task, round_, slice_, list(scores)))

    def attest_model(self, signer: Signer, task: int, round_: int, seat: int, model: bytes) -> Mined:
        """Name the model that the accepted updates make."""
        return signer.transact(self.call("attestModel", task, round_, seat, model))

    def cancel_round(self, signer: Signer, task: int, round_: int) -> Mined:
        """End a stalled round."""
        return signer.transact(self.call("cancelRound", task, round_))

    def claim(self, signer: Signer, node: int, items: Sequence[ClaimItem]) -> Mined:
        """Have a node's owner paid for final rounds of its terms."""
        rows = [(i.task, int(i.kind), i.index, i.term, i.through) for i in items]
        return signer.transact(self.call("claim", node, rows))


def earnings(view: RoundView) -> Mapping[int, int]:
    """Node -> 1e-18 tokens that a final round earned it."""
    owed: dict[int, int] = {}
    if view.phase is Phase.FINAL and view.tallied is not None:
        for shard, median in view.tallied.medians.items():
            node = view.submissions[shard].node
            owed[node] = owed.get(node, 0) + view.tallied.rate * median
        for seat in view.paid:
            node = view.reveals[seat].node
            owed[node] = owed.get(node, 0) + view.tallied.share
    return owed
