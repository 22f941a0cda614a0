"""What an update is worth: the lower median of the scores of all who have no part in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def lower_median(scores: Sequence[int]) -> int:
    """sorted[(k - 1) // 2] of k scores; 0 of none. With an even number it is the lower of the two in the middle."""
    return sorted(scores)[(len(scores) - 1) // 2] if scores else 0


def median_of_update(shard: int, node: int, verdicts: Mapping[int, tuple[int, bytes]]) -> int:
    """The median for the update of a shard by a node; ``verdicts`` is seat -> (node, scores by shard)."""
    return lower_median([scores[shard] for judge, scores in verdicts.values() if judge != node])
