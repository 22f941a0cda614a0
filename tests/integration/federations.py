"""Whole federations for tests: run in this process on a chain of their own, and the same learning without any chain."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from anomalyhive.audit import AuditReport, audit_run
from anomalyhive.audit.hashing_store import HashingStore
from anomalyhive.chain.views import Role
from anomalyhive.content.kinds import Weights
from anomalyhive.core.learner import Rows
from anomalyhive.core.learners import get_learner
from anomalyhive.federation.casting import Cast
from anomalyhive.federation.counting import Step
from anomalyhive.federation.rows import share_out
from anomalyhive.federation.seeds import task_seed
from anomalyhive.federation.session import Session, learn, opened, settle
from anomalyhive.federation.settings import Settings
from anomalyhive.protocol.hashing import round_seed
from anomalyhive.roles.steps import Taken
from anomalyhive.tables.table import Table

ACCOUNTS = Path(__file__).parents[1] / "data" / "accounts-400.csv"


class Quiet:
    """Listens and says nothing."""

    def stage(self, text: str) -> None: ...

    def counting(self, step: Step) -> None: ...

    def step(self, round_: int, taken: Taken) -> None: ...

    def round_done(self, record: Mapping[str, Any]) -> None: ...

    def round_cancelled(self, record: Mapping[str, Any]) -> None: ...


@dataclass(frozen=True)
class Money:
    """1e-18 tokens: all that there are, and what the owner of each validator has and has staked, by its name."""

    supply: int
    balances: Mapping[str, int]
    stakes: Mapping[str, int]


@dataclass(frozen=True)
class Outcome:
    """What a federation came to.

    ``rounds`` are entries of the report; ``claims`` what each node claimed, by name, in 1e-18 tokens; money is counted
    before the first round, before and after the claims.
    """

    folder: Path
    settings: Settings
    rounds: list[dict[str, Any]]
    claims: Mapping[str, int]
    before: Money
    learned: Money
    after: Money

    @property
    def weights(self) -> list[str]:
        """The digest of the learned state of every round."""
        return [one["weights"] for one in self.rounds]

    def reasons(self, key: str, node: str) -> list[str | None]:
        """Why a node is named in ``rejected`` or ``unpaid`` of each round; None where it is not."""
        return [next((one["reason"] for one in entry[key] if one["node"] == node), None) for entry in self.rounds]

    def audit(self) -> AuditReport:
        """The audit of the run folder."""
        return audit_run(self.folder)


def accounts(**chosen: Any) -> Settings:
    """Settings on 400 real accounts; all rows are trained on unless something else is chosen."""
    defaults = {"label": "FLAG", "id": "Address", "test_fraction": "0", "rounds": 2, "nodes": 4}
    return Settings(data=str(ACCOUNTS), **{**defaults, **chosen})


def run(settings: Settings, folder: Path, cast: Cast = Cast()) -> Outcome:  # noqa: B008 - immutable
    """Run a federation from its founding to its claims."""
    with opened(settings, folder, Quiet()) as session:
        before = _count(session)
        learn(session, Quiet(), cast)
        learned = _count(session)
        claims = settle(session)
        return Outcome(folder, settings, session.progress.rounds, claims, before, learned, _count(session))


def centralised(settings: Settings, left_out: Collection[int] = ()) -> list[str]:
    """The weights of every round learned in one place, without chain, node or vector of a node.

    The rows of the shards that are ``left_out`` are not learned from.
    """
    shards = share_out(settings).shards
    return learned(settings, [pooled([one for shard, one in enumerate(shards) if shard not in left_out])])


def summed(settings: Settings) -> list[str]:
    """The weights of every round learned from the sum of the shards' vectors, without chain or node."""
    return learned(settings, [pooled([shard]) for shard in share_out(settings).shards])


def learned(settings: Settings, shards: Sequence[Rows]) -> list[str]:
    """The weights of every round learned from the sum of these nodes' vectors."""
    learner = get_learner(settings.learner)
    state = learner.initial(shards[0].features.shape[1], settings.params)
    found = []
    for number in range(1, settings.rounds + 1):
        plan = learner.propose(state, round_seed(task_seed(settings.seed), number))
        total = np.sum([learner.contribute(plan, rows) for rows in shards], axis=0)
        state = learner.absorb(state, plan, total)
        found.append(Weights(learner=settings.learner, params=settings.params, state=state).publish(HashingStore()))
    return [digest.hex() for digest in found]


def pooled(tables: list[Table]) -> Rows:
    """The rows of several tables as those of one node."""
    return Rows(
        np.concatenate([table.features for table in tables]), np.concatenate([table.labels for table in tables])
    )


def _count(session: Session) -> Money:
    contracts = session.contracts
    validators = [one for one in session.members if one.role is Role.VALIDATE]
    return Money(
        contracts.token.supply(),
        {one.name: contracts.token.balance(one.owner.address) for one in validators},
        {one.name: contracts.registry.node(one.number(contracts)).stake for one in validators},
    )
