"""Clients of `HiveToken` and `NodeRegistry`."""

from __future__ import annotations

from dataclasses import dataclass

from anomalyhive.chain.contract import ContractClient
from anomalyhive.chain.signer import Mined, Signer


class TokenClient(ContractClient):
    """`HiveToken`; amounts in 1e-18 tokens."""

    NAME = "HiveToken"

    def balance(self, holder: str) -> int:
        """What an address has."""
        return int(self.read("balanceOf", holder))

    def supply(self) -> int:
        """What there is in all; slashing lowers it."""
        return int(self.read("totalSupply"))

    def send(self, signer: Signer, to: str, amount: int) -> Mined:
        """Transfer to an address."""
        return signer.transact(self.call("transfer", to, amount))

    def approve(self, signer: Signer, spender: str, amount: int) -> Mined:
        """Let a contract pull an amount."""
        return signer.transact(self.call("approve", spender, amount))


@dataclass(frozen=True)
class NodeRecord:
    """A node as the registry has it: stake in 1e-18 tokens, roles as bits, ``exit_at`` in unix seconds or 0."""

    owner: str
    stake: int
    operator: str
    roles: int
    exit_at: int


class RegistryClient(ContractClient):
    """`NodeRegistry`."""

    NAME = "NodeRegistry"

    def register(self, owner: Signer, operator: str, roles: int, stake: int) -> int:
        """Register a node of ``owner``; return its number. The stake must have been approved."""
        owner.transact(self.call("register", operator, roles, stake))
        return self.node_of(operator)

    def node_of(self, operator: str) -> int:
        """The node that an operator acts for, 0 if none."""
        return int(self.read("nodeOf", operator))

    def node(self, number: int) -> NodeRecord:
        """Everything about a node."""
        return NodeRecord(*self.read("node", number))

    def owner_of(self, number: int) -> bytes:
        """The 20-byte address that a node's earnings go to."""
        return bytes.fromhex(str(self.read("ownerOf", number)).removeprefix("0x"))
