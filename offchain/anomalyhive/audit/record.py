"""What an auditor is given of a chain: the deployment, the event log, and what stands around it.

It is plain data, so that it may come from a chain that runs or from a file. Nothing in it is believed: the audit
replays it from genesis, and where the chain itself can still be asked, compares.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

from anomalyhive.chain.deployment import Deployment
from anomalyhive.chain.events import Event


class View(NamedTuple):
    """A question to a contract, by the contract's name: a view function and its arguments."""

    contract: str
    function: str
    arguments: tuple[Any, ...] = ()

    def __str__(self) -> str:
        """As one writes a call."""
        shown = (f"0x{one.hex()}" if isinstance(one, bytes) else str(one) for one in self.arguments)
        return f"{self.contract}.{self.function}({', '.join(shown)})"


Answers: TypeAlias = Callable[[Sequence[View]], Sequence[Any]]
"""Asks the contracts, all questions at the same block.

A question that a contract refuses is answered by the error. Raises ChainFailure where the chain does not answer.
"""

Seat: TypeAlias = tuple[int, int, int]
"""Task, round and seat."""


@dataclass(frozen=True)
class ChainRecord:
    """The log of the three contracts from their deployment to one block.

    ``times`` has the unix seconds of every block with an event. ``salts`` are those of revealed verdicts, as far as
    transactions show them. ``code`` is contract -> its runtime code. ``answers`` asks the chain at the last block of
    the log; None offline.
    """

    deployment: Deployment
    events: Sequence[Event]
    times: Mapping[int, int]
    salts: Mapping[Seat, bytes] = field(default_factory=dict)
    code: Mapping[str, bytes] = field(default_factory=dict)
    answers: Answers | None = None
