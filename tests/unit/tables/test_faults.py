"""Faults: one message names every column in question and what to do."""

from __future__ import annotations

import pytest

from anomalyhive.errors import BadTable
from anomalyhive.tables import faults, read_table

from .conftest import MakeFile


def refusal(path: object) -> str:
    with pytest.raises(BadTable) as caught:
        read_table(path, "y")  # type: ignore[arg-type]  # a path
    return str(caught.value).removeprefix(str(path))


@pytest.mark.parametrize(
    ("cell", "what", "advice"),
    [
        ("", "'' is no value", "--missing 0"),
        ("NaN", "'NaN' is no value", "--missing 0"),
        ("-inf", "'-inf' is infinity", "finite number or remove the row"),
        ("1e999", "'1e999' is a number beyond float64", "smaller number or remove the row"),
    ],
)
def test_bad_number_is_named_with_row_column_and_advice(csv_file: MakeFile, cell: str, what: str, advice: str) -> None:
    message = refusal(csv_file(f"a,b c,y\n1,2,0\n1,{cell},1\n"))
    assert message.startswith(f", row 3, column 'b c': {what}")
    assert message.endswith(advice) or advice in message


def test_columns_with_text_are_named_together_with_options_to_drop_them(csv_file: MakeFile) -> None:
    message = refusal(csv_file("who,a,it's,y\nx,,1,0\nx,1,2,1\nx,1,two,1\n"))
    assert message == (
        ": column 'who' holds text ('x' in row 2), column \"it's\" holds text ('two' in row 4): only numbers can be "
        "learned from: correct the cells, or leave them out with --drop who --drop 'it'\"'\"'s'"
    )


def test_number_faults_count_the_other_columns(csv_file: MakeFile) -> None:
    message = refusal(csv_file("a,b,c,y\n1,,3,0\n,1,2,1\n1,inf,2,1\n"))
    assert message.startswith(", row 2, column 'b': '' is no value (so in 2 columns)")


def test_reading_on_for_faults_has_an_end(csv_file: MakeFile, monkeypatch: pytest.MonkeyPatch) -> None:
    path = csv_file("a,b,y\n" + "x,1,0\n" * 4 + "1,x,0\n")
    assert "'b'" in refusal(path)
    monkeypatch.setattr(faults, "READ_ON", 3)
    assert "'b'" not in refusal(path)
