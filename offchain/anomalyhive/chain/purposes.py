"""What a transaction is for, as a key: two calls with the same purpose do the same work."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import takewhile
from types import MappingProxyType
from typing import Any

from anomalyhive.chain.artifacts import CONTRACTS, FEED, abi_type, artifact

ONCE: Mapping[str, str] = MappingProxyType(
    {"submitUpdate": "update", "commitVerdict": "verdict", "revealVerdict": "reveal", "attestModel": "attest"}
)
"""Function -> the noun of what a slot does once in a round. Its purpose names task, round and slot."""

FEED_ONCE: Mapping[str, str] = MappingProxyType({"commitVote": "vote", "revealVote": "vote-shown"})
"""The same of a feed, in an appeal. Its purpose names appeal, seat and feed."""

DIGITS = 16
"""Of the digest in a purpose: no two batches of one process are alike in 64 bits."""

_NOUNS = frozenset((*ONCE.values(), *FEED_ONCE.values()))


def purpose_of(function: str, arguments: Sequence[Any], feed: str = "") -> str:
    """The purpose of a call: "update/TASK/ROUND/SHARD", or the function's name and the numbers it begins with.

    Of an alert feed there may be many, and its functions take lists: so there its address goes first, and a digest of
    all that is no number last.

    >>> purpose_of("submitUpdate", (1, 7, 3, b"digest"))
    'update/1/7/3'
    >>> purpose_of("openRound", (1,))
    'openRound/1'
    >>> purpose_of("commitVote", (4, 2, b"hash"), "0xFeed")
    'vote/0xfeed/4/2'
    >>> purpose_of("settle", (1, ["0xBad"]), "0xFeed")
    'settle/0xfeed/1/4026c5d78aee6af7'
    """
    numbers = [str(one) for one in takewhile(lambda one: isinstance(one, int), arguments)]
    if not feed:
        return "/".join([ONCE.get(function, function), *numbers])
    rest = arguments[len(numbers) :]
    if function in FEED_ONCE:
        return "/".join([FEED_ONCE[function], feed.lower(), *numbers[:2]])
    return "/".join([function, feed.lower(), *numbers, *([_digest(rest)] if rest else [])])


def is_once(purpose: str) -> bool:
    """Whether nobody ever has to do this twice."""
    return purpose.partition("/")[0] in _NOUNS


def feed_of(call: Any) -> str:
    """The address of the feed that a call is of; empty where it is of a hive's own contracts."""
    return str(call.address) if getattr(call, "signature", "") in _feed_functions() else ""


@cache
def _feed_functions() -> frozenset[str]:
    """The functions, with their types, that a feed has and no other contract."""
    return frozenset(_signatures(FEED) - {one for name in CONTRACTS for one in _signatures(name)})


def _signatures(contract: str) -> set[str]:
    return {
        f"{one['name']}({','.join(map(abi_type, one['inputs']))})"
        for one in artifact(contract)["abi"]
        if one["type"] == "function"
    }


def _digest(values: Sequence[Any]) -> str:
    """Of anything that a call can take."""
    return hashlib.sha256(json.dumps(values, default=bytes.hex).encode()).hexdigest()[:DIGITS]
