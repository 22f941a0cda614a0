"""Labels that are names of classes."""

from __future__ import annotations

from pathlib import Path

import pytest

from anomalyhive.errors import BadSetting, BadTable
from anomalyhive.tables.classes import ALL, parse_classes
from anomalyhive.tables.csvfile import read_table
from anomalyhive.tables.holdout import hold_out

ROWS = "id,amount,kind\na,1,mining\nb,2,\nc,3,exchange\nd,4,mining \ne,5,N/A\n"


def table(folder: Path, text: str = ROWS) -> Path:
    path = folder / "t.csv"
    path.write_text(text)
    return path


def test_read_table_of_all_classes_orders_names_with_unknown_first(tmp_path: Path) -> None:
    found = read_table(table(tmp_path), "kind", "id", classes=(ALL,))
    assert found.classes == ("unknown", "exchange", "mining")
    assert found.labels.tolist() == [2, 0, 1, 2, 0]
    assert found.rows().classes == found.label_classes == 3
    assert found.take([0, 1]).classes == found.classes


def test_read_table_of_listed_classes_keeps_their_order(tmp_path: Path) -> None:
    found = read_table(table(tmp_path), "kind", "id", classes=("mining", "exchange", "unknown"))
    assert found.labels.tolist() == [0, 2, 1, 0, 2]


def test_read_table_of_two_names_makes_the_second_class_1(tmp_path: Path) -> None:
    path = table(tmp_path, "a,Label\n1,True\n2,False\n3,True\n")
    assert read_table(path, "Label", classes=("True", "False")).labels.tolist() == [0, 1, 0]
    assert read_table(path, "Label").labels.tolist() == [1, 0, 1]


def test_read_table_refuses_a_class_that_is_not_listed_by_row_and_name(tmp_path: Path) -> None:
    with pytest.raises(BadTable, match="row 4: 'exchange' in the label column is none of mining, unknown"):
        read_table(table(tmp_path), "kind", "id", classes=("mining", "unknown"))


def test_read_table_refuses_a_listed_class_without_rows(tmp_path: Path) -> None:
    with pytest.raises(BadTable, match="no row has the class 'bridge'"):
        read_table(table(tmp_path), "kind", "id", classes=("mining", "unknown", "exchange", "bridge"))


def test_read_table_refuses_too_many_and_too_few_classes(tmp_path: Path) -> None:
    many = "a,kind\n" + "".join(f"{i},k{i}\n" for i in range(65))
    with pytest.raises(BadTable, match="65 different classes"):
        read_table(table(tmp_path, many), "kind", classes=(ALL,))
    with pytest.raises(BadTable, match="1 different classes"):
        read_table(table(tmp_path, "a,kind\n1,x\n"), "kind", classes=(ALL,))
    with pytest.raises(BadTable, match="300 characters"):
        read_table(table(tmp_path, f"a,kind\n1,{'x' * 300}\n2,y\n"), "kind", classes=(ALL,))


@pytest.mark.parametrize("text", ["", "one", "a,a", "a,,b", ",".join(f"k{i}" for i in range(65))])
def test_parse_classes_refuses_what_is_no_list_of_names(text: str) -> None:
    with pytest.raises(BadSetting, match="--classes"):
        parse_classes(text)


def test_parse_classes_takes_names_and_all() -> None:
    assert parse_classes("b, a") == ("b", "a")
    assert parse_classes("all") == (ALL,)


def test_hold_out_of_several_classes_takes_its_share_of_each(tmp_path: Path) -> None:
    text = "a,kind\n" + "".join(f"{i},{'xyz'[i % 3]}\n" for i in range(90))
    found = read_table(table(tmp_path, text), "kind", classes=(ALL,))
    sides = hold_out(found, "0.2", 1)
    assert [int((found.labels[sides.test] == label).sum()) for label in range(3)] == [6, 6, 6]
    with pytest.raises(BadSetting, match="leaves no row of class 'x'"):
        hold_out(found.take([0, 1, 2, 4, 5, 7, 8, 10, 11]), "0.4", 1)
