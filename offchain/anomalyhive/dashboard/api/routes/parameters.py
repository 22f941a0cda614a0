"""Parameters that many operations take, and how a list is cut into answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, TypeVar

from fastapi import Path, Query

from anomalyhive.dashboard.api.cursors import pattern_of
from anomalyhive.dashboard.api.schemas.words import DIGEST

T = TypeVar("T")

Limit = Annotated[int, Query(ge=1, le=200, description="How many items at the most.")]


ROUND, MODEL, NODE, REWARD, ALERT = "round", "model", "node", "reward", "alert"
"""Lists, by what a cursor of each begins with."""

AFTER = "Where to go on: `next` of the answer before. Its form may change, so do not make one."

AfterRound = Annotated[str | None, Query(pattern=pattern_of(ROUND), description=AFTER)]
AfterModel = Annotated[str | None, Query(pattern=pattern_of(MODEL), description=AFTER)]
AfterNode = Annotated[str | None, Query(pattern=pattern_of(NODE), description=AFTER)]
AfterReward = Annotated[str | None, Query(pattern=pattern_of(REWARD, 3), description=AFTER)]
AfterAlert = Annotated[str | None, Query(pattern=pattern_of(ALERT), description=AFTER)]

RoundNumber = Annotated[int, Path(ge=1, le=2**32 - 1, description="Number of the round.", examples=[1])]
NodeNumber = Annotated[int, Path(ge=1, le=2**32 - 1, description="Number of the node.", examples=[1])]
DigestPath = Annotated[str, Path(pattern=DIGEST, description="SHA-256 of the root, in hexadecimal.")]


def cut(items: Sequence[T], limit: int) -> tuple[Sequence[T], bool]:
    """The first items, and whether there are more."""
    return items[:limit], len(items) > limit
