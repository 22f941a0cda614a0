"""A list of labelled accounts, and who is kept apart."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from anomalyhive.errors import BadSetting, BadTable
from anomalyhive.raw.labelling import kept_apart, labels_of, read_labels

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
