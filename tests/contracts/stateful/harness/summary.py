"""What happened in all runs together, and what never did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from harness.world import World

UNREACHABLE = {
    "PrecompileMissing": "only the constructor reverts so; Anvil has the precompile",
    "WrongTransfer": "HiveToken moves what it says",
}
"""Errors that no call of a hive with HiveToken on Anvil can meet, and why."""

Counts = Mapping[tuple[str, str, str], int]


def missing(world: World) -> list[str]:
    """Functions that never succeeded and errors that were never met."""
    contracts = [world.chain.contracts[name] for name in ("hive", "registry")]
    functions = {
        name for one in contracts for name, of in one.functions.items() if of["stateMutability"] == "nonpayable"
    }
    errors = {name for one in contracts for name, _ in one.errors.values()}
    done = {function for _, function, error in world.counts if not error}
    met = {error for _, _, error in world.counts if error}
    # The registry's slash succeeds within a tally or a cancellation alone.
    return sorted(functions - done - {"slash"}) + sorted(errors - met - set(UNREACHABLE))


def summary(counts: Counts) -> str:
    """A line for each actor and function: how often it succeeded, and each error that it met."""
    lines = []
    for who, function in sorted({key[:2] for key in counts}):
        refusals = Counter({error: n for (a, f, error), n in counts.items() if (a, f) == (who, function) and error})
        told = ", ".join(f"{error} {n}" for error, n in refusals.most_common())
        lines.append(f"{who:11} {function:15} {counts.get((who, function, ''), 0):6}  {told}")
    return "\n".join(["", f"{'actor':11} {'function':15} {'done':>6}  refused", *lines])
