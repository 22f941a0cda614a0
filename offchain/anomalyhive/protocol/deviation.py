"""How far a validator is from the medians, and whether its verdict is paid."""

from __future__ import annotations

from collections.abc import Mapping

DISAGREEMENT = 255
"""Added where just one of score and median is 0: the two disagree about acceptance."""


def deviations(
    updates: Mapping[int, int], verdicts: Mapping[int, tuple[int, bytes]], medians: Mapping[int, int]
) -> dict[int, tuple[int, int]]:
    """Seat -> (deviation, number of updates judged).

    ``updates`` is shard -> node, ``verdicts`` is seat -> (node, scores by shard), ``medians`` is shard -> median as
    recorded by the tally. A validator does not judge its own node's update.
    """
    found: dict[int, tuple[int, int]] = {}
    for seat, (judge, scores) in verdicts.items():
        judged = [shard for shard, node in updates.items() if node != judge]
        total = sum(
            abs(scores[shard] - medians[shard]) + (DISAGREEMENT if (scores[shard] == 0) != (medians[shard] == 0) else 0)
            for shard in judged
        )
        found[seat] = (total, len(judged))
    return found


def is_paid(deviation: int, judged: int, tolerance: int) -> bool:
    """Whether the mean deviation, per update judged, is tolerated."""
    return deviation <= tolerance * judged
