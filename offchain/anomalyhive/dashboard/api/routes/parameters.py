"""Parameters that many operations take, and how a list is cut into answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, TypeVar

from fastapi import Path, Query

from anomalyhive.dashboard.api.cursors import LONGEST
from anomalyhive.dashboard.api.schemas.words import DIGEST

T = TypeVar("T")

Limit = Annotated[int, Query(ge=1, le=200, description="How many items at the most.")]
After = Annotated[
    str | None,
    Query(min_length=1, max_length=LONGEST, description="Where to go on: `next` of the answer before."),
]
RoundNumber = Annotated[int, Path(ge=1, le=2**32 - 1, description="Number of the round.")]
NodeNumber = Annotated[int, Path(ge=1, le=2**32 - 1, description="Number of the node.")]
DigestPath = Annotated[str, Path(pattern=DIGEST, description="SHA-256 of the root, in hexadecimal.")]


def cut(items: Sequence[T], limit: int) -> tuple[Sequence[T], bool]:
    """The first items, and whether there are more."""
    return items[:limit], len(items) > limit
