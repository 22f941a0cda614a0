"""What a transaction offers for gas: EIP-1559 with a ceiling, or the gas price of a chain that has no base fee."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from web3 import Web3

from anomalyhive.chain.networks import LEAST_TIP
from anomalyhive.errors import BadSetting, FeeTooHigh

GWEI = 10**9

RAISE_NUMERATOR, RAISE_DENOMINATOR = 9, 8
"""A replacement offers an eighth more, of tip and of all: nodes ask for a tenth (go-ethereum) or an eighth (Erigon)."""


@dataclass(frozen=True)
class FeeLimits:
    """What is never exceeded, in wei for a unit of gas: all together, and the tip in it."""

    max_fee: int
    max_tip: int

    def __post_init__(self) -> None:
        if self.max_fee < 1 or not 0 <= self.max_tip <= self.max_fee:
            raise BadSetting(
                f"a ceiling of {self.max_fee} wei with a tip of {self.max_tip} wei: the ceiling is at least 1 wei and "
                "the tip lies within it"
            )


@dataclass(frozen=True)
class Offer:
    """What a transaction offers, in wei for a unit of gas; ``tip`` is None where the chain has no base fee."""

    fee: int
    tip: int | None

    def fields(self) -> dict[str, Any]:
        """The fields of a transaction that say it."""
        if self.tip is None:
            return {"gasPrice": self.fee}
        return {"maxFeePerGas": self.fee, "maxPriorityFeePerGas": self.tip}

    def above(self, former: Offer) -> Offer:
        """The offer, or an eighth more than a former one where that is more, in tip and in all."""
        tip = None if self.tip is None else max(self.tip, raised(former.tip or 0))
        return Offer(max(self.fee, raised(former.fee), tip or 0), tip)

    def within(self, limits: FeeLimits) -> bool:
        """Whether it exceeds nothing."""
        return self.fee <= limits.max_fee and (self.tip or 0) <= limits.max_tip


def raised(wei: int) -> int:
    """An eighth more, rounded up; more than 0."""
    return max(1, -(-wei * RAISE_NUMERATOR // RAISE_DENOMINATOR))


def present_offer(web3: Web3, chain_id: int, limits: FeeLimits) -> Offer:
    """What to offer now. Raises FeeTooHigh where the chain asks for more than the limits allow."""
    base = web3.eth.get_block("latest").get("baseFeePerGas")
    if base is None:
        price = web3.eth.gas_price
        if price > limits.max_fee:
            raise FeeTooHigh(price, limits.max_fee)
        return Offer(price, None)
    least = LEAST_TIP.get(chain_id, 0)
    if least > limits.max_tip:
        raise FeeTooHigh(least, limits.max_tip)
    tip = min(max(web3.eth.max_priority_fee, least), limits.max_tip)
    if base + tip > limits.max_fee:
        # A smaller tip will do as well, where anything is left for one.
        tip = limits.max_fee - base
        if tip < least or base > limits.max_fee:
            raise FeeTooHigh(base + least, limits.max_fee)
    # Twice the base fee lasts six full blocks in a row (EIP-1559 raises it by 1/8 at most).
    return Offer(min(2 * base + tip, limits.max_fee), tip)
