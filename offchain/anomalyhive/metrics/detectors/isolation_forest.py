"""Isolation forest: a row that few random cuts part from all others is strange.

F. T. Liu, K. M. Ting & Z.-H. Zhou, "Isolation Forest", ICDM 2008; scikit-learn's, fitted by each node on its own rows.
"""

from __future__ import annotations

from typing import Any

from anomalyhive.metrics.detectors.detector import Ints, checked_rows, fixed, on_log_scale, register


class IsolationForest:
    """The detector ``isolation_forest``."""

    name = "isolation_forest"

    def fit(self, features: Ints, seed: int) -> Any:
        """A forest of 100 trees on 256 rows each, the paper's numbers."""
        # Half of what a command would import: whoever fits none does without.
        from sklearn.ensemble import IsolationForest as Forest

        return Forest(n_estimators=100, random_state=seed, n_jobs=1).fit(on_log_scale(checked_rows(features)))

    def score(self, fitted: Any, features: Ints) -> Ints:
        """The paper's score (section 2, equation 2), from 0 to 1; higher is stranger."""
        return fixed(-fitted.score_samples(on_log_scale(features)))


register(IsolationForest())
