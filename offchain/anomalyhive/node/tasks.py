"""A task as a node opens it: from the chain, and the spec that it names."""

from __future__ import annotations

from anomalyhive.chain.deployment import Contracts, Deployment
from anomalyhive.content.kinds import Spec
from anomalyhive.content.store import Store
from anomalyhive.roles.task import Task


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
