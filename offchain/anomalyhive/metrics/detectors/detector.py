"""What a detector is: it turns rows of statistics into one more column that says how strange each row is."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from anomalyhive.errors import BadSetting

Ints = NDArray[np.int64]

SCORE_BITS = 16
"""Scores are in 1/65536."""


class Detector(Protocol):
    """Fitted on rows without labels. Direction: a higher score is stranger.

    ``seed`` is the only source of chance: the same rows and the same seed give the same scores.
    """

    @property
    def name(self) -> str:
        """The name of the column."""

    def fit(self, features: Ints, seed: int) -> Any:
        """What is learned of rows (n, F)."""

    def score(self, fitted: Any, features: Ints) -> Ints:
        """How strange each row (n,) of (n, F) is, in 1/65536."""


DETECTORS: dict[str, Detector] = {}
"""Name -> detector."""


def register(detector: Detector) -> None:
    """Make a detector known by its name. Raises BadSetting if the name is taken."""
    if detector.name in DETECTORS:
        raise BadSetting(f"there are two detectors {detector.name!r}: rename one")
    DETECTORS[detector.name] = detector


def detector_named(name: str) -> Detector:
    """The detector of that name. Raises BadSetting."""
    if name not in DETECTORS:
        raise BadSetting(f"there is no detector {name!r}: choose among {', '.join(sorted(DETECTORS))}")
    return DETECTORS[name]


def on_log_scale(features: Ints) -> NDArray[np.float64]:
    """Rows (n, F) of which large numbers matter by their order of magnitude, for detectors that use distances."""
    numbers = features.astype(np.float64)
    found: NDArray[np.float64] = np.sign(numbers) * np.log1p(np.abs(numbers))
    return found


def fixed(scores: NDArray[np.float64]) -> Ints:
    """Floats as integers in 1/65536, rounded to the nearest; no float leaves a detector."""
    found: Ints = np.rint(np.clip(scores, -(2.0**31), 2.0**31) * (1 << SCORE_BITS)).astype(np.int64)
    return found


def checked_rows(features: Ints) -> Ints:
    """The rows, if a detector can be fitted on them; raises BadSetting."""
    if len(features) < 2:
        raise BadSetting(f"a detector needs two rows or more to be fitted on, and there are {len(features)}")
    return features
