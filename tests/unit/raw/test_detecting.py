"""Detectors of a federation: content that anyone fits again, and columns behind the statistics."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from anomalyhive.content.directory import DirectoryStore
from anomalyhive.content.kinds import Fitting, Weights
from anomalyhive.core.features import to_image
from anomalyhive.core.learners import get_learner
from anomalyhive.errors import BadSetting, ContentCorrupt
from anomalyhive.fusion.units import with_unit
from anomalyhive.metrics.detectors import detector_named
from anomalyhive.metrics.features import NAMES
from anomalyhive.raw.detecting import FEDERATED, Fitted, check_detectors, fitted_on, score_of
from anomalyhive.raw.joining import as_images, of_table

(NAME,) = FEDERATED
COLUMNS = ("sent", "received", "sent_micro", "life")
PLACES = [NAMES.index(name) for name in COLUMNS]
ALL = np.random.default_rng(3).integers(0, 1 << 30, (200, len(NAMES))).astype(np.int64)
ROWS = ALL[:, PLACES]


@pytest.fixture
def store(tmp_path: Path) -> DirectoryStore:
    return DirectoryStore(tmp_path / "store")


def test_fitted_on_rows_in_any_order_is_the_same_state() -> None:
    one, other = fitted_on(ROWS, [NAME]), fitted_on(np.random.default_rng(1).permutation(ROWS), [NAME])
    assert one.differs(other) == ""
    assert one.differs(fitted_on(ROWS[1:], [NAME])) == NAME
    assert Fitted().differs(one) == NAME


def test_fitted_of_the_federation_scores_as_the_detector_of_the_metrics() -> None:
    detector = detector_named(NAME)
    due = detector.score(detector.fit(ROWS, 0), ROWS)
    images = fitted_on(ROWS, [NAME]).images(ROWS)[:, 0]
    assert [score_of(int(one)) for one in images] == (due / 65536).tolist()
    assert len(set(due.tolist())) > 20
    assert with_unit(NAME, int(images[0])) == f"{due[0] / 65536:.2f} (higher is stranger)"


def test_as_images_puts_scores_behind_the_statistics_that_they_are_made_of() -> None:
    fitted = fitted_on(ROWS, [NAME])
    images = as_images(ALL, (*COLUMNS, NAME), fitted)
    assert np.array_equal(images[:, :-1], as_images(ALL, COLUMNS))
    assert np.array_equal(images[:, -1:], fitted.images(ROWS))
    table = to_image(ROWS.astype(np.float64))
    assert np.array_equal(of_table(table, (*COLUMNS, NAME), fitted), images)


def test_fetch_gives_what_was_published(store: DirectoryStore) -> None:
    fitted = fitted_on(ROWS, [NAME])
    said = fitted.publish(store)
    assert said == fitted_on(ROWS[::-1], [NAME]).publish(store)
    found = Fitted.fetch(store, said, (*COLUMNS, NAME))
    assert found.names == (NAME,)
    assert found.differs(fitted) == ""
    assert Fitted.fetch(store, (), COLUMNS).names == ()


def test_fetch_refuses_what_scores_no_row_of_the_task(store: DirectoryStore) -> None:
    said = fitted_on(ROWS, [NAME]).publish(store)
    for columns, words in (
        ((NAME, *COLUMNS), "at the end"),
        (COLUMNS, "at the end"),
        ((*COLUMNS, "sent_most", NAME), "no row of 5 statistics"),
    ):
        with pytest.raises(ContentCorrupt, match=words):
            Fitted.fetch(store, said, columns)
    boost = Weights("boost", {}, get_learner("boost").initial(4, {})).publish(store)
    broken = dict(fitted_on(ROWS, [NAME]).states[NAME])
    cases = [(Fitting(NAME, boost), "learned by boost"), (Fitting("isolation_forest", said[0].weights), "no detector")]
    for change in ({"nodes": broken["nodes"][:, :3]}, {"mass": -broken["mass"] - 1}, {"trees": "many"}, {"depth": 99}):
        state = {**broken, **change}
        cases.append((Fitting(NAME, Weights("density", {}, state).publish(store)), "scores no row"))
    less = {key: value for key, value in broken.items() if key != "mass"}
    cases.append((Fitting(NAME, Weights("density", {}, less).publish(store)), "scores no row"))
    for fitting, words in cases:
        with pytest.raises(ContentCorrupt, match=words):
            Fitted.fetch(store, (fitting,), (*COLUMNS, fitting.name))


def test_check_detectors_refuses_what_no_sum_fits_and_what_is_named_twice() -> None:
    check_detectors([NAME])
    for names, words in (
        (["isolation_forest"], "'isolation_forest' cannot be fitted by sums"),
        ([""], "'' cannot be fitted"),
        ([NAME, NAME], "once"),
    ):
        with pytest.raises(BadSetting, match=words):
            check_detectors(names)
