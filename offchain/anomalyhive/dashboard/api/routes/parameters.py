"""Parameters that many operations take, and how a list is cut into answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, TypeVar

from eth_utils.address import is_checksum_address
from fastapi import Path, Query

from anomalyhive.dashboard.api.cursors import pattern_of
from anomalyhive.dashboard.api.problems import Refused
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

ASKED = r"^0x([0-9a-f]{40}|[0-9A-F]{40}|[0-9a-fA-F]{40})$"
"""As words.ADDRESS, but it tells letters of one case, which have no checksum, from those of both."""

LETTERS = "In letters of one case, or with the checksum of EIP-55: any other is refused as `wrong-checksum`."
EIP_55 = ["0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"]
"""The first address of that standard, in both ways."""

Subject = Annotated[str, Path(pattern=ASKED, description=f"Address of an account. {LETTERS}", examples=EIP_55)]
About = Annotated[str | None, Query(pattern=ASKED, description=f"Only about this address. {LETTERS}", examples=EIP_55)]


def in_small_letters(address: str) -> str:
    """An address that was asked for, in small letters. Raises Refused for a wrong checksum (EIP-55)."""
    digits = address[2:]
    if digits not in (digits.lower(), digits.upper()) and not is_checksum_address(address):
        detail = f"{address} has a wrong checksum: see whether a digit is mistyped, or write it in small letters"
        raise Refused(422, "wrong-checksum", detail)
    return address.lower()


def cut(items: Sequence[T], limit: int) -> tuple[Sequence[T], bool]:
    """The first items, and whether there are more."""
    return items[:limit], len(items) > limit
