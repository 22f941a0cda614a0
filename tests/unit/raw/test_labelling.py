"""A list of labelled accounts, and who is kept apart."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from anomalyhive.errors import BadSetting, BadTable
from anomalyhive.raw.labelling import kept_apart, labels_of, read_labels
from anomalyhive.tables.classes import ALL

ACCOUNTS = [f"0x{number:040x}" for number in range(400)]


def written(folder: Path, rows: list[str], header: str = "address,flag") -> Path:
    path = folder / "labels.csv"
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


def test_read_labels_takes_addresses_in_any_case_and_sets_aside_what_is_none(tmp_path: Path) -> None:
    rows = [f"{name.upper().replace('X', 'x')},{number % 2}" for number, name in enumerate(ACCOUNTS)]
    found = read_labels(written(tmp_path, [*rows, f"0x{'ab' * 32},1", rows[3]]), "flag", None)
    assert found.labels == {name: number % 2 for number, name in enumerate(ACCOUNTS)}
    assert len(found.strange) == 1
    assert "row 402" in found.strange[0]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([f"{ACCOUNTS[0]},0", f"{ACCOUNTS[1]},2"], ["row 3", "'2' is no label"]),
        ([f"{ACCOUNTS[0]},0", f"{ACCOUNTS[0]},1"], ["row 3", ACCOUNTS[0], "another one before"]),
        ([f"{ACCOUNTS[0]},1", f"{ACCOUNTS[1]},1"], ["both labels"]),
        ([f"{ACCOUNTS[0]},1", "Alice,0"], ["row 3", "'Alice' is no address", "--id"]),
    ],
)
def test_read_labels_refuses_what_cannot_be_and_names_it(tmp_path: Path, rows: list[str], words: list[str]) -> None:
    with pytest.raises(BadTable) as refused:
        read_labels(written(tmp_path, rows), "flag", None)
    assert all(word in str(refused.value) for word in words)


KINDS = ("exchange", "", "mining")
NAMED = [f"{name},{KINDS[number % 3]}" for number, name in enumerate(ACCOUNTS)]


def test_read_labels_with_classes_numbers_the_names_of_the_file_or_those_listed(tmp_path: Path) -> None:
    path = written(tmp_path, NAMED, "address,category")
    found = read_labels(path, "category", None, (ALL,))
    assert found.classes == ("unknown", "exchange", "mining")
    assert [found.labels[name] for name in ACCOUNTS[:4]] == [1, 0, 2, 1]
    listed = read_labels(path, "category", None, ("mining", "exchange", "unknown"))
    assert listed.classes == ("mining", "exchange", "unknown")
    assert [listed.labels[name] for name in ACCOUNTS[:4]] == [1, 2, 0, 1]
    assert labels_of(listed.labels, lambda name: name == ACCOUNTS[2], listed.classes).classes == listed.classes


@pytest.mark.parametrize(
    ("rows", "classes", "words"),
    [
        (["", *NAMED], ("exchange", "mining"), ["row 4", "'unknown'", "none of exchange, mining"]),
        (NAMED, ("exchange", "mining", "unknown", "bridge"), ["no row has the class 'bridge'"]),
        ([*NAMED, f"{ACCOUNTS[0]},mining"], (ALL,), ["row 402", "'mining'", "'exchange' in row 2"]),
        ([*NAMED, f"{ACCOUNTS[0]},{'x' * 300}"], (ALL,), ["row 402", "300 characters"]),
        ([f"{name},one" for name in ACCOUNTS], (ALL,), ["1 different classes"]),
        (NAMED, (), ["row 2", "'exchange' is no label", "--classes"]),
    ],
)
def test_read_labels_refuses_classes_that_cannot_be_and_names_the_row(
    tmp_path: Path, rows: list[str], classes: tuple[str, ...], words: list[str]
) -> None:
    with pytest.raises(BadTable) as refused:
        read_labels(written(tmp_path, rows, "address,category"), "category", None, classes)
    assert all(word in str(refused.value) for word in words), str(refused.value)


def test_kept_apart_is_decided_for_each_account_by_itself_and_shares_do_not_overlap() -> None:
    fifth = Fraction(1, 5)
    first, second = (kept_apart("x", fifth, 7, fifth * place) for place in (0, 1))
    chosen = [{name for name in ACCOUNTS if is_chosen(name)} for is_chosen in (first, second)]
    assert not chosen[0] & chosen[1]
    assert all(50 < len(one) < 110 for one in chosen)
    assert {name for name in ACCOUNTS if kept_apart("x", fifth, 8)(name)} != chosen[0]
    assert not [name for name in ACCOUNTS if kept_apart("x", Fraction(0), 7)(name)]


def test_labels_of_are_ascending_and_of_the_chosen_alone() -> None:
    labelled = {name: number % 2 for number, name in enumerate(reversed(ACCOUNTS))}
    labels = labels_of(labelled, lambda name: name < ACCOUNTS[5])
    assert labels.accounts == tuple(ACCOUNTS[:5])
    assert labels.labels.tolist() == [labelled[name] for name in ACCOUNTS[:5]]
    with pytest.raises(BadSetting, match="no labelled account"):
        labels_of(labelled, lambda _: False)
