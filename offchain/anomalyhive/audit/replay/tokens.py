"""The token: balances, allowances, and that what moves to or from a contract has its cause in the same transaction."""

from __future__ import annotations

from anomalyhive.audit.replay.context import Replay, Values
from anomalyhive.audit.replay.state import ZERO_ADDRESS
from anomalyhive.errors import AuditFailure

UNLIMITED = (1 << 256) - 1
"""An allowance that is never used up (OpenZeppelin's ERC20)."""


def transferred(at: Replay, v: Values) -> None:
    """Tokens moved; from address 0 they are new, to address 0 they are burned."""
    source, target, amount = v["from"], v["to"], v["value"]
    at.findings.count("tokens")
    if source == ZERO_ADDRESS:
        # The constructor makes all tokens that there will ever be.
        if at.state.supply:
            raise AuditFailure(f"makes {amount} new tokens out of nothing")
        at.state.supply = amount
    elif at.state.balances[source] < amount:
        raise AuditFailure(f"moves {amount} out of {source}, which has {at.state.balances[source]}")
    else:
        at.state.balances[source] -= amount
    if target == ZERO_ADDRESS:
        at.state.supply -= amount
    else:
        at.state.balances[target] += amount
    _match(at, source, target, amount)


def approved(at: Replay, v: Values) -> None:
    """An owner lets somebody move so much."""
    at.state.allowances[v["owner"], v["spender"]] = v["value"]


def settle(at: Replay) -> None:
    """Hold what a transaction moved against what its events say that it had to."""
    for (source, target), left in sorted(at.due.items()):
        if left:
            at.fault(f"its transaction must move {left} more from {source} to {target}", "tokens")
    at.due.clear()


def _match(at: Replay, source: str, target: str, amount: int) -> None:
    """Hold a movement against what is due; the contracts say why before they move."""
    contracts = (at.hive, at.registry)
    is_due = at.due[source, target] >= amount
    if is_due:
        at.due[source, target] -= amount
    if target in contracts:
        if is_due:
            _spend(at, source, target, amount)
        else:
            at.state.given[target] += amount
    elif source in contracts and not is_due:
        at.fault(f"moves {amount} from {source} to {target} for no reason", "tokens")


def _spend(at: Replay, owner: str, spender: str, amount: int) -> None:
    """Both contracts pull what is due to them, so an allowance pays for it."""
    allowed = at.state.allowances[owner, spender]
    if allowed < amount:
        at.fault(f"{spender} pulls {amount} from {owner}, who allows {allowed}", "tokens")
    elif allowed != UNLIMITED:
        at.state.allowances[owner, spender] = allowed - amount
