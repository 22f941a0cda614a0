"""What a folder of chunks lacks and nothing refuses: blocks between chunks, and token transfers.

Rows are made as if nothing had happened in blocks that no chunk holds, and no merge can tell such a hole from a quiet
time. Whoever wants one has it; but nobody should have it without being told.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from anomalyhive.metrics.chunks import TOKEN_TRANSFERS, Chunk

MOST_TOLD = 3
"""Holes that are named; the others are counted."""


def lacking(chunks: Sequence[Chunk]) -> list[str]:
    """What these chunks, in the order of their blocks, lack, in words; nothing where there is nothing to say."""
    holes = [(one.stop, other.start) for one, other in pairwise(chunks) if one.stop < other.start]
    told = [
        f"no chunk holds the blocks {start}:{stop}: rows are made as if nothing had happened there"
        for start, stop in holes[:MOST_TOLD]
    ]
    if len(holes) > MOST_TOLD:
        told.append(f"and {len(holes) - MOST_TOLD} more such holes between chunks")
    bare = [chunk for chunk in chunks if chunk.origin is None and chunk.token_transfers is None]
    if bare:
        folder = bare[0].transactions.parent
        told.append(f"{folder} holds no {TOKEN_TRANSFERS}.parquet: rows are made as if no token had moved")
    return told
