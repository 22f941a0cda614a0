"""What a node is to do, and what it works with."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from anomalyhive.chain.deployment import Contracts, Deployment
from anomalyhive.chain.journaled import JournaledSigner
from anomalyhive.chain.views import Role
from anomalyhive.content.store import Store
from anomalyhive.node.watching import Watcher
from anomalyhive.roles.journal import Journal


def no_roles() -> frozenset[Role]:
    """The roles that rest, where none does."""
    return frozenset()


@dataclass(frozen=True)
class Duties:
    """What a node is to do.

    ``tasks`` are those it works on, all of the hive if there are none; ``shard`` and ``seat`` the ones to take in each,
    None for any that is free. ``rows`` is the CSV file of its own rows, for private tasks. It claims after every
    ``claim_every`` final rounds, never for 0, and looks at the chain every ``poll_seconds``. It keeps the content of
    the last ``keep_models`` models, of all for 0. ``paused`` says which roles rest now: they begin nothing new.
    """

    roles: frozenset[Role]
    keeper: bool = False
    tasks: tuple[int, ...] = ()
    shard: int | None = None
    seat: int | None = None
    rows: Path | None = None
    claim_every: int = 0
    poll_seconds: float = 2.0
    keep_models: int = 0
    paused: Callable[[], frozenset[Role]] = field(default=no_roles, compare=False)


@dataclass(frozen=True)
class Equipment:
    """What a node works with: contracts, content, its own files, its key.

    ``secret`` (32 bytes) makes the salts of its verdicts. ``clock`` gives unix seconds.
    """

    node: int
    deployment: Deployment
    contracts: Contracts
    signer: JournaledSigner
    store: Store
    drafts: Store
    journal: Journal
    watcher: Watcher
    secret: bytes = field(repr=False)
    clock: Callable[[], float] = time.time
