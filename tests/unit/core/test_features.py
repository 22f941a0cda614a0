"""Images of floats keep their order and their value."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anomalyhive.core.features import from_image, to_image
from anomalyhive.errors import BadTable

FINITE = st.floats(allow_nan=False, allow_infinity=False)


@settings(deadline=None, derandomize=True, max_examples=300)
@given(st.lists(FINITE, min_size=2, max_size=30))
def test_image_orders_as_the_floats_do(values):
    images = to_image(np.array(values)).tolist()
    for (a, one), (b, other) in pairwise(zip(values, images, strict=True)):
        assert (one < other) == (a < b)
        assert (one == other) == (a == b)


@settings(deadline=None, derandomize=True, max_examples=300)
@given(st.lists(FINITE, max_size=30))
def test_from_image_inverts_to_image(values):
    assert from_image(to_image(np.array(values, dtype=np.float64))).tolist() == values


def test_image_of_zero_is_zero_for_either_sign():
    assert to_image(np.array([0.0, -0.0])).tolist() == [0, 0]


def test_to_image_leaves_its_input_as_it_was():
    values = np.array([-0.0, 1.0])
    to_image(values)
    assert np.signbit(values).tolist() == [True, False]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_value_without_a_place_in_the_order_is_named(bad):
    with pytest.raises(BadTable, match=rf"value {bad} at position \(1, 0\)"):
        to_image(np.array([[1.0, 2.0], [bad, 3.0]]))
