"""What happened in all runs together, and what never did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from reference.part import Event

from anomalyhive.chain.views import Phase
from arena.chain import Contract

UNREACHABLE = {
    "PrecompileMissing": "only the constructor reverts so; Anvil has the precompile",
    "SafeERC20FailedOperation": "HiveToken reverts with an error of its own",
    "WrongTransfer": "HiveToken moves what it says",
}
"""Errors that no call of a hive with HiveToken on Anvil can meet, and why."""

NOTABLE = (
    *(
        f"cancelled, reached {phase.name}"
        for phase in (Phase.TRAIN, Phase.JUDGE, Phase.REVEAL, Phase.TALLY, Phase.ATTEST)
    ),
    "claimed of an ended term",
    "claimed through some rounds only",
    "claimed of several rounds",
)
"""What must have happened besides."""


@dataclass
class Counts:
    """Counts over all runs. ``calls`` are by actor, function, and error ("": done)."""

    calls: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    logged: Counter[str] = field(default_factory=Counter)
    notable: Counter[str] = field(default_factory=Counter)

    def notice(self, event: Event) -> None:
        """Counts an event and what is notable of it."""
        self.logged[event.name] += 1
        if event.name == "RoundCancelled":
            self.notable[f"cancelled, reached {Phase(event.values[2]).name}"] += 1
        if event.name == "Claimed" and event.values[7]:
            term, after, through = event.values[4:7]
            self.notable["claimed of an ended term"] += term != 0
            self.notable["claimed through some rounds only"] += 0 < through < term
            self.notable["claimed of several rounds"] += through - after > 1

    def missing(self, contracts: Mapping[str, Contract]) -> list[str]:
        """Functions that never succeeded, errors that were never met, events that were never logged."""
        ours = [contracts[name] for name in ("hive", "registry")]
        functions = _names(of for one in ours for of in one.functions.values() if of["stateMutability"] == "nonpayable")
        done = {function for _, function, error in self.calls if not error}
        met = {error for _, _, error in self.calls if error}
        errors = {name for one in ours for name, _ in one.errors.values()}
        events = _names(event for one in ours for event in one.events.values())
        # The registry's slash succeeds within a tally or a cancellation alone.
        wanted = [functions - done - {"slash"}, errors - met - set(UNREACHABLE), events - set(self.logged)]
        return [name for names in (*wanted, set(NOTABLE) - set(+self.notable)) for name in sorted(names)]

    def summary(self) -> str:
        """A line for each actor and function: how often it succeeded, and each error that it met."""
        lines = [f"{'actor':11} {'function':15} {'done':>6}  refused"]
        for who, function in sorted({key[:2] for key in self.calls}):
            refusals = Counter({key[2]: n for key, n in self.calls.items() if key[:2] == (who, function) and key[2]})
            told = ", ".join(f"{error} {n}" for error, n in refusals.most_common())
            lines.append(f"{who:11} {function:15} {self.calls[who, function, '']:6}  {told}")
        lines += [f"{n:6} {name}" for name, n in sorted((self.logged + self.notable).items())]
        return "\n".join(["", *lines])


def _names(ones: Iterable[Mapping[str, object]]) -> set[str]:
    return {str(one["name"]) for one in ones}
