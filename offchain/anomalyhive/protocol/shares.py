"""How a round's reward is split: whole units of 1e-18 tokens, and what cannot be split returns to the escrow."""

from __future__ import annotations

from dataclasses import dataclass

BPS = 10_000


@dataclass(frozen=True)
class Shares:
    """``rate`` is for each unit of an accepted update's median, ``share`` for each paid seat."""

    rate: int
    share: int

    def returned(self, reward: int, worth: int, paid: int) -> int:
        """What goes back to the escrow when the round is final, ``paid`` seats being paid in the end."""
        return reward - self.rate * worth - self.share * paid


def split_reward(reward: int, trainer_bps: int, worth: int, paid: int) -> Shares:
    """The shares of a reward over the sum of accepted medians and the number of paid seats; all divisions floor."""
    trainers = reward * trainer_bps // BPS
    return Shares(
        rate=trainers // worth if worth else 0,
        share=(reward - trainers) // paid if paid else 0,
    )
