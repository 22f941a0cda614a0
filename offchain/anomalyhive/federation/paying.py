"""Claims: every node takes what its terms earned, all their rounds in one transaction."""

from __future__ import annotations

from collections.abc import Sequence

from anomalyhive.chain.deployment import Contracts
from anomalyhive.chain.dues import dues_of
from anomalyhive.chain.events import Event
from anomalyhive.federation.crew import Member


def claim_all(contracts: Contracts, task: int, members: Sequence[Member], events: Sequence[Event]) -> dict[str, int]:
    """Claim for every member what it has not claimed; member -> 1e-18 tokens earned over the whole run."""
    earned: dict[str, int] = {}
    for member in members:
        node = member.number(contracts)
        dues = dues_of(contracts, events, task, node)
        for items in dues.claims:
            contracts.hive.claim(member.operator, node, items)
        earned[member.name] = dues.claimed + dues.unclaimed
    return earned
