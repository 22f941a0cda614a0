"""Founding a federation: contracts, nodes, spec, task and escrow, and every node in its place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from web3 import Web3

from anomalyhive.chain.deployment import Contracts, Deployment, deploy
from anomalyhive.chain.signer import Signer
from anomalyhive.chain.views import Role, TaskConfig
from anomalyhive.content.kinds import Origin, Spec, SpecShard
from anomalyhive.content.store import Store
from anomalyhive.core.learners import get_learner
from anomalyhive.core.learners.classify import CLASSIFY
from anomalyhive.errors import BadSetting
from anomalyhive.federation.crew import STAKE, TOKEN, Member, enlist, take_slots
from anomalyhive.federation.folder import RunFolder
from anomalyhive.federation.rows import Shared, publish_table
from anomalyhive.federation.seeds import task_seed
from anomalyhive.federation.settings import Settings
from anomalyhive.raw.labelling import ADDRESS_COLUMN
from anomalyhive.roles.public_check import ALL
from anomalyhive.roles.task import Task

REWARD = 1_000 * TOKEN
"""For one round."""

TRAINERS_BPS = 8_000
"""The trainers' part of the reward, in 1/10000."""

PHASE_SECONDS = 600
"""Of every phase; an honest round fills its quotas and needs a few seconds."""

TOLERANCE = 32
"""Mean deviation of a score, of 255, beyond which a validator is not paid: half of what scoring at random gives."""

CANDIDATES_PER_CLASS, MOST_CANDIDATES = 32, 320
"""Of the learner `classify` with more than two classes, all of them together at most: 41,000 coordinates, which a node
commits to in some tenths of a second. A third as many cost 0.017 of macro average precision over nine classes."""

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Ground:
    """What a federation is founded on: a folder, a chain, rows, and everybody's keys."""

    settings: Settings
    folder: RunFolder
    url: str
    web3: Web3
    shared: Shared
    store: Store
    members: Sequence[Member]
    sponsor: Signer
    sponsor_key: bytes


@dataclass(frozen=True)
class Founded:
    """A founded federation."""

    deployment: Deployment
    contracts: Contracts
    task: Task


def task_config(settings: Settings) -> TaskConfig:
    """The rules of the task that a run works on."""
    return TaskConfig(
        train_seconds=PHASE_SECONDS,
        judge_seconds=PHASE_SECONDS,
        reveal_seconds=PHASE_SECONDS,
        tally_seconds=PHASE_SECONDS,
        attest_seconds=PHASE_SECONDS,
        shards=settings.nodes,
        update_quota=settings.nodes,
        min_updates=1,
        seats=settings.validators,
        quorum=settings.validators // 2 + 1,
        verdict_quota=settings.validators,
        miss_limit=3,
        tolerance=TOLERANCE,
        reward=REWARD,
        min_stake=STAKE,
        trainer_bps=TRAINERS_BPS,
        rounds=settings.rounds,
        slash_amount=STAKE // 10,
        seed=task_seed(settings.seed),
    )


def check_learner(settings: Settings, columns: Sequence[str], classes: Sequence[str]) -> None:
    """Raise BadSetting for a learner that does not exist, a parameter that it does not take, or too many classes.

    ``classes`` names the labels; it is empty where they are 0 and 1.
    """
    learner = get_learner(settings.learner)
    learner.initial(len(columns), task_params(settings, len(classes) or 2))
    if len(classes) > 2 and settings.learner != CLASSIFY:
        raise BadSetting(
            f"the label has {len(classes)} classes ({', '.join(classes)}) and {settings.learner} tells two "
            f"apart: add --learner {CLASSIFY}"
        )
    if settings.private and settings.learner == CLASSIFY:
        raise BadSetting(
            f"--private does not work with --learner {CLASSIFY}: its validators tell turned labels from honest ones by "
            "sums of two classes over all rows; use boost, or public rows"
        )


def task_params(settings: Settings, classes: int) -> dict[str, int]:
    """The learner's parameters: those given, and for `classify` what follows from the labels and the rounds."""
    if settings.learner != CLASSIFY:
        return settings.params
    # All rounds but the last one learn; the last one counts what calibrates.
    implied = {"boosting": max(1, settings.rounds - 1)}
    if classes > 2:
        candidates = settings.params.get("candidates", min(MOST_CANDIDATES, CANDIDATES_PER_CLASS * classes))
        implied |= {"candidates": candidates, "kept": max(1, 5 * candidates // 12)}
    return {**implied, **settings.params, "classes": classes}


def publish_spec(settings: Settings, shared: Shared, store: Store) -> bytes:
    """Publish what the task learns; in public mode the shards too. Returns the digest of the spec."""
    return Spec(
        name="anomalyhive federation",
        learner=settings.learner,
        params=task_params(settings, shared.pooled.label_classes),
        columns=shared.pooled.columns,
        label=settings.label,
        id=settings.id if shared.raw is None else settings.id or ADDRESS_COLUMN,
        mode="private" if settings.private else "public",
        shards=tuple(
            SpecShard(len(shard), None if settings.private else publish_table(shard, store)) for shard in shared.shards
        ),
        recheck=ALL,
        origin=_publish_origin(shared, store) if not settings.private else None,
        classes=shared.pooled.classes,
    ).publish(store)


def _publish_origin(shared: Shared, store: Store) -> Origin | None:
    """Publish what the rows come from; None where that is a table."""
    if shared.raw is None:
        return None
    return Origin(
        tuple(one.publish(store) for one in shared.raw.partials),
        shared.raw.labels.publish(store),
        shared.raw.detectors.publish(store),
    )


def create_funded(contracts: Contracts, sponsor: Signer, config: TaskConfig, spec: bytes) -> int:
    """Create a task and fund all its rounds; its number."""
    number = contracts.hive.create_task(sponsor, config, spec)
    escrow = config.reward * config.rounds
    contracts.token.approve(sponsor, contracts.hive.address, escrow)
    contracts.hive.fund(sponsor, number, escrow)
    return number


def found(ground: Ground, tell: Tell) -> Founded:
    """Found the federation of a run, from nothing to the moment before its first round."""
    settings, members, sponsor, store = ground.settings, ground.members, ground.sponsor, ground.store
    tell("deploying the contracts")
    deployment = deploy(ground.url, ground.sponsor_key, ground.folder.deployment)
    contracts = Contracts.at(ground.web3, deployment)
    tell(f"registering {len(members)} nodes")
    enlist(sponsor, contracts, members)
    tell("creating and funding the task")
    spec = publish_spec(settings, ground.shared, store)
    number = create_funded(contracts, sponsor, task_config(settings), spec)
    take_slots(contracts, number, members)
    task = open_task(contracts, deployment, number, store)
    task.publish_genesis(store)
    if settings.private:
        hand_out_private(members, ground.shared)
    return Founded(deployment, contracts, task)


def hand_out_private(members: Sequence[Member], shared: Shared) -> None:
    """Put each private node's rows into its own folder, and nowhere else."""
    for member in members:
        tables = shared.shards if member.role is Role.TRAIN else shared.own
        digest = publish_table(tables[member.slot], member.drafts)
        member.journal.put("rows", digest)


def open_task(contracts: Contracts, deployment: Deployment, number: int, store: Store) -> Task:
    """A task of the chain with its spec from the store, checked against each other."""
    state = contracts.hive.task(number)
    owners: dict[int, bytes] = {}

    def owner_of(node: int) -> bytes:
        # An owner never changes, so it is asked for once.
        if node not in owners:
            owners[node] = contracts.registry.owner_of(node)
        return owners[node]

    return Task(
        chain_id=deployment.chain_id,
        hive=bytes.fromhex(deployment.hive.removeprefix("0x")),
        number=number,
        config=state.config,
        spec=Spec.fetch(store, state.spec),
        spec_digest=state.spec,
        owner_of=owner_of,
    )
