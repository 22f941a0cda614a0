"""Others than the hostile: who must not lose anything, and whose rounds must go on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from stages import SMALL, phase_of, staffed

from anomalyhive.chain.views import Phase
from rehearsal import TRAIN, VALIDATE, Node, Rehearsal

Founding = Callable[[str], Rehearsal]
"""`found("Levy")`: a hive on the token of that name, which behaves so far."""


@dataclass(frozen=True)
class Bystanders:
    """A small task of the sponsor's with escrow for ten rounds, its trainer and its validator."""

    task: int
    trainer: Node
    validator: Node

    @classmethod
    def settled(cls, rehearsal: Rehearsal, **changes: Any) -> Bystanders:
        """In a hive whose token behaves so far."""
        trainer, validator = rehearsal.register(TRAIN), rehearsal.register(VALIDATE)
        task = staffed(rehearsal, [trainer], [validator], **{**SMALL, **changes})
        return cls(task, trainer, validator)

    def play(self, rehearsal: Rehearsal) -> None:
        """A round becomes final."""
        round_ = rehearsal.reach(self.task, Phase.FINAL)
        assert phase_of(rehearsal.hive, round_) is Phase.FINAL

    def claim(self, rehearsal: Rehearsal) -> tuple[int, int]:
        """Both claim all they can; what arrives at the trainer's and at the validator's owner."""
        return self.claim_of(rehearsal, self.trainer, 0), self.claim_of(rehearsal, self.validator, 1)

    def claim_of(self, rehearsal: Rehearsal, node: Node, kind: int) -> int:
        """One of them claims; what arrives."""
        before = rehearsal.token.balanceOf(node.owner)
        rehearsal.hive.claim(node.number, [(self.task, kind, 0, 0, 0)], {"from": rehearsal.sponsor})
        return int(rehearsal.token.balanceOf(node.owner) - before)
