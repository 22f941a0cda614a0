"""What a hive must come to, whatever went wrong on the way: tokens, pay and bits, from contracts and content alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from anomalyhive.audit.hashing_store import HashingStore
from anomalyhive.chain.deployment import Contracts
from anomalyhive.chain.dues import dues_of
from anomalyhive.chain.events import Event, read_events
from anomalyhive.chain.signer import Signer
from anomalyhive.chain.views import Kind, Phase, RoundView
from anomalyhive.content.kinds import Model, Weights
from anomalyhive.content.store import Store
from anomalyhive.node.slots import events_of_terms
from anomalyhive.protocol.deviation import deviations, is_paid
from anomalyhive.protocol.median import median_of_update
from anomalyhive.protocol.shares import split_reward
from anomalyhive.roles.public_check import shard_rows
from anomalyhive.roles.task import Task

ROUND_OPEN = (Phase.TRAIN, Phase.JUDGE, Phase.REVEAL, Phase.TALLY, Phase.ATTEST, Phase.STALLED)


@dataclass(frozen=True)
class Tokens:
    """1e-18 tokens that went into a hive, and where they are."""

    funded: int
    claimed: int
    withdrawn: int
    escrow: int
    locked: int
    unclaimed: int
    balance: int

    @property
    def missing(self) -> int:
        """What went in and is accounted for nowhere: nothing, in a hive that holds."""
        return self.funded - self.claimed - self.withdrawn - self.escrow - self.locked - self.unclaimed

    @property
    def unexplained(self) -> int:
        """What the hive has beyond what it owes: nothing."""
        return self.balance - self.escrow - self.locked - self.unclaimed


def log_of(contracts: Contracts) -> list[Event]:
    """All events of a hive and its registry."""
    hive = contracts.hive
    return read_events(hive.web3, [hive.address, contracts.registry.address], hive.deployed_in)


def views_of(contracts: Contracts, task: Task) -> list[RoundView]:
    """All rounds of a task as they stand."""
    latest = contracts.hive.task(task.number).latest_round
    return [contracts.hive.round(task.number, number) for number in range(1, latest + 1)]


def count_tokens(contracts: Contracts, task: Task) -> Tokens:
    """The tokens of a hive with this one task."""
    hive, views = contracts.hive, views_of(contracts, task)
    log = log_of(contracts)
    claimed = sum(event.values["amount"] for event in log if event.name == "Claimed")
    return Tokens(
        funded=sum(event.values["amount"] for event in log if event.name == "TaskFunded"),
        claimed=claimed,
        withdrawn=sum(event.values["amount"] for event in log if event.name == "EscrowWithdrawn"),
        escrow=hive.task(task.number).escrow,
        locked=sum(task.config.reward for view in views if view.phase in ROUND_OPEN),
        unclaimed=sum(sum(due(task, view).values()) for view in views if view.phase is Phase.FINAL) - claimed,
        balance=contracts.token.balance(hive.address),
    )


def due(task: Task, view: RoundView) -> dict[tuple[Kind, int], int]:
    """What each update and each verdict of a final round earns by the specification: (kind, shard or seat) -> 1e-18.

    Nothing of it is taken from the tally: medians, acceptance, deviations and shares are derived from the scores.
    """
    verdicts = {seat: (one.node, one.scores) for seat, one in view.reveals.items()}
    updates = {shard: one.node for shard, one in view.submissions.items()}
    medians = {shard: median_of_update(shard, node, verdicts) for shard, node in updates.items()}
    judged = deviations(updates, verdicts, medians)
    paid = [seat for seat, (total, count) in judged.items() if is_paid(total, count, task.config.tolerance)]
    shares = split_reward(task.config.reward, task.config.trainer_bps, sum(medians.values()), len(paid))
    # Who attested another model than the final one loses the share; the chain says who did.
    earning = [seat for seat in paid if seat in view.paid]
    return {
        **{(Kind.UPDATE, shard): shares.rate * median for shard, median in medians.items()},
        **{(Kind.VERDICT, seat): shares.share for seat in earning},
    }


def wrong_pay(contracts: Contracts, task: Task) -> list[str]:
    """In words, where the contract pays another amount than the specification says; empty if nowhere."""
    wrong = []
    for view in views_of(contracts, task):
        if view.phase is not Phase.FINAL:
            continue
        for (kind, index), amount in due(task, view).items():
            earned = contracts.hive.earned(task.number, view.round, kind, index)
            if earned != amount:
                wrong.append(f"round {view.round}, {kind.name.lower()} {index}: earns {earned}, due are {amount}")
    return wrong


def double_submissions(log: Sequence[Event]) -> list[str]:
    """Shards with more than one update in a round, and seats with more than one verdict; empty if there are none."""
    seen: dict[tuple[object, ...], int] = {}
    for event in log:
        if event.name in ("UpdateSubmitted", "VerdictCommitted", "VerdictRevealed", "ModelAttested"):
            place = event.values.get("shard", event.values.get("seat"))
            key = (event.name, event.values["task"], event.values["round"], place)
            seen[key] = seen.get(key, 0) + 1
    return [f"{key} came {count} times" for key, count in seen.items() if count > 1]


def undisturbed(task: Task, store: Store, views: Sequence[RoundView]) -> dict[int, bytes]:
    """Round -> the weights that the accepted updates' rows give without chain, node or fault.

    The rows of all shards accepted in a round are learned from in one place; nothing that a node computed is read but
    the shards' own rows, which are content of the task.
    """
    learner, state = task.learner, task.initial_weights().state
    rows = {shard: shard_rows(task, store, shard) for shard in range(task.config.shards)}
    found: dict[int, bytes] = {}
    for view in views:
        if view.phase is not Phase.FINAL or view.tallied is None:
            continue
        plan = learner.propose(state, view.seed)
        total = np.zeros(plan.length, dtype=np.int64)
        for shard in view.tallied.accepted:
            total += learner.contribute(plan, rows[shard])
        state = learner.absorb(state, plan, total)
        weights = Weights(learner=task.spec.learner, params=task.spec.params, state=state)
        found[view.round] = weights.publish(HashingStore())
    return found


def other_bits(task: Task, store: Store, views: Sequence[RoundView]) -> list[str]:
    """In words, which rounds' models are not what an undisturbed hive would have learned; empty if none."""
    expected: Mapping[int, bytes] = undisturbed(task, store, views)
    return [
        f"round {view.round}: the model has the weights {model.weights.hex()}, due are {expected[view.round].hex()}"
        for view in views
        if view.phase is Phase.FINAL and (model := Model.fetch(store, view.model)).weights != expected[view.round]
    ]


def claim_everything(contracts: Contracts, sender: Signer, task: Task, nodes: Sequence[int]) -> None:
    """Have every node's owner paid all that it earned; anyone may send that."""
    events = events_of_terms(contracts, task.number)
    for node in nodes:
        for items in dues_of(contracts, events, task.number, node).claims:
            contracts.hive.claim(sender, node, items)


def due_to(task: Task, views: Sequence[RoundView], node: int) -> int:
    """What a node has earned in all final rounds by the specification, in 1e-18 tokens."""
    total = 0
    for view in views:
        if view.phase is Phase.FINAL:
            for (kind, index), amount in due(task, view).items():
                slot = view.submissions[index] if kind is Kind.UPDATE else view.reveals[index]
                total += amount if slot.node == node else 0
    return total
