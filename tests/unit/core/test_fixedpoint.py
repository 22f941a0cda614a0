"""Integer functions against exact rational or high-precision values."""

from decimal import Decimal, getcontext

import numpy as np
import pytest

from anomalyhive.core.fixedpoint import LARGEST_LOGIT, ONE, logarithm, logit_of, sigmoid, softplus

getcontext().prec = 50
SOME = np.array([-30 * ONE, -LARGEST_LOGIT, -700001, -65536, -257, -1, 0, 1, 255, 256, 65537, 1200003, LARGEST_LOGIT])


def exact_probability(logit):
    return 1 / (1 + (-Decimal(max(-LARGEST_LOGIT, min(LARGEST_LOGIT, int(logit)))) / ONE).exp())


@pytest.mark.parametrize("bits", [8, 16, 32])
def test_sigmoid_is_within_one_unit_of_the_exact_value(bits):
    for logit, found in zip(SOME.tolist(), sigmoid(SOME, bits).tolist(), strict=True):
        assert abs(found - exact_probability(logit) * (1 << bits)) <= 1 + Decimal(2) ** (bits - 29)


@pytest.mark.parametrize("bits", [8, 16, 32])
def test_sigmoid_never_falls_over_all_logits_and_mirrors(bits):
    everything = np.arange(-LARGEST_LOGIT - 5, LARGEST_LOGIT + 6, dtype=np.int64)
    found = sigmoid(everything, bits)
    assert (np.diff(found) >= 0).all()
    assert found.min() >= 0
    assert found.max() <= 1 << bits
    assert np.array_equal(found[everything != 0], (1 << bits) - found[::-1][everything != 0])


def test_sigmoid_in_32_bits_rises_at_every_logit_below_10():
    near = np.arange(-10 * ONE, 10 * ONE, dtype=np.int64)
    assert (np.diff(sigmoid(near, 32)) > 0).all()


def test_softplus_is_within_a_unit_of_the_exact_value_and_never_falls():
    for logit, found in zip(SOME.tolist(), softplus(SOME).tolist(), strict=True):
        clipped = Decimal(max(-LARGEST_LOGIT, min(LARGEST_LOGIT, logit)))
        exact = (1 + (-abs(clipped) / ONE).exp()).ln() * ONE + max(0, logit)
        assert abs(found - exact) < 2
    everything = np.arange(-LARGEST_LOGIT - 5, LARGEST_LOGIT + 6, 7, dtype=np.int64)
    assert (np.diff(softplus(everything)) >= 0).all()


@pytest.mark.parametrize(("positive", "rows"), [(0, 0), (0, 10), (10, 10), (3, 7), (1, 1_000_000)])
def test_logit_of_is_the_first_logit_that_reaches_the_share(positive, rows):
    found = logit_of(positive, rows)
    wanted = (2 * positive + 1) << 32
    around = sigmoid(np.array([found - 1, found]), 32).tolist()
    assert around[0] * (2 * rows + 2) < wanted <= around[1] * (2 * rows + 2)


def test_logarithm_is_near_the_exact_value_and_never_falls():
    values = [1, 2, 3, 1023, 1024, 1025, 10**9, (1 << 62) + 12345, (1 << 63) - 1]
    for value, found in zip(values, logarithm(np.array(values)).tolist(), strict=True):
        assert abs(found - Decimal(value).ln() * ONE) < 40
    rising = np.unique(np.concatenate([np.arange(1, 5000), (1 << np.arange(1, 62)) - 1, 1 << np.arange(1, 62)]))
    assert (np.diff(logarithm(rising)) >= 0).all()
