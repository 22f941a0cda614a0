"""float64 and its order-preserving int64 image.

The image of a finite float64 is its IEEE 754 bits with the sign folded: a number >= 0 keeps its bits, a
negative one gets all bits but the sign flipped. Then ``a < b`` holds exactly if ``image(a) < image(b)``, every
further computation is on integers, and no decimal is ever rounded. -0.0 equals 0.0 and gets its image.
The leading bits of an image (sign, exponent, first bits of the fraction) are a logarithmic scale.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from anomalyhive.errors import BadTable

LOW_63_BITS = np.int64(0x7FFF_FFFF_FFFF_FFFF)
"""All bits of the image but its sign."""

FRACTION_BITS = 52
"""Bits of the fraction of a float64; the exponent stands above them."""

EXPONENT_BIAS = 1023
"""Added to the exponent of a float64 in its bits."""


def to_image(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """The int64 images of finite floats, any shape. Raises BadTable for NaN and infinity, naming the first."""
    numbers = np.asarray(values, dtype=np.float64)
    wrong = np.flatnonzero(~np.isfinite(numbers))
    if wrong.size:
        where = tuple(int(i) for i in np.unravel_index(wrong[0], numbers.shape))
        raise BadTable(f"value {numbers[where]} at position {where} has no place in an order: replace or drop it first")
    bits = (numbers + 0.0).view(np.int64)  # + 0.0 turns -0.0 into 0.0
    return np.where(bits < 0, bits ^ LOW_63_BITS, bits)


def from_image(images: NDArray[np.int64]) -> NDArray[np.float64]:
    """The floats of images, any shape: the inverse of to_image."""
    bits = np.asarray(images, dtype=np.int64)
    return np.where(bits < 0, bits ^ LOW_63_BITS, bits).view(np.float64)
