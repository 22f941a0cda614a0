"""Reasons in words, and categories by name."""

from __future__ import annotations

import numpy as np
from core.samples import run

from anomalyhive.core.features import to_image
from anomalyhive.core.learner import Rows
from anomalyhive.core.learners import LEARNERS
from anomalyhive.core.learners.boost.model import read_model
from anomalyhive.core.learners.boost.scale import Scale
from anomalyhive.fusion import categories, in_words, reasons
from anomalyhive.fusion.words import number, place

VALUES = np.arange(1, 101, dtype=np.float64)
ROWS = Rows(to_image(np.stack([VALUES, 100 - VALUES], axis=1)), (VALUES > 80).astype(np.int64))
MODEL = read_model(run(LEARNERS["boost"], [ROWS], 4, 1, {"axes": 1})[-1].state)


def test_in_words_names_the_strongest_features_first_and_says_which_way() -> None:
    found = reasons(MODEL, ROWS.features)
    texts = in_words(MODEL, ("received", "kept"), ROWS.features, found, 2)
    assert texts[94][0].startswith(("received: 95, higher than 9", "kept: 5, lower than 9"))
    assert "(+" in texts[94][0]
    assert "(-" in texts[4][0]
    strength = [float(text.rsplit("(", 1)[1].rstrip(")")) for text in texts[94]]
    assert abs(strength[0]) >= abs(strength[1])
    assert all(len(row) == 1 for row in in_words(MODEL, ("a", "b"), ROWS.features, found, 1))


def test_place_counts_the_rows_beyond_the_cell_of_a_value() -> None:
    scale = Scale.of(MODEL)
    ends = [int(to_image(np.array([x]))[0]) for x in (1.0, 100.0)]
    assert place(scale, 0, ends[0]) == "lower than 99 % of accounts"
    assert place(scale, 0, ends[1]).startswith("higher than 9")
    assert place(Scale.of(read_model(LEARNERS["boost"].initial(2, {}))), 0, 0) == "never seen in training"


def test_number_shows_whole_numbers_whole_and_others_short() -> None:
    shown = [number(int(to_image(np.array([x]))[0])) for x in (2.0, -1234567.0, 0.1, 1e30, 0.0)]
    assert shown == ["2", "-1,234,567", "0.1", "1e+30", "0"]


def test_categories_are_unknown_below_one_half() -> None:
    half = 1 << 31
    found = categories(np.array([[half, half], [half - 2, half - 1], [0, 1 << 32]]), ("unknown", "exchange"))
    assert [one.name for one in found] == ["unknown", "unknown", "exchange"]
    assert [one.index for one in found] == [0, 1, 1]
