"""A contract that takes part, driven from outside: see Puppet.sol."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from sources import sources

from rehearsal import STAKE, TRAIN, VALIDATE, Rehearsal

Call = tuple[str, str]
"""What is called: an address, and the data in hexadecimal."""


class Moment(IntEnum):
    """When Hooked calls its hooks: see IHook.sol."""

    SENDING = 0
    RECEIVED = 1
    BEFORE_BURN = 2
    AFTER_BURN = 3


def call(method: Any, *values: Any) -> Call:
    """A call of a Brownie contract's method, to be made by somebody else."""
    return method._address, method.encode_input(*values)


@dataclass
class Actor:
    """A puppet; anyone may pull its strings, here always ``hand``."""

    puppet: Any
    hand: Any

    @classmethod
    def born(cls, hand: Any) -> Actor:
        """A new one."""
        return cls(sources()["Puppet"].deploy({"from": hand}), hand)

    @property
    def address(self) -> str:
        """Who calls, for the contracts."""
        return str(self.puppet.address)

    def act(self, method: Any, *values: Any) -> Any:
        """The puppet calls; the transaction, which fails as the call fails."""
        return self.puppet.act(*call(method, *values), {"from": self.hand})

    def act_all(self, calls: Iterable[Call]) -> Any:
        """The puppet makes all of these calls in one transaction, which fails with the first that fails."""
        return self.puppet.actAll(list(calls), {"from": self.hand})

    def plan(self, moment: Moment, *calls: Call) -> None:
        """What the puppet calls when the token calls it the next time."""
        self.puppet.plan(moment, list(calls), {"from": self.hand})

    @property
    def outcome(self) -> tuple[int, int]:
        """How many planned calls were made, and how many of them succeeded."""
        return int(self.puppet.made()), int(self.puppet.succeeded())

    def register(self, rehearsal: Rehearsal, stake: int = STAKE, operator: Any = None) -> int:
        """The puppet becomes owner of a node, and its operator where no other is named; the node's number."""
        rehearsal.token.transfer(self.address, stake, {"from": rehearsal.sponsor})
        self.act(rehearsal.token.approve, rehearsal.registry, stake)
        self.act(rehearsal.registry.register, operator or self.address, TRAIN | VALIDATE, stake)
        return int(rehearsal.registry.nodeCount())
