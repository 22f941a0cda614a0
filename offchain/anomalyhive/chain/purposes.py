"""What a transaction is for, as a key: two calls with the same purpose do the same work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import takewhile
from types import MappingProxyType
from typing import Any

ONCE: Mapping[str, str] = MappingProxyType(
    {"submitUpdate": "update", "commitVerdict": "verdict", "revealVerdict": "reveal", "attestModel": "attest"}
)
"""Function -> the noun of what a slot does once in a round. Its purpose names task, round and slot."""

_NOUNS = frozenset(ONCE.values())


def purpose_of(function: str, arguments: Sequence[Any]) -> str:
    """The purpose of a call: "update/TASK/ROUND/SHARD", or the function's name and the numbers it begins with.

    >>> purpose_of("submitUpdate", (1, 7, 3, b"digest"))
    'update/1/7/3'
    >>> purpose_of("openRound", (1,))
    'openRound/1'
    """
    numbers = takewhile(lambda one: isinstance(one, int), arguments)
    return "/".join([ONCE.get(function, function), *map(str, numbers)])


def is_once(purpose: str) -> bool:
    """Whether nobody ever has to do this twice."""
    return purpose.partition("/")[0] in _NOUNS
