"""One multi-exponentiation on any number of threads."""

from __future__ import annotations

import pytest
from py_arkworks_bls12381 import Scalar

from anomalyhive.commitments import Generators, curve
from anomalyhive.commitments.parallel import multiply_sum


@pytest.mark.parametrize("processors", [1, 2, 3, 64, None])
@pytest.mark.parametrize("count", [0, 1, 1023, 2048, 3001])
def test_multiply_sum_is_the_same_on_any_number_of_processors(
    processors: int | None, count: int, generators: Generators, monkeypatch: pytest.MonkeyPatch
) -> None:
    points = generators.first(count)
    scalars = [Scalar(7 * index % 1000) for index in range(count)]
    monkeypatch.setattr("anomalyhive.commitments.parallel.os.cpu_count", lambda: processors)
    assert multiply_sum(points, scalars) == curve.multiply_sum(points, scalars)
