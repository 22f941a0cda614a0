"""The quality of a run's models on the rows that it kept from all nodes, measured again by the auditor."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from anomalyhive.content.directory import DirectoryStore
from anomalyhive.content.kinds import Dataset, Model, Weights
from anomalyhive.content.store import Store
from anomalyhive.core.learners import get_learner
from anomalyhive.errors import AnomalyHiveError
from anomalyhive.evaluation.classes import class_quality, scores_by_class
from anomalyhive.evaluation.quality import Quality
from anomalyhive.jsontext import loads

TEST_ROWS = "test.json"


@dataclass(frozen=True)
class Measuring:
    """Measures models of ``store`` on ``rows``; a `summary.Measure`. ``digest`` names the rows, as a dataset root."""

    store: Store
    rows: Dataset
    digest: bytes

    @classmethod
    def of_run(cls, folder: Path, store: Store) -> Measuring | None:
        """On the test rows of a run folder; None where it has none that can be read."""
        place = folder / "evaluation"
        try:
            named = loads((place / TEST_ROWS).read_text(encoding="utf-8"))
            digest = bytes.fromhex(named["dataset"])
            return cls(store, Dataset.fetch(DirectoryStore(place, read_only=True), digest), digest)
        except (OSError, ValueError, KeyError, TypeError, AnomalyHiveError):
            return None

    def __call__(self, model: bytes) -> Quality | None:
        """The measures of a model; None where it, or what it learned, cannot be used: the checks say why."""
        try:
            weights = Weights.fetch(self.store, Model.fetch(self.store, model).weights)
            features, labels = np.asarray(self.rows.features), np.asarray(self.rows.labels)
            scores = scores_by_class(get_learner(weights.learner), weights.state, features)
            return class_quality(scores, labels).macro if self.rows.rows else None
        except (AnomalyHiveError, ArithmeticError, LookupError, TypeError, ValueError, MemoryError):
            return None
