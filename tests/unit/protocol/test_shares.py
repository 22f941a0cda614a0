"""The split of a reward: never more than it, and nothing lost."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from anomalyhive.protocol import split_reward


def test_split_reward_by_hand() -> None:
    shares = split_reward(1000, 7000, 150, 3)
    assert (shares.rate, shares.share) == (4, 100)
    assert shares.returned(1000, 150, 3) == 100
    assert shares.returned(1000, 150, 2) == 200


def test_split_reward_that_nobody_earns_returns_whole() -> None:
    shares = split_reward(1000, 7000, 0, 0)
    assert (shares.rate, shares.share, shares.returned(1000, 0, 0)) == (0, 0, 1000)


@settings(deadline=None, derandomize=True)
@given(st.integers(0, 2**96 - 1), st.integers(0, 10_000), st.integers(0, 261_120), st.integers(0, 20))
def test_split_reward_parts_and_what_returns_add_up_to_it(reward: int, bps: int, worth: int, paid: int) -> None:
    shares = split_reward(reward, bps, worth, paid)
    returned = shares.returned(reward, worth, paid)
    assert returned >= 0
    assert shares.rate * worth + shares.share * paid + returned == reward
    if worth and paid:
        # What cannot be split is less than one unit for each that it would be split among, and a unit of the cut.
        assert returned < worth + paid
