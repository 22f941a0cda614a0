"""What the checks look at: the node as far as it could be reached."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from anomalyhive.chain.deployment import Contracts, Deployment
from anomalyhive.content.opening import open_store
from anomalyhive.content.store import Store
from anomalyhive.errors import ContentFailure
from anomalyhive.federation.founding import open_task
from anomalyhive.node.config import NodeConfig
from anomalyhive.node.home import NodeHome
from anomalyhive.node.place import Place, reach
from anomalyhive.node.standing import Standing, standing_of
from anomalyhive.roles.task import Task

Clock = Callable[[], float]
"""Unix seconds of this machine."""


@dataclass(frozen=True)
class Settled:
    """A node whose settings can be read."""

    home: NodeHome
    config: NodeConfig
    clock: Clock


@dataclass(frozen=True)
class Connected(Settled):
    """A node that reaches its chain; ``place`` has the contracts of its deployment record."""

    place: Place


@dataclass(frozen=True)
class Working(Connected):
    """A node that reaches its hive, and its store where that works; ``specs`` are its tasks as the store has them."""

    standing: Standing
    store: Store | None
    specs: Sequence[Task]


def settled(home: NodeHome, clock: Clock) -> Settled:
    """Read the settings. Raises BadSetting."""
    return Settled(home, NodeConfig.read(home.root), clock)


def connected(patient: Settled) -> Connected:
    """Reach the chain. Raises ChainFailure."""
    config = patient.config
    deployment = Deployment.read(config.deployment)
    web3 = reach(config)
    place = Place(patient.home, config, web3, deployment, Contracts.at(web3, deployment))
    return Connected(patient.home, config, patient.clock, place)


def working(patient: Connected) -> Working:
    """Look at the node in its hive. Raises ChainFailure."""
    place, standing = patient.place, standing_of(patient.place)
    store, specs = None, []
    try:
        store = open_store(patient.config.store)
        for task in standing.tasks:
            specs.append(open_task(place.contracts, place.deployment, task.number, store))
    except ContentFailure:  # said by the check of the store, or by that of the spec
        pass
    return Working(patient.home, patient.config, patient.clock, place, standing, store, specs)
