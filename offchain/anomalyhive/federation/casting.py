"""From members to actors: each with its own signer, its own rows, and no way to anything else but chain and store."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from anomalyhive.chain.deployment import Contracts
from anomalyhive.chain.views import Role
from anomalyhive.content.directory import DirectoryStore
from anomalyhive.content.kinds import Dataset
from anomalyhive.core.learner import Rows
from anomalyhive.errors import Failure
from anomalyhive.federation.crew import Member
from anomalyhive.roles.private_check import PrivateCheck
from anomalyhive.roles.public_check import PublicCheck, shard_rows
from anomalyhive.roles.task import Task
from anomalyhive.roles.trainer import Trainer
from anomalyhive.roles.validator import DataCheck, Validator


@dataclass(frozen=True)
class Cast:
    """Which class plays which member, by name; others are played by the honest ones."""

    trainers: dict[str, Callable[..., Trainer]] = field(default_factory=dict)
    validators: dict[str, Callable[..., Validator]] = field(default_factory=dict)


@dataclass(frozen=True)
class Scene:
    """What all actors have in common: the task, the contracts, and the folder of the store."""

    task: Task
    contracts: Contracts
    store: Path

    @property
    def private(self) -> bool:
        """Whether nodes keep their rows."""
        return self.task.spec.mode == "private"


def cast_actors(scene: Scene, members: Iterable[Member], cast: Cast) -> list[Trainer | Validator]:
    """The actors for members, trainers first, so that content is published before it is judged."""
    return [
        _trainer(scene, member, cast) if member.role is Role.TRAIN else _validator(scene, member, cast)
        for member in sorted(members, key=lambda member: member.role is not Role.TRAIN)
    ]


def _trainer(scene: Scene, member: Member, cast: Cast) -> Trainer:
    task, store = scene.task, DirectoryStore(scene.store)
    return cast.trainers.get(member.name, Trainer)(
        task=task,
        node=member.number(scene.contracts),
        shard=member.slot,
        rows=_private_rows(member) if scene.private else shard_rows(task, store, member.slot),
        signer=member.operator,
        hive=scene.contracts.hive,
        store=store,
        drafts=member.drafts,
    )


def _validator(scene: Scene, member: Member, cast: Cast) -> Validator:
    task, store = scene.task, DirectoryStore(scene.store)
    check: DataCheck = PrivateCheck(task, store, _private_rows(member)) if scene.private else PublicCheck(task, store)
    return cast.validators.get(member.name, Validator)(
        task=task,
        node=member.number(scene.contracts),
        seat=member.slot,
        signer=member.operator,
        hive=scene.contracts.hive,
        store=store,
        drafts=member.drafts,
        journal=member.journal,
        data_check=check,
        secret=member.secret,
    )


def _private_rows(member: Member) -> Rows:
    """The rows in a node's own folder."""
    digest = member.journal.get("rows")
    if digest is None:
        raise Failure(f"the journal of {member.name} does not say where its rows are: restore its folder")
    dataset = Dataset.fetch(member.drafts, digest)
    return Rows(np.asarray(dataset.features), np.asarray(dataset.labels))
