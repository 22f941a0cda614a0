"""Layout: names in the header against names that the user gives."""

from __future__ import annotations

from pathlib import Path

import pytest

from anomalyhive.errors import BadTable
from anomalyhive.tables.layout import MAX_NAME, Layout, match_column, plan_layout

FILE = Path("accounts.csv")


def refusal(header: list[str], label: str | None = None, row_id: str | None = None, drop: tuple[str, ...] = ()) -> str:
    with pytest.raises(BadTable) as caught:
        plan_layout(FILE, header, label, row_id, drop, None)
    return str(caught.value)


def test_features_are_all_columns_without_another_part() -> None:
    layout = plan_layout(FILE, ["", "who", "a", "y", " b "], "y", "who", [""], None)
    assert layout == Layout(width=5, names=("a", " b "), positions=(2, 4), label_at=3, id_at=1)


def test_exact_name_goes_before_one_with_spaces() -> None:
    assert match_column([" a", "a"], "a") == 1
    assert match_column([" a", "a"], " a") == 0
    assert match_column([" a"], "a ") == 0


def test_name_that_fits_two_columns_but_for_spaces_fits_none() -> None:
    assert match_column([" a", "a "], "a") is None


def test_missing_label_is_named_with_close_matches_and_all_columns() -> None:
    message = refusal(["Address", "FLAG", "flagged", "x"], "flag")
    assert message == (
        "accounts.csv: there is no column 'flag': did you mean 'FLAG' or 'flagged'? "
        "the columns are 'Address', 'FLAG', 'flagged', 'x'"
    )


def test_long_list_of_columns_is_cut() -> None:
    message = refusal([f"c{i}" for i in range(100)], "label")
    assert "'c59', …" in message
    assert "'c60'" not in message


@pytest.mark.parametrize("options", [{"row_id": "who"}, {"drop": ("who",)}])
def test_unknown_id_and_unknown_drop_are_refused(options: dict) -> None:
    assert "there is no column 'who'" in refusal(["a", "y"], "y", **options)


def test_two_columns_of_one_name_are_refused_with_their_places() -> None:
    assert "columns 1 and 3 are both named 'a'" in refusal(["a", "y", "a"], "y")
    assert "columns 1 and 2 are both named ''" in refusal(["", "", "y"], "y")


def test_one_column_cannot_play_two_parts() -> None:
    assert "'y' cannot be both label and id" in refusal(["a", "y"], "y", "y")
    assert "'y' is the label: it cannot be dropped" in refusal(["a", "y"], "y", drop=("y",))
    assert "'i' is the id: it cannot be dropped" in refusal(["i", "a", "y"], "y", "i", drop=("i",))


def test_no_feature_left_is_refused() -> None:
    assert "no column is left to learn from" in refusal(["i", "a", "y"], "y", "i", drop=("a",))


def test_endless_column_name_is_refused() -> None:
    plan_layout(FILE, ["a" * MAX_NAME, "y"], "y", None, (), None)
    assert f"has {MAX_NAME + 1} characters" in refusal(["a" * (MAX_NAME + 1), "y"], "y")


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_other_separators_are_recognised(separator: str) -> None:
    assert f"no comma but {separator!r}" in refusal([f"a{separator}y"], "y")
