"""One suite for all detectors."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from tests.unit.metrics.conftest import SAMPLE

from anomalyhive.core.learner import Rows
from anomalyhive.core.learners.density import Density
from anomalyhive.errors import BadSetting
from anomalyhive.metrics.detectors import DETECTORS, fitted_on, register, with_detectors
from anomalyhive.metrics.detectors.half_space import images
from anomalyhive.metrics.features import AddressRows
from anomalyhive.metrics.store import read_store


def many() -> np.ndarray:
    """Four hundred alike rows and, last, a strange one."""
    draw = np.random.default_rng(5)
    rows = draw.integers(90, 110, (401, 6)).astype(np.int64)
    rows[-1] = [0, 10**9, 10**12, 0, 10**6, 10**15]
    return rows


@pytest.mark.parametrize("name", sorted(DETECTORS))
def test_detector_scores_a_strange_row_highest(name: str) -> None:
    rows = many()
    scores = DETECTORS[name].score(DETECTORS[name].fit(rows, 1), rows)
    assert scores.dtype == np.int64
    assert scores.shape == (401,)
    assert scores.argmax() == 400


@pytest.mark.parametrize("name", sorted(DETECTORS))
def test_detector_with_the_same_seed_gives_the_same_bits_and_leaves_its_input(name: str) -> None:
    rows = many()
    before = rows.copy()
    first, second = (DETECTORS[name].score(DETECTORS[name].fit(rows, 3), rows) for _ in range(2))
    assert np.array_equal(first, second)
    assert np.array_equal(rows, before)


@pytest.mark.parametrize("name", sorted(DETECTORS))
def test_detector_scores_a_row_alone_as_among_others(name: str) -> None:
    rows = many()
    fitted = DETECTORS[name].fit(rows, 1)
    assert DETECTORS[name].score(fitted, rows[7:8]).tolist() == DETECTORS[name].score(fitted, rows)[7:8].tolist()


@pytest.mark.parametrize("name", sorted(DETECTORS))
def test_detector_of_one_row_is_refused(name: str) -> None:
    with pytest.raises(BadSetting, match="two rows or more"):
        DETECTORS[name].fit(many()[:1], 0)


def test_half_space_trees_of_nodes_apart_sum_to_those_of_all_rows() -> None:
    features, learner, seed = images(many()), Density(), bytes(32)
    plan = learner.propose(learner.initial(6, {}), seed)
    apart = [
        learner.contribute(plan, Rows(part, np.zeros(len(part), dtype=np.int64)))
        for part in (features[:9], features[9:])
    ]
    whole = learner.contribute(plan, Rows(features, np.zeros(len(features), dtype=np.int64)))
    assert np.array_equal(apart[0] + apart[1], whole)


def test_register_of_a_name_twice_is_refused() -> None:
    with pytest.raises(BadSetting, match="two detectors 'isolation_forest'"):
        register(DETECTORS["isolation_forest"])


def test_with_detectors_adds_a_column_with_name_and_unit() -> None:
    rows = AddressRows(tuple(map(str, range(401))), many(), tuple("abcdef"), ("u",) * 6)
    found = with_detectors(rows, fitted_on(rows.features, ["isolation_forest"]))
    assert found.names == (*"abcdef", "isolation_forest")
    assert found.features.shape == (401, 7)
    assert "higher is stranger" in found.units[-1]


def test_fitted_on_of_an_unknown_name_is_refused() -> None:
    with pytest.raises(BadSetting, match="there is no detector 'svm': choose among half_space_trees"):
        fitted_on(many(), ["svm"])


PLUGGED = """
from anomalyhive.metrics.detectors.detector import register


class RowSum:
    name = "row_sum"

    def fit(self, features, seed):
        return features.min()

    def score(self, fitted, features):
        return features.sum(axis=1) - fitted


register(RowSum())
"""

STARTED = """
import importlib.util, sys
found = importlib.util.find_spec("anomalyhive.metrics.detectors")
found.submodule_search_locations.append({folder!r})  # as if the file lay there
package = sys.modules[found.name] = importlib.util.module_from_spec(found)
found.loader.exec_module(package)
from anomalyhive.cli import run
sys.exit(run({arguments!r}))
"""


def test_file_with_fit_and_score_that_registers_itself_is_all_that_a_detector_is(tmp_path: Path) -> None:
    (tmp_path / "row_sum.py").write_text(PLUGGED)
    arguments = ["metrics", "--in", str(SAMPLE), "--accounts", str(SAMPLE / "labels.csv"), "--buckets", "1"]
    arguments += ["--out", str(tmp_path / "store"), "--detectors", "row_sum"]
    code = STARTED.format(folder=str(tmp_path), arguments=arguments)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    made = read_store(tmp_path / "store")
    assert made.names[-1] == "row_sum"
    assert made.units[-1] == "1/65536, higher is stranger"
    rest = made.features[:, :-1]
    assert np.array_equal(made.features[:, -1], rest.sum(axis=1) - rest.min())
