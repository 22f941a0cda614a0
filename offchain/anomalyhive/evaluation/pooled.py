"""The same rows in one place: scikit-learn's histogram gradient boosting, for comparison.

What a federation gives up in quality is the distance to a good model of the pooled data. The reference may
use floats: it is reported and never learned from.
"""

from __future__ import annotations

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits

from anomalyhive.core.features import from_image, to_image
from anomalyhive.errors import BadTable
from anomalyhive.evaluation.classes import class_quality
from anomalyhive.evaluation.quality import Quality, quality
from anomalyhive.tables import Table

RANDOM_STATE = 0
"""Fixed, so that two runs on the same rows print the same figures. All other settings are the library's."""


def pooled_quality(train: Table, test: Table) -> Quality:
    """Quality on ``test`` of a model fitted to all rows of ``train``; no measure if ``test`` has no rows.

    Of more than two classes it is the mean over them.

    Raises BadTable if the tables have other columns, or ``train`` one class only.
    """
    if train.columns != test.columns:
        raise BadTable(f"training has the columns {train.columns}, test has {test.columns}: give the same")
    if not len(test):
        return Quality(None, None)
    if len(set(train.labels.tolist())) < 2:
        raise BadTable("every row to train on has the same label: learning needs rows of both classes")
    model = HistGradientBoostingClassifier(random_state=RANDOM_STATE)
    # One thread: its sums of floats have one order, and on a busy machine OpenMP's threads wait for each other
    # in loops (seen: 77 s with two threads instead of 3 s).
    with threadpool_limits(limits=1, user_api="openmp"):
        model.fit(from_image(train.features), train.labels)
    # The margin, not the probability: this one rounds to 1.0 where the margin still tells rows apart.
    margins = np.asarray(model.decision_function(from_image(test.features)), dtype=np.float64)
    if train.label_classes > 2:
        return class_quality(to_image(margins), test.labels).macro
    return quality(to_image(margins), test.labels)
