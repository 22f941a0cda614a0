"""Reasons as sentences: what the row has, how that compares with rows learned from, and where it moved the score."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from anomalyhive.core.features import from_image
from anomalyhive.core.fixedpoint import ONE
from anomalyhive.core.learner import Integers
from anomalyhive.core.learners.boost.model import Model
from anomalyhive.core.learners.boost.scale import Scale
from anomalyhive.fusion.reasons import PARTS, Reasons

MOST_WHOLE = 1 << 53
"""Whole numbers up to here are shown without a point."""


Written = Callable[[str, int], str]
"""A column and an image in it -> the number as it is written."""


def plainly(_: str, image: int) -> str:
    """The number alone."""
    return number(image)


def in_words(
    model: Model,
    columns: Sequence[str],
    features: Integers,
    found: Reasons,
    most: int,
    written: Written = plainly,
) -> list[list[str]]:
    """For each row (n, F) at most ``most`` sentences, the strongest first (ties to the first column).

    Such as "outgoing: 2, lower than 93 % of accounts (+0.81)": the number is what it added to the logit.
    """
    scale = Scale.of(model)
    texts = []
    for row, moved in zip(features, found.contributions, strict=True):
        strongest = np.argsort(-np.abs(moved), kind="stable")[:most]
        texts.append(
            [
                f"{columns[feature]}: {written(columns[feature], int(row[feature]))}, "
                f"{place(scale, feature, int(row[feature]))} ({int(moved[feature]) / (PARTS * ONE):+.2f})"
                for feature in strongest.tolist()
                if moved[feature]
            ]
        )
    return texts


def number(image: int) -> str:
    """The number of an image as a person writes it."""
    value = float(from_image(np.array([image], dtype=np.int64))[0])
    if value == int(value) and abs(value) < MOST_WHOLE:
        return f"{int(value):,}"
    return f"{value:.6g}"


def place(scale: Scale, feature: int, image: int) -> str:
    """How a value compares with the rows learned from, in whole percent, floored, by the cells of the scale."""
    borders, counts = scale.column(feature)
    rows = int(counts.sum())
    if not rows:
        return "never seen in training"
    cell = int(np.searchsorted(borders, image, side="right")) - 1
    below, above = int(counts[: max(cell, 0)].sum()), int(counts[cell + 1 :].sum())
    if above >= below:
        return f"lower than {100 * above // rows} % of accounts"
    return f"higher than {100 * below // rows} % of accounts"
