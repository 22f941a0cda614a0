"""An export before anybody has done anything to it."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from test_tampering.exports import Parts


@dataclass(frozen=True)
class Original:
    """An export as bytes, and taken apart."""

    raw: bytes
    parts: Parts


Mutation: TypeAlias = Callable[[Original, random.Random], "bytes | Parts"]
