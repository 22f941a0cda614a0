"""write_table: what is written reads back bit for bit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anomalyhive.core.features import to_image
from anomalyhive.errors import BadTable
from anomalyhive.tables import Table, read_table, write_table

from .conftest import make_table

NAMES = st.text(
    st.characters(blacklist_categories=("Cs",), blacklist_characters="\0") | st.sampled_from('\r\n",\ufeff'),
    min_size=1,
    max_size=8,
).filter(str.strip)
FLOATS = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(1 << 60), 1 << 60).map(float)


@given(st.lists(st.tuples(NAMES, FLOATS, FLOATS), min_size=2, max_size=12), NAMES)
@settings(deadline=None, derandomize=True, max_examples=60)
def test_written_table_reads_back_bit_for_bit(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, float, float]], column: str
) -> None:
    path = tmp_path_factory.mktemp("written") / "t.csv"
    features = to_image(np.array([row[1:] for row in rows]))
    labels = np.arange(len(rows), dtype=np.int64) % 2
    table = Table([row[0] for row in rows], (column, column + " 2"), features, labels)
    write_table(table, path, "the label", "the id")
    back = read_table(path, "the label", "the id")
    assert (back.ids, back.columns) == (table.ids, table.columns)
    assert back.features.tobytes() == table.features.tobytes()
    assert back.labels.tobytes() == table.labels.tobytes()


def test_whole_numbers_are_written_whole_and_text_is_stable(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    write_table(make_table([[1, 0.1], [-(2.0**53), 1e22]], [0, 1]), path, "y")
    assert path.read_bytes() == b"a,b,y\n1,0.1,0\n-9007199254740992.0,1e+22,1\n"


def test_unlabelled_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadTable, match="no labels to write as 'y'"):
        write_table(make_table([[1]], []), tmp_path / "t.csv", "y")


@pytest.mark.parametrize(("ids", "column"), [(["x"], None), (None, "id")])
def test_ids_and_their_column_come_together(tmp_path: Path, ids: list[str] | None, column: str | None) -> None:
    with pytest.raises(BadTable, match="exactly if the table has ids"):
        write_table(make_table([[1]], [0], ids), tmp_path / "t.csv", "y", column)
