"""The table that drives a node: (phase, role) to step.

Every step looks at the round as the chain has it and does at most one thing; repeated, it does nothing more. So
a node that was killed anywhere goes on by taking the same steps again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from anomalyhive.chain.views import Phase, RoundView
from anomalyhive.errors import Reverted
from anomalyhive.roles.keeper import Keeper
from anomalyhive.roles.trainer import Trainer
from anomalyhive.roles.validator import Validator

Actor: TypeAlias = Trainer | Validator | Keeper
Step: TypeAlias = Callable[..., bool]

STEPS: Mapping[tuple[Phase, type], Step] = {
    (Phase.TRAIN, Trainer): Trainer.train,
    (Phase.JUDGE, Trainer): Trainer.publish,
    # A trainer that was away while validators judged still publishes: others need the content later.
    (Phase.REVEAL, Trainer): Trainer.publish,
    (Phase.TALLY, Trainer): Trainer.publish,
    (Phase.ATTEST, Trainer): Trainer.publish,
    (Phase.FINAL, Trainer): Trainer.publish,
    (Phase.JUDGE, Validator): Validator.judge,
    (Phase.REVEAL, Validator): Validator.reveal,
    (Phase.TALLY, Keeper): Keeper.tally,
    (Phase.STALLED, Keeper): Keeper.cancel,
    (Phase.ATTEST, Validator): Validator.attest,
}


WRONG_PHASE = "WrongPhase"
"""The contract's error for a call in another phase than its own."""


@dataclass(frozen=True)
class Taken:
    """A step that did something: who, in which phase."""

    actor: Actor
    phase: Phase


def take_steps(actors: Iterable[Actor], look: Callable[[], RoundView]) -> list[Taken]:
    """Let every actor take its step once; ``look`` gives the round anew after each change."""
    taken: list[Taken] = []
    view = look()
    for actor in actors:
        step = next((STEPS[view.phase, kind] for kind in type(actor).__mro__ if (view.phase, kind) in STEPS), None)
        if step is None:
            continue
        try:
            acted = getattr(actor, step.__name__)(view)
        except Reverted as refusal:
            # The phase may end between the look and the transaction: then there is another step to take.
            before, view = view, look()
            if refusal.error != WRONG_PHASE or view.phase is before.phase:
                raise
            continue
        if acted:
            taken.append(Taken(actor, view.phase))
            view = look()
    return taken
