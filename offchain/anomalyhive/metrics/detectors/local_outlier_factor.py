"""Local outlier factor: a row is strange where its neighbours lie closer together than it lies to them.

M. M. Breunig, H.-P. Kriegel, R. T. Ng & J. Sander, "LOF: Identifying Density-Based Local Outliers", SIGMOD 2000;
scikit-learn's, fitted by each node on its own rows. When it fails: rows that repeat more often than the number of
neighbours get a meaningless density.
"""

from __future__ import annotations

from typing import Any

from anomalyhive.metrics.detectors.detector import Ints, checked_rows, fixed, on_log_scale, register

NEIGHBOURS = 20
MOST_FITTED = 20_000
"""Rows that are kept to compare with, evenly taken: the search grows with the square of them."""


class LocalOutlierFactor:
    """The detector ``local_outlier_factor``."""

    name = "local_outlier_factor"

    def fit(self, features: Ints, seed: int) -> Any:
        """The rows to compare with, scaled; nothing is drawn, so ``seed`` does not matter."""
        # Half of what a command would import: whoever fits none does without.
        from sklearn.neighbors import LocalOutlierFactor as Factor
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import RobustScaler

        del seed
        rows = checked_rows(features)
        kept = rows[:: -(-len(rows) // MOST_FITTED)]
        factor = Factor(n_neighbors=min(NEIGHBOURS, len(kept) - 1), novelty=True, n_jobs=1)
        return make_pipeline(RobustScaler(), factor).fit(on_log_scale(kept))

    def score(self, fitted: Any, features: Ints) -> Ints:
        """The factor: about 1 within a cluster; higher is stranger."""
        return fixed(-fitted.score_samples(on_log_scale(features)))


register(LocalOutlierFactor())
