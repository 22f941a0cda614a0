"""Files and tables that several tests of this folder need."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from anomalyhive.core.features import to_image
from anomalyhive.tables import Table

MakeFile = Callable[..., Path]
MakeTable = Callable[..., Table]


@pytest.fixture
def csv_file(tmp_path: Path) -> MakeFile:
    """Writes text or bytes to a file and gives its path."""

    def make(content: str | bytes, name: str = "accounts.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return make


def make_table(features: object, labels: object, ids: list[str] | None = None) -> Table:
    """A table of floats (n, F) with columns a, b, c, ..."""
    numbers = np.array(features, dtype=np.float64)
    numbers = numbers.reshape(len(numbers), -1)
    columns = tuple("abcdefghij"[: numbers.shape[1]])
    return Table(ids, columns, to_image(numbers), np.array(labels, dtype=np.int64))
