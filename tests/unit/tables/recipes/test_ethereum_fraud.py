"""The bundled accounts: figures of the file, and each leak shut."""

from __future__ import annotations

import csv
import gzip
import math
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from anomalyhive.core.features import from_image
from anomalyhive.errors import BadTable
from anomalyhive.tables import Table, hold_out, read_table, write_table
from anomalyhive.tables.groups import groups_of
from anomalyhive.tables.recipes import ethereum_fraud as recipe

from ..conftest import make_table

SAMPLE = Path(__file__).parents[3] / "data" / "accounts-400.csv"


@pytest.fixture(scope="module")
def raw() -> list[dict[str, str]]:
    """The file as it is, one mapping a row; names without the spaces around them."""
    with gzip.open(recipe.PATH, "rt", encoding="utf-8", newline="") as file:
        return [{name.strip(): cell for name, cell in row.items()} for row in csv.DictReader(file)]


@pytest.fixture(scope="module")
def table() -> Table:
    return recipe.load()


def test_file_has_the_rows_that_its_readme_counts(raw: list[dict[str, str]]) -> None:
    assert len(raw) == 7833
    assert sum(row["FLAG"] == "1" for row in raw) == 1707
    assert len({row["Address"] for row in raw}) == 7833 - 23
    assert len(raw[0]) == 51


def test_clean_table_has_the_rows_that_the_readme_counts(table: Table) -> None:
    assert table.features.shape == (7402, 38)
    assert int(table.labels.sum()) == 1301
    assert len(set(table.ids or ())) == 7402
    assert all(name == name.strip() for name in table.columns)


def test_absence_tells_the_label_and_becomes_zero(raw: list[dict[str, str]], table: Table) -> None:
    erc20 = [name for name in raw[0] if "ERC20" in name and name not in recipe.TOKEN_NAMES]
    absent = [row for row in raw if not row["Total ERC20 tnxs"]]
    assert len(absent) == 651
    assert {row["FLAG"] for row in absent} == {"1"}
    assert all(not row[name] for row in absent for name in erc20)
    assert all(row[name] for row in raw if row not in absent for name in erc20)
    kept = [table.columns.index(name) for name in erc20 if name in table.columns]
    assert len(kept) == len(erc20) - len(recipe.CONSTANT) == 16
    places = {name: i for i, name in enumerate(table.ids or ())}
    rows = [places[row["Address"]] for row in absent if row["Address"] in places]
    assert rows
    assert not from_image(table.features[rows])[:, kept].any()
    others = (from_image(table.features)[:, kept] == 0).all(axis=1) & (table.labels == 0)
    assert others.sum() > 1000  # honest accounts look the same there, so zero tells no label


def test_columns_that_identify_are_no_features(raw: list[dict[str, str]], table: Table) -> None:
    assert not set(table.columns) & {*recipe.ROW_NUMBERS, *recipe.TOKEN_NAMES, *recipe.CONSTANT, "Address", "FLAG"}
    assert len(raw[0]) - len(table.columns) == 2 + 2 + 7 + 1 + 1
    last_honest = max(int(row[""]) for row in raw if row["FLAG"] == "0")
    assert all(int(row[""]) > last_honest for row in raw if row["FLAG"] == "1")  # why the row number must go


def test_dropped_constants_are_constant_and_no_feature_is(raw: list[dict[str, str]], table: Table) -> None:
    assert {float(row[name] or 0) for row in raw for name in recipe.CONSTANT} == {0.0}
    assert all(len(np.unique(column)) > 1 for column in table.features.T)


def test_missing_token_name_tells_the_label(raw: list[dict[str, str]]) -> None:
    shares = [[not row[recipe.TOKEN_NAMES[1]] for row in raw if row["FLAG"] == flag].count(True) for flag in ("0", "1")]
    assert shares == [20, 651]


def test_no_two_rows_have_the_same_features_or_address(table: Table) -> None:
    assert len(np.unique(table.features, axis=0)) == 7402
    assert len(groups_of(table, 0, "test")) == 7402


def test_values_are_those_of_the_file(raw: list[dict[str, str]], table: Table) -> None:
    by_address = {row["Address"]: row for row in raw}
    numbers = from_image(table.features)
    for place, address in enumerate(table.ids or ()):
        row = by_address[address]
        assert int(row["FLAG"]) == table.labels[place]
        assert all(
            math.isclose(float(row[name] or 0), value, rel_tol=0)
            for name, value in zip(table.columns, numbers[place], strict=True)
        )


def test_distinct_rows_keeps_the_lowest_id_and_drops_what_disagrees() -> None:
    table = make_table([[1], [1], [2], [3], [3]], [1, 1, 0, 0, 1], ["z", "b", "c", "d", "e"])
    kept = recipe.distinct_rows(table)
    assert kept.ids == ["b", "c"]
    assert kept.labels.tolist() == [1, 0]


def test_written_csv_reads_back_as_the_table(table: Table, tmp_path: Path) -> None:
    path = tmp_path / "clean.csv"
    recipe.write_csv(path)
    back = read_table(path, "FLAG", "Address")
    assert (back.ids, back.columns) == (table.ids, table.columns)
    assert np.array_equal(back.features, table.features)
    assert np.array_equal(back.labels, table.labels)


def test_missing_file_is_named_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(BadTable, match=r"no\.csv\.gz is missing: run from a clone"):
        recipe.load(tmp_path / "no.csv.gz")


def test_other_bytes_are_refused_with_their_hash(tmp_path: Path) -> None:
    other = tmp_path / "transactions_dataset.csv.gz"
    content = bytearray(recipe.PATH.read_bytes())
    content[4] ^= 1  # the time in the gzip header: the table would be the same, the file is not
    other.write_bytes(content)
    with pytest.raises(BadTable, match=f"has sha256 [0-9a-f]{{64}} instead of {recipe.SHA256}"):
        recipe.load(other)


def test_committed_sample_is_what_its_readme_says(table: Table, tmp_path: Path) -> None:
    again = tmp_path / "again.csv"
    write_table(table.take(hold_out(table, Fraction(400, 7402), seed=0).test), again, "FLAG", "Address")
    assert again.read_bytes() == SAMPLE.read_bytes()
    sample = read_table(SAMPLE, "FLAG", "Address")
    assert (len(sample), int(sample.labels.sum())) == (400, 70)
