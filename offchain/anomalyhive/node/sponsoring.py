"""A task from its sponsor's side: what is learned, created on the chain, funded, opened, and its escrow taken back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from anomalyhive.chain.deployment import Contracts, Deployment
from anomalyhive.chain.events import read_events
from anomalyhive.chain.registry import TokenClient
from anomalyhive.chain.views import TaskConfig
from anomalyhive.content.kinds import Spec
from anomalyhive.content.store import Store
from anomalyhive.errors import BadSetting, Failure
from anomalyhive.federation.founding import check_learner, open_task, publish_spec, task_config
from anomalyhive.federation.gathering import gather
from anomalyhive.federation.rows import share_out
from anomalyhive.federation.settings import MAX_NODES, Settings
from anomalyhive.node.amounts import tokens
from anomalyhive.node.hands import Hand
from anomalyhive.texts import counted

FROM_CHAIN = bytes(32)
"""In place of a seed: every round has one of its own, which nobody knows before it opens."""

MOST_REWARD = (1 << 88) - 1
"""1e-18 tokens a round: see `IHiveTypes.TaskConfig`."""

LONGEST_PHASE = 30 * 24 * 3600
"""Seconds."""


@dataclass(frozen=True)
class Terms:
    """What a sponsor may choose beside what is learned: seconds, 1e-18 tokens, and the seed of all rounds if any."""

    phase_seconds: int
    reward: int
    min_stake: int
    seed: int | None

    def __post_init__(self) -> None:
        """Raise BadSetting, naming the option and what it may be."""
        if not 1 <= self.phase_seconds <= LONGEST_PHASE:
            raise BadSetting(f"--phase-seconds {self.phase_seconds} is outside 1 to {LONGEST_PHASE}")
        if not 0 < self.reward <= MOST_REWARD:
            raise BadSetting(f"--reward {tokens(self.reward)} is not above 0 and at most {tokens(MOST_REWARD)}")
        if not 0 <= self.min_stake < 1 << 96:
            raise BadSetting(f"--min-stake {tokens(self.min_stake)} is more tokens than there are")

    def config(self, settings: Settings) -> TaskConfig:
        """The configuration of a task on these terms; a tenth of the stake is what silence costs."""
        config = task_config(settings)
        seconds = self.phase_seconds
        config = replace(config, train_seconds=seconds, judge_seconds=seconds, reveal_seconds=seconds)
        config = replace(config, tally_seconds=seconds, attest_seconds=seconds)
        config = replace(config, reward=self.reward, min_stake=self.min_stake, slash_amount=self.min_stake // 10)
        return config if self.seed is not None else replace(config, seed=FROM_CHAIN)


def publish_rows(settings: Settings, store: Store, tell: Callable[[str], None]) -> bytes:
    """Publish what a task learns and its shards, from a table or from chunks of a chain; the digest of the spec."""
    shared = gather(settings, tell) if settings.shards is not None else share_out(settings)
    check_learner(settings, shared.pooled.columns, shared.pooled.classes)
    tell(f"publishing {len(shared.pooled):,} rows in {len(shared.shards)} shards")
    return publish_spec(settings, shared, store)


def known_spec(digest: str, store: Store) -> tuple[bytes, Spec]:
    """A spec that is in the store already. Raises BadSetting for what is no digest."""
    try:
        found = bytes.fromhex(digest.removeprefix("0x"))
    except ValueError:
        found = b""
    if len(found) != 32:
        raise BadSetting(f"--spec {digest[:80]!r} is no digest: give 64 hexadecimal digits")
    spec = Spec.fetch(store, found)
    if len(spec.shards) > MAX_NODES:
        raise BadSetting(f"--spec {digest} has {len(spec.shards)} shards, and a task has at most {MAX_NODES}")
    return found, spec


def create(
    contracts: Contracts, deployment: Deployment, sponsor: Hand, config: TaskConfig, spec: bytes, store: Store
) -> int | None:
    """Create the task and publish the model that it begins with; its number, None where another wallet is to sign."""
    hive = contracts.hive
    places = f"{counted(config.shards, 'shard')} and {counted(config.seats, 'seat')}"
    words = f"create a task of {places} that learns {spec.hex()}"
    mined = sponsor.do(hive.call("createTask", config.as_tuple(), spec), words)
    if mined is None:
        return None
    events = read_events(hive.web3, [hive.address], mined.block, mined.block)
    sent = bytes(mined.receipt["transactionHash"])
    number = next(int(e.values["task"]) for e in events if e.name == "TaskCreated" and e.transaction == sent)
    open_task(contracts, deployment, number, store).publish_genesis(store)
    return number


def fund(contracts: Contracts, sponsor: Hand, task: int, amount: int) -> None:
    """Put tokens into a task's escrow."""
    hive, token = contracts.hive, contracts.token
    hive.task(task)  # an unknown one is refused before anything is approved
    approve(token, sponsor, hive.address, amount, "the hive")
    sponsor.do(hive.call("fund", task, amount), f"put {tokens(amount)} into the escrow of task {task}")


def approve(token: TokenClient, giver: Hand, spender: str, amount: int, name: str) -> None:
    """Let a contract take an amount, unless it may already. Raises Failure where the giver does not have it."""
    balance = token.balance(giver.address)
    if balance < amount:
        raise Failure(f"{giver.address} has {tokens(balance)} and is to give {tokens(amount)}: send it the rest")
    if int(token.read("allowance", giver.address, spender)) < amount:
        giver.do(token.call("approve", spender, amount), f"let {name} {spender} take {tokens(amount)}")


def withdraw(contracts: Contracts, sponsor: Hand, task: int, amount: int | None) -> int:
    """Take escrow back that no round has locked, all of it by default; the amount."""
    state = contracts.hive.task(task)
    if state.sponsor != sponsor.address:
        raise Failure(f"task {task} is sponsored by {state.sponsor}, and this is {sponsor.address}")
    wanted = state.escrow if amount is None else amount
    if not 0 < wanted <= state.escrow:
        raise Failure(
            f"task {task} has {tokens(state.escrow)} in escrow that no round has locked: ask for a part of it"
        )
    words = f"take {tokens(wanted)} back out of the escrow of task {task}"
    sponsor.do(contracts.hive.call("withdrawEscrow", task, wanted), words)
    return wanted


def input_of(file: Path | None) -> str:
    """A table's path as settings have it."""
    return "" if file is None else str(file.resolve())
