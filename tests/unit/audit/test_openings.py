"""Commitments opened together."""

from __future__ import annotations

import numpy as np
import pytest

from anomalyhive.audit import openings as module
from anomalyhive.audit.openings import Openings
from anomalyhive.audit.place import Place
from anomalyhive.audit.report import Findings
from anomalyhive.commitments import commit


def vector(number: int) -> np.ndarray:
    return np.arange(64, dtype=np.int64) * number - 17


@pytest.mark.parametrize("most", [1 << 22, 128])
def test_openings_name_each_wrong_one_over_one_batch_or_many(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    monkeypatch.setattr(module, "MOST_ENTRIES", most)
    findings = Findings()
    place = Place(1, bytes(20), 1, 4, findings)
    opened = Openings(b"\x01" * 32)
    for number in range(12):
        wrong = number in (3, 10)
        opened.add(vector(number), commit(vector(number + wrong)), place, "openings", f"update {number}", b"d" * 32)
    opened.add(vector(5), commit(vector(5)), place, "sums", "the sum")
    opened.flush()
    report = findings.report()
    assert report.check("openings").count == 12
    assert report.check("sums").count == 1
    assert report.check("sums").holds
    assert [(one.round, one.what.split(":")[0]) for one in report.check("openings").failures] == [
        (4, "update 3"),
        (4, "update 10"),
    ]
