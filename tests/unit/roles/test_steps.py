"""The loop over actors: what it does when the clock wins."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from anomalyhive.chain.views import Phase
from anomalyhive.errors import Reverted
from anomalyhive.roles.keeper import Keeper
from anomalyhive.roles.steps import take_steps


@dataclass
class Late(Keeper):
    """A keeper whose tally comes too late, or is refused for another reason."""

    signer: Any = None
    hive: Any = None
    refusal: str = "WrongPhase"
    cancelled: list[Phase] = field(default_factory=list)

    def tally(self, view: Any) -> bool:  # noqa: ARG002 - the signature of the step
        raise Reverted("tally", self.refusal)

    def cancel(self, view: Any) -> bool:
        self.cancelled.append(view.phase)
        return True


def looks(*phases: Phase) -> Any:
    """Looks that see one phase after the other, and the last one for good."""
    left = list(phases)
    return lambda: SimpleNamespace(phase=left.pop(0) if len(left) > 1 else left[0])


def test_take_steps_in_a_phase_that_ends_meanwhile_goes_on_with_the_next() -> None:
    late, other = Late(), Late()
    taken = take_steps([late, other], looks(Phase.TALLY, Phase.STALLED))
    assert [(one.actor, one.phase) for one in taken] == [(other, Phase.STALLED)]
    assert (late.cancelled, other.cancelled) == ([], [Phase.STALLED])


def test_take_steps_refused_in_a_phase_that_stands_is_an_error() -> None:
    with pytest.raises(Reverted, match="WrongPhase"):
        take_steps([Late()], looks(Phase.TALLY))


def test_take_steps_refused_for_another_reason_is_an_error() -> None:
    with pytest.raises(Reverted, match="WrongOrder"):
        take_steps([Late(refusal="WrongOrder")], looks(Phase.TALLY, Phase.STALLED))
