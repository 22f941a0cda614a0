"""From a node's settings and keys to what it works with; every attempt begins anew, since any of it may be away."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from threading import Event

from anomalyhive.chain.deployment import Contracts, Deployment
from anomalyhive.chain.failover import Patience, connect_several
from anomalyhive.chain.fees import FeeLimits
from anomalyhive.chain.journaled import JournaledSigner, Pace
from anomalyhive.content.directory import DirectoryStore
from anomalyhive.errors import BadSetting, ChainFailure, Failure, NotMined
from anomalyhive.federation.journal import FileJournal
from anomalyhive.node.config import NodeConfig
from anomalyhive.node.duties import Duties, Equipment
from anomalyhive.node.home import NodeHome, NodeKeys
from anomalyhive.node.pausing import paused_roles
from anomalyhive.node.place import open_store
from anomalyhive.node.watching import Watcher


def duties_of(config: NodeConfig) -> Duties:
    """What the settings give a node to do."""
    return Duties(
        roles=config.roles,
        keeper=config.keeper,
        tasks=config.tasks,
        shard=config.shard,
        seat=config.seat,
        rows=config.rows,
        claim_every=config.claim_every,
        poll_seconds=config.poll_seconds,
        keep_models=config.keep_models,
        paused=partial(paused_roles, config.home),
    )


def equip(config: NodeConfig, keys: NodeKeys, watcher: Watcher, stop: Event) -> Equipment:
    """What a node works with. Waits end when ``stop`` is set.

    Raises Failure for what is away, BadInput for what only the operator can put right.
    """
    if not config.deployment.is_file():
        raise BadSetting(f"there is no deployment record {config.deployment}: put it there, or name it in the settings")
    deployment = Deployment.read(config.deployment)
    if deployment.chain_id != config.chain_id:
        raise BadSetting(
            f"chain_id is {config.chain_id}, and the deployment record {config.deployment} is of chain "
            f"{deployment.chain_id}: see which of them is meant"
        )
    home = NodeHome(config.home)
    patience = Patience(sleep=_waiting(stop, lambda: ChainFailure("the node is ending")))
    web3 = connect_several(config.endpoints, config.chain_id, patience, watcher.failed)
    contracts = Contracts.at(web3, deployment)
    signer = JournaledSigner(
        web3,
        keys.operator,
        home.journal,
        FeeLimits(config.max_fee_wei, config.max_tip_wei),
        chain_id=config.chain_id,
        confirmations=config.confirmations,
        pace=Pace(sleep=_waiting(stop, lambda: NotMined("the node is ending: its next start sees to what it sent"))),
        tell=watcher.mined,
    )
    number = contracts.registry.node_of(signer.address)
    if not number:
        raise Failure(f"{signer.address} is the operator of no node: register it, or see whether its key was rotated")
    return Equipment(
        node=number,
        deployment=deployment,
        contracts=contracts,
        signer=signer,
        store=open_store(config.store),
        drafts=DirectoryStore(home.drafts),
        journal=FileJournal(home.journal),
        watcher=watcher,
        secret=keys.salt,
    )


def _waiting(stop: Event, ending: Callable[[], Failure]) -> Callable[[float], None]:
    """A pause that ends with a failure when the node is to stop: what was begun is in the journal."""

    def pause(seconds: float) -> None:
        if stop.wait(seconds):
            raise ending()

    return pause
