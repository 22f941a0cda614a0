"""What a call does under every gas limit: see Prober.sol."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import brownie
from actor import Call
from eth_utils.conversions import to_bytes
from sources import sources

BUDGET = 25_000_000
"""Gas of one eth_call."""


@dataclass(frozen=True)
class Sight:
    """The gas that a call was given, and what the views answered after it; nothing where it failed."""

    gas: int
    answers: Sequence[bytes] | None

    def word(self, look: int, place: int) -> int:
        """A word of an answer as a number."""
        assert self.answers is not None
        return int.from_bytes(self.answers[look][32 * place : 32 * place + 32], "big")


class Prober:
    """Tries a call again and again, and undoes it each time."""

    def __init__(self, hand: Any) -> None:
        address = sources()["Prober"].deploy({"from": hand}).address
        self._contract = brownie.web3.eth.contract(address=address, abi=sources()["Prober"].built.abi)

    def sweep(self, made: Call, looks: Sequence[Call], limits: range) -> Iterator[Sight]:
        """One sight for each of these gas limits, in their order."""
        while limits:
            count = min(len(limits), max(1, BUDGET // (limits[0] + 200_000 + limits.step)))
            part, limits = limits[:count], limits[count:]
            ask = self._contract.functions.sweep(
                _raw(made)[0], _raw(made)[1], [_raw(one) for one in looks], part[0], part.step, count
            )
            done, answers = ask.call({"gas": 29_000_000})
            for gas, ok, seen in zip(part, done, answers, strict=True):
                yield Sight(gas, seen if ok else None)

    def least(self, made: Call, most: int = 5_000_000) -> int:
        """The least gas with which the call succeeds, if it does with all that is more."""
        low, high = 0, most
        while high - low > 1:
            middle = (low + high) // 2
            [sight] = self.sweep(made, [], range(middle, middle + 1))
            low, high = (low, middle) if sight.answers is not None else (middle, high)
        return high


def _raw(made: Call) -> tuple[str, bytes]:
    return made[0], to_bytes(hexstr=made[1])
