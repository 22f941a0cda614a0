"""A node's home and the hive that it takes part in: what every action begins with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from web3 import Web3

from anomalyhive.chain.deployment import Contracts, Deployment
from anomalyhive.chain.rpc import connect
from anomalyhive.content.directory import DirectoryStore
from anomalyhive.content.kubo import KuboStore
from anomalyhive.content.store import Store
from anomalyhive.errors import ChainFailure, Failure
from anomalyhive.node.asking import asked
from anomalyhive.node.config import NodeConfig
from anomalyhive.node.home import NodeHome
from anomalyhive.node.keystore import address_in
from anomalyhive.urls import redact

DIRECTORY = "directory:"


@dataclass(frozen=True)
class Place:
    """A node's home, its settings, and the contracts at its chain."""

    home: NodeHome
    config: NodeConfig
    web3: Web3
    deployment: Deployment
    contracts: Contracts

    @classmethod
    def of(cls, root: Path) -> Place:
        """The place of the node whose home this is. Raises BadSetting or ChainFailure."""
        home = NodeHome(root)
        config = NodeConfig.read(home.root)
        deployment = Deployment.read(config.deployment)
        web3 = reach(config)
        return cls(home, config, web3, deployment, Contracts.at(web3, deployment))

    @property
    def operator(self) -> str:
        """The operator's address."""
        return address_in(self.home.operator)

    @property
    def number(self) -> int:
        """The number of the node in the registry, 0 before it is registered."""
        return self.contracts.registry.node_of(self.operator)

    def require_number(self) -> int:
        """The number of the node. Raises Failure where it is not registered."""
        number = self.number
        if not number:
            raise Failure(
                f"operator {self.operator} acts for no node: `anomalyhive node register` makes it one, or continues a "
                "change of keys that `anomalyhive node rotate-operator` began"
            )
        return number


def reach(config: NodeConfig) -> Web3:
    """The first endpoint that answers for the right chain. Raises ChainFailure with what is wrong with each."""
    complaints = []
    for url in config.endpoints:
        try:
            web3 = connect(url, patient=False)
            found = asked("eth_chainId", lambda: web3.eth.chain_id)  # noqa: B023 - called at once
        except ChainFailure as error:
            complaints.append(str(error).replace(": start it or name another", ""))
            continue
        if found == config.chain_id:
            return web3
        complaints.append(f"{redact(url)} is of chain {found}")
    raise ChainFailure(f"no endpoint of chain {config.chain_id} can be used: {'; '.join(complaints)}")


def open_store(text: str) -> Store:
    """The store that a setting names. Raises StoreUnusable where it does not work."""
    return DirectoryStore(Path(text.removeprefix(DIRECTORY))) if text.startswith(DIRECTORY) else KuboStore(text)
