"""Numbers of statistics with their units."""

from __future__ import annotations

import numpy as np
import pytest

from anomalyhive.fusion.units import with_unit
from anomalyhive.metrics.features import FEATURES
from anomalyhive.raw.joining import as_images


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("sent", 1234, "1,234 transactions"),
        ("sent", 1, "1 transaction"),
        ("token_received", 0, "0 token transfers"),
        ("token_received", 1, "1 token transfer"),
        ("sent_micro", 1_500_000, "1.5 ether"),
        ("sent_micro", 1, "1e-06 ether"),
        ("sent_mean", 1024 * 250_000, "0.25 ether"),
        ("sent_failed_mean", 512, "0.5"),
        ("received_per_sent_micro", 1024 * 3, "3"),
        ("received_zeros_mean", 1024 * 18, "18 decimal zeros of wei"),
        ("received_gas_magnitude_mean", 1536, "1.5 bits of gas"),
        ("received_gas_magnitude_mean", 1024, "1 bit of gas"),
        ("gap_least", 59, "59 s"),
        ("gap_least", 90, "1.5 min"),
        ("gap_most", 7200, "2 h"),
        ("life", 2592000, "30 d"),
        ("started_by_sending", 1, "1"),
        ("distinct_sent_to", 1015, "about 1,015"),
        ("both_ways", 3, "about 3"),
    ],
)
def test_with_unit_of_the_image_that_a_model_reads_is_what_a_person_reads(name: str, value: int, text: str) -> None:
    place = [one.name for one in FEATURES].index(name)
    features = np.zeros((1, len(FEATURES)), dtype=np.int64)
    features[0, place] = value
    assert with_unit(name, int(as_images(features, [name])[0, 0])) == text


def test_with_unit_of_every_statistic_is_short() -> None:
    features = np.full((1, len(FEATURES)), 123_456, dtype=np.int64)
    for one in FEATURES:
        image = int(as_images(features, [one.name])[0, 0])
        assert 0 < len(with_unit(one.name, image)) < 40
