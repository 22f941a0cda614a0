"""What is offered for gas."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anomalyhive.chain.fees import GWEI, FeeLimits, Offer, present_offer, raised
from anomalyhive.chain.rpc import request
from anomalyhive.errors import BadSetting, FeeTooHigh

from .conftest import Place

POLYGON = 137


@given(st.integers(0, 10**20))
def test_raised_is_at_least_an_eighth_more_and_never_the_same(wei: int) -> None:
    assert raised(wei) * 8 >= wei * 9
    assert raised(wei) > wei


@given(st.integers(0, 10**15), st.integers(0, 10**15), st.integers(0, 10**15))
def test_above_outbids_tip_and_all_by_an_eighth(fee: int, former: int, tip: int) -> None:
    old = Offer(max(former, tip), tip)
    new = Offer(fee, 0).above(old)
    assert new.tip is not None
    assert new.fee * 8 >= old.fee * 9
    assert new.tip * 8 >= tip * 9
    assert new.fee >= max(fee, new.tip)


@pytest.mark.parametrize(("fee", "tip"), [(0, 0), (10, 11), (10, -1)])
def test_limits_that_contradict_each_other_are_refused(fee: int, tip: int) -> None:
    with pytest.raises(BadSetting, match="ceiling"):
        FeeLimits(fee, tip)


def test_present_offer_stays_within_the_ceiling(anvil: Place) -> None:
    anvil_base = int(anvil.web3.eth.get_block("latest")["baseFeePerGas"])
    limits = FeeLimits(anvil_base + 1, anvil_base + 1)
    offer = present_offer(anvil.web3, 31337, limits)
    assert offer.fee == limits.max_fee
    assert offer.tip is not None
    assert 0 <= offer.tip <= 1
    assert offer.within(limits)


def test_present_offer_below_the_base_fee_says_what_is_asked(anvil: Place) -> None:
    request(anvil.web3, "anvil_setNextBlockBaseFeePerGas", [hex(50 * GWEI)])
    request(anvil.web3, "evm_mine", [])
    base = int(anvil.web3.eth.get_block("latest")["baseFeePerGas"])
    with pytest.raises(FeeTooHigh, match=f"asks {base} wei .* ceiling is {base - 1}"):
        present_offer(anvil.web3, 31337, FeeLimits(base - 1, 1))


def test_present_offer_where_the_least_tip_is_beyond_the_limit_waits(anvil: Place) -> None:
    with pytest.raises(FeeTooHigh) as refused:
        present_offer(anvil.web3, POLYGON, FeeLimits(100 * GWEI, GWEI))
    assert (refused.value.asked, refused.value.ceiling) == (25 * GWEI, GWEI)


def test_present_offer_of_a_chain_without_base_fee_is_its_gas_price(ganache: Place) -> None:
    offer = present_offer(ganache.web3, 1337, FeeLimits(10**12, 10**12))
    base = ganache.web3.eth.get_block("latest").get("baseFeePerGas")
    # Ganache's Shanghai has a base fee.
    assert (offer.tip is None) == (base is None)
