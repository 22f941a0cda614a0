"""Pooled: the reference model on real accounts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import average_precision_score, roc_auc_score
from threadpoolctl import threadpool_limits

from anomalyhive.core.features import from_image
from anomalyhive.errors import BadTable
from anomalyhive.evaluation import Quality
from anomalyhive.evaluation.pooled import pooled_quality
from anomalyhive.tables import Table, hold_out, read_table

SAMPLE = Path(__file__).parents[2] / "data" / "accounts-400.csv"


@pytest.fixture(scope="module")
def sides() -> tuple[Table, Table]:
    table = read_table(SAMPLE, "FLAG", "Address")
    rows = hold_out(table, "0.25", 1)
    return table.take(rows.train), table.take(rows.test)


def test_quality_is_that_of_scikit_learn_on_the_same_rows(sides: tuple[Table, Table]) -> None:
    train, test = sides
    with threadpool_limits(limits=1, user_api="openmp"):
        model = HistGradientBoostingClassifier(random_state=0).fit(from_image(train.features), train.labels)
    margins = model.decision_function(from_image(test.features))
    found = pooled_quality(train, test)
    assert found.average_precision == pytest.approx(average_precision_score(test.labels, margins), abs=1e-12)
    assert found.roc_auc == pytest.approx(roc_auc_score(test.labels, margins), abs=1e-12)
    assert found.roc_auc is not None
    assert found.roc_auc > 0.8  # far above chance even with 300 rows


def test_quality_repeats(sides: tuple[Table, Table]) -> None:
    assert pooled_quality(*sides) == pooled_quality(*sides)


def test_no_test_rows_have_no_measure(sides: tuple[Table, Table]) -> None:
    train, _ = sides
    assert pooled_quality(train, train.take([])) == Quality(None, None)


def test_one_class_to_train_on_is_refused(sides: tuple[Table, Table]) -> None:
    train, test = sides
    with pytest.raises(BadTable, match="every row to train on has the same label"):
        pooled_quality(train.take(np.flatnonzero(train.labels == 0)), test)


def test_other_columns_are_refused(sides: tuple[Table, Table]) -> None:
    train, test = sides
    other = Table(test.ids, test.columns[::-1], test.features, test.labels)
    with pytest.raises(BadTable, match="give the same"):
        pooled_quality(train, other)
