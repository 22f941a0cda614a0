"""The content that a chain names: the digests in its events, each once, in the order of the log."""

from __future__ import annotations

from collections.abc import Sequence

from anomalyhive.chain.events import Event
from anomalyhive.chain.views import ZERO_DIGEST

NAMING = {"TaskCreated": "spec", "UpdateSubmitted": "digest", "VerdictRevealed": "verdict", "ModelAttested": "model"}
"""Event -> which of its values is the digest of a root."""


def named_roots(events: Sequence[Event]) -> list[bytes]:
    """The digests of all roots that events name."""
    values = (event.values.get(NAMING[event.name]) for event in events if event.name in NAMING)
    return list(dict.fromkeys(bytes(one) for one in values if isinstance(one, bytes) and one != ZERO_DIGEST))
