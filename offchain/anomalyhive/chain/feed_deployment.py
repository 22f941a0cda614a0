"""An alert feed on the chain: at an address known beforehand, and the feed that is at an address."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from web3 import Web3
from web3.exceptions import ContractLogicError, Web3RPCError

from anomalyhive.chain.artifacts import FEED
from anomalyhive.chain.bytecode import Compiled, compare, word
from anomalyhive.chain.create2 import PROXY, PROXY_CODE, SALT, created_with
from anomalyhive.chain.deployment import Deployment
from anomalyhive.chain.feed import FeedClient
from anomalyhive.chain.feed_views import Rules
from anomalyhive.chain.history import first_block
from anomalyhive.chain.reverts import decode_revert
from anomalyhive.chain.rpc import answering
from anomalyhive.chain.signer import Signer
from anomalyhive.chain.verification import code_at
from anomalyhive.errors import ChainFailure

DEPLOY = "deployFeed"
"""What the journal calls the transaction."""


@dataclass(frozen=True)
class ProxyCall:
    """A call of the deployment proxy, which takes a salt and creation code: to be sent like a contract's function."""

    web3: Web3
    args: tuple[Any, ...]
    data: bytes
    fn_name: str = DEPLOY
    address: str = PROXY

    def estimate_gas(self, transaction: Any) -> int:
        """The gas that it takes."""
        body: Any = {**transaction, **self._body()}
        return self.web3.eth.estimate_gas(body)

    def build_transaction(self, transaction: Any) -> Any:
        """The transaction, with what else is given."""
        return {"value": 0, **transaction, **self._body()}

    def _body(self) -> dict[str, Any]:
        return {"to": Web3.to_checksum_address(self.address), "data": Web3.to_hex(self.data)}


@dataclass(frozen=True)
class FeedPlan:
    """A feed before and after it is there. Two are equal if and only if their addresses are."""

    hive: str
    task: int
    rules: Rules
    salt: bytes = SALT

    @cached_property
    def creation(self) -> bytes:
        """Creation code and arguments."""
        return Compiled.of(FEED).called_with(self.hive, self.task, self.rules.as_tuple())

    @cached_property
    def address(self) -> str:
        """Where the feed comes to be."""
        return created_with(self.salt, self.creation)

    def call(self, web3: Web3) -> ProxyCall:
        """The call that makes it."""
        return ProxyCall(web3, (self.task, self.salt, self.creation), self.salt + self.creation)

    def check(self, web3: Web3, sender: str) -> None:
        """Raise Reverted for rules that the contract refuses, ChainFailure where the chain has no proxy."""
        if code_at(web3, PROXY) != PROXY_CODE:
            raise ChainFailure(f"this chain has no deployment proxy at {PROXY}: scripts/deploy.py brings it")
        # The proxy does not pass on why a constructor refuses.
        with answering(DEPLOY):
            try:
                web3.eth.call({"from": Web3.to_checksum_address(sender), "data": self.creation})
            except (ContractLogicError, Web3RPCError) as error:
                raise decode_revert(DEPLOY, error) from error

    def is_there(self, web3: Web3) -> bool:
        """Whether it has been made, by whomever."""
        return bool(code_at(web3, self.address))


def deploy_feed(signer: Signer, hive: str, task: int, rules: Rules, salt: bytes = SALT) -> FeedClient:
    """Make a feed of a task, unless there is the same with the same salt already."""
    plan, web3 = FeedPlan(hive, task, rules, salt), signer.web3
    if plan.is_there(web3):
        return FeedClient(web3, plan.address, first_block(web3, plan.address))
    plan.check(web3, signer.address)
    mined = signer.transact(plan.call(web3))
    if not plan.is_there(web3):
        raise ChainFailure(f"block {mined.block} has the transaction that makes a feed, and none is at {plan.address}")
    return FeedClient(web3, plan.address, mined.block)


def feed_at(web3: Web3, address: str, deployment: Deployment, block: int | None = None) -> FeedClient:
    """The feed at an address, of a hive; ``block`` is that of its deployment, looked for where it is None.

    Raises ChainFailure for what is no feed of this version, or of another hive: it could say anything.
    """
    code, compiled = code_at(web3, address), Compiled.of(FEED)
    if len(code) != len(compiled.runtime):
        raise ChainFailure(f"there is no {FEED} of this version at {address}, but {len(code)} bytes of code")
    expected = {
        "hive": word(deployment.hive),
        "registry": word(deployment.registry),
        "token": word(deployment.token),
        "task": compiled.immutable(code, "task"),
    }
    if faults := compare(code, compiled, expected).faults:
        raise ChainFailure(f"what is at {address} is no {FEED} of hive {deployment.hive}: {'; '.join(faults)}")
    return FeedClient(web3, address, first_block(web3, address) if block is None else block)
