"""read_table: what files it reads, and what it says of those that it refuses."""

from __future__ import annotations

import csv
import gzip
import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anomalyhive.core.features import from_image
from anomalyhive.errors import BadSetting, BadTable
from anomalyhive.tables import csvfile, read_table
from anomalyhive.tables.cells import LABELS

from .conftest import MakeFile

PLAIN = "id,a,b,y\nx,1,2.5,0\nz,-3,1e3,1\n"


def refusal(path: object, *args: object, **options: object) -> str:
    """The message with which a table is refused; one line that names the file."""
    with pytest.raises(BadTable) as caught:
        read_table(path, *args, **options)  # type: ignore[arg-type]  # tests give what users may
    message = str(caught.value)
    assert "\n" not in message
    assert str(path) in message
    return message


def test_plain_file_gives_ids_columns_features_labels(csv_file: MakeFile) -> None:
    table = read_table(csv_file(PLAIN), "y", "id")
    assert table.ids == ["x", "z"]
    assert table.columns == ("a", "b")
    assert from_image(table.features).tolist() == [[1.0, 2.5], [-3.0, 1000.0]]
    assert table.labels.tolist() == [0, 1]


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + PLAIN.encode(),
        PLAIN.replace("\n", "\r\n").encode(),
        PLAIN.rstrip("\n").encode(),
        (PLAIN + "\n\n").encode(),
        b'"id","a",b,y\n"x",1,"2.5",0\nz,-3,1e3,"1"\n',
        b"id,a,b,y\nx, 1 ,+2.5,0\nz,-3.0,1000,1\n",
        gzip.compress(PLAIN.encode()),
        gzip.compress(PLAIN.encode()[:20]) + gzip.compress(PLAIN.encode()[20:]),
    ],
    ids=["bom", "crlf", "no final newline", "blank lines", "quoted", "spaces", "gzip", "two gzip members"],
)
def test_same_table_in_other_dress_is_read_the_same(csv_file: MakeFile, content: bytes) -> None:
    plain = read_table(csv_file(PLAIN, "plain.csv"), "y", "id")
    other = read_table(csv_file(content), "y", "id")
    assert (other.ids, other.columns) == (plain.ids, plain.columns)
    assert np.array_equal(other.features, plain.features)
    assert np.array_equal(other.labels, plain.labels)


def test_quoted_comma_newline_and_quote_belong_to_the_cell(csv_file: MakeFile) -> None:
    table = read_table(csv_file('id,"a,\n""q""",y\n"x,\ny",1,0\nz,2,1\n'), "y", "id")
    assert table.columns == ('a,\n"q"',)
    assert table.ids == ["x,\ny", "z"]


def test_minus_zero_is_zero(csv_file: MakeFile) -> None:
    table = read_table(csv_file("a,y\n-0.0,0\n0,1\n"), "y")
    assert table.features.tolist() == [[0], [0]]


@given(st.lists(st.tuples(st.floats(allow_nan=False, allow_infinity=False), st.booleans()), min_size=1, max_size=20))
@settings(deadline=None, derandomize=True, max_examples=60)
def test_every_float_of_the_csv_module_keeps_its_bits(tmp_path_factory: pytest.TempPathFactory, rows: list) -> None:
    path = tmp_path_factory.mktemp("floats") / "t.csv"
    text = io.StringIO()
    csv.writer(text).writerows([("a", "y"), *((value, label) for value, label in rows), (1, True), (2, False)])
    path.write_text(text.getvalue(), newline="")
    table = read_table(path, "y")
    wanted = np.array([value for value, _ in rows] + [1.0, 2.0]) + 0.0
    assert from_image(table.features)[:, 0].tobytes() == wanted.tobytes()
    assert table.labels.tolist() == [int(label) for _, label in rows] + [1, 0]


@pytest.mark.parametrize("text", sorted({*LABELS, "True", "FALSE", " 1 "}))
def test_label_in_any_of_its_forms_is_read(csv_file: MakeFile, text: str) -> None:
    table = read_table(csv_file(f"a,y\n1,{text}\n1,0\n1,1\n"), "y")
    assert table.labels[0] == LABELS[text.strip().lower()]


@pytest.mark.parametrize("text", ["2", "-1", "0.5", "yes", "", "1.00", "nan", "illicit"])
def test_label_that_is_none_is_refused_with_row(csv_file: MakeFile, text: str) -> None:
    message = refusal(csv_file(f"a,y\n1,1\n1,{text}\n1,0\n"), "y")
    assert f"row 3: {text!r} in the label column is no label: write 0 or 1" in message


def test_one_class_only_is_refused_with_the_class(csv_file: MakeFile) -> None:
    message = refusal(csv_file("a,y\n1,1\n2,1\n"), "y")
    assert "every row has the label 1 in column 'y'" in message


def test_one_class_is_fine_without_need_of_labels(csv_file: MakeFile) -> None:
    assert read_table(csv_file("a,y\n1,1\n"), "y", require_label=False).labels.tolist() == [1]


def test_header_without_rows_is_refused(csv_file: MakeFile) -> None:
    assert "there is a header but no row" in refusal(csv_file("a,y\n"), "y")
    assert "there is a header but no row" in refusal(csv_file("a,y\n", "b.csv"), None, require_label=False)


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf", gzip.compress(b"")])
def test_empty_file_is_refused(csv_file: MakeFile, content: bytes) -> None:
    assert "is empty: give a CSV file with a header and rows" in refusal(csv_file(content), "y")


def test_no_label_named_is_a_bad_setting(csv_file: MakeFile) -> None:
    with pytest.raises(BadSetting, match="name the one that holds 0 and 1 with --label"):
        read_table(csv_file(PLAIN), None)


def test_ragged_row_is_refused_with_both_widths(csv_file: MakeFile) -> None:
    assert "row 3: 3 cells where the header has 2" in refusal(csv_file("a,y\n1,0\n1,2,1\n"), "y")
    assert "row 2: 1 cells where the header has 2" in refusal(csv_file("a,y\n1\n", "b.csv"), "y")


def test_rows_are_counted_with_blank_lines(csv_file: MakeFile) -> None:
    assert "row 4: '7' in the label column" in refusal(csv_file("a,y\n1,0\n\n1,7\n"), "y")


@pytest.mark.parametrize("content", ['a,y\n"1,0\n2,1\n', 'a,y\n"1"2,0\n', "a,y\r1,0\r2,1\r"])
def test_broken_quotes_and_lone_carriage_returns_are_refused(csv_file: MakeFile, content: str) -> None:
    assert "not CSV (" in refusal(csv_file(content), "y")


def test_blank_line_in_a_file_of_one_column_is_an_absent_value(csv_file: MakeFile) -> None:
    path = csv_file("a\n1\n\n2\n")
    assert "row 3, column 'a': '' is no value" in refusal(path, None, require_label=False)
    filled = read_table(path, None, require_label=False, missing=0)
    assert from_image(filled.features).ravel().tolist() == [1.0, 0.0, 2.0]


def test_too_many_cells_are_refused_with_the_limit(csv_file: MakeFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csvfile, "MAX_CELLS", 6)
    read_table(csv_file("a,y\n1,0\n2,1\n"), "y")
    assert "row 4: more than 6 cells" in refusal(csv_file("a,y\n1,0\n2,1\n\n", "b.csv"), "y")


@pytest.mark.parametrize("cell", ["", "  ", "x" * 257])
def test_id_that_is_none_is_refused(csv_file: MakeFile, cell: str) -> None:
    message = refusal(csv_file(f"id,a,y\nx,1,0\n{cell},2,1\n"), "y", "id")
    assert f"row 3: the id is '{cell[:40]}" in message
    assert f"of {len(cell)} characters" in message


def test_rows_of_one_id_are_allowed(csv_file: MakeFile) -> None:
    assert read_table(csv_file("id,a,y\nx,1,0\nx,2,1\n"), "y", "id").ids == ["x", "x"]


def test_missing_fills_absent_cells_alone(csv_file: MakeFile) -> None:
    path = csv_file("a,b,y\n,NaN,0\n1,nan,1\nNA,null,0\n")
    table = read_table(path, "y", missing=-1)
    assert from_image(table.features).tolist() == [[-1.0, -1.0], [1.0, -1.0], [-1.0, -1.0]]
    assert "'inf' is infinity" in refusal(csv_file("a,y\ninf,0\n", "b.csv"), "y", missing=0)
    assert "holds text ('x' in row 2)" in refusal(csv_file("a,y\nx,0\n", "c.csv"), "y", missing=0)


def test_missing_does_not_fill_labels(csv_file: MakeFile) -> None:
    assert "'' in the label column is no label" in refusal(csv_file("a,y\n1,\n"), "y", missing=0)


@pytest.mark.parametrize("value", [(1 << 53) + 1, -(1 << 53) - 1])
def test_missing_beyond_exact_floats_is_a_bad_setting(csv_file: MakeFile, value: int) -> None:
    with pytest.raises(BadSetting, match=str(value)):
        read_table(csv_file(PLAIN), "y", missing=value)


def test_columns_are_taken_in_the_order_asked_and_others_ignored(csv_file: MakeFile) -> None:
    path = csv_file("note, b ,a,y\nhello,2,1,0\nthere,4,3,1\n")
    table = read_table(path, None, require_label=False, columns=("a", "b"))
    assert table.columns == ("a", "b")
    assert from_image(table.features).tolist() == [[1.0, 2.0], [3.0, 4.0]]
    assert not table.is_labelled


def test_column_that_a_model_needs_is_missed_by_name(csv_file: MakeFile) -> None:
    message = refusal(csv_file("b,y\n2,0\n"), None, require_label=False, columns=("a", "b"))
    assert "there is no column 'a'" in message
