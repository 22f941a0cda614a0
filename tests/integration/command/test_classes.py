"""Labels of other sets as they are: two or several named classes, from the table to verdict, category and reasons."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from .command import Warm

TOKENS, KINDS = 240, ("bridge", "exchange", "mining")


@pytest.fixture(scope="module")
def tokens(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table like the rug-pull tokens: id, Label TRUE or FALSE, decimals; FALSE is rare and holds less."""
    random = np.random.default_rng(2)
    path = tmp_path_factory.mktemp("tokens") / "tokens.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("id", "Label", "mint_count_per_week", "lp_creator_holding_ratio", "lp_avg"))
        for row in range(TOKENS):
            good = row % 5 == 0
            numbers = (random.gamma(2, 9), random.beta(1, 9) if good else random.beta(9, 2), random.random())
            writer.writerow((f"0x{row:040x}", "FALSE" if good else "TRUE", *(f"{one:.9f}" for one in numbers)))
    return path


@pytest.fixture(scope="module")
def accounts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table of accounts with a kind, or without."""
    random = np.random.default_rng(3)
    path = tmp_path_factory.mktemp("accounts") / "accounts.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("address", "kind", "received", "sent", "partners"))
        for row in range(400):
            kind = random.integers(0, 4)
            numbers = random.poisson([5 + 40 * (kind == 1), 5 + 60 * (kind == 2), 5 + 50 * (kind == 3)])
            writer.writerow((f"0x{row:040x}", ("", *KINDS)[kind], *numbers))
    return path


@pytest.fixture(scope="module")
def kinds_run(warm: Warm, accounts: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of three nodes on the accounts, cut by label, whose last round calibrates."""
    run = tmp_path_factory.mktemp("kinds") / "run"
    options = ("--label", "kind", "--id", "address", "--classes", "all", "--learner", "classify", "--split", "label")
    sizes = ("--nodes", 3, "--validators", 2, "--rounds", 4, "--param", "candidates=48", "--param", "held=4")
    done = warm("federate", "--data", accounts, "--run", run, *options, *sizes)
    done.succeeded()
    assert "Reliability" in done.out
    assert "unknown" in done.out
    return run


def scored(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_federate_on_several_classes_reports_each_and_the_lineage_holds(kinds_run: Path) -> None:
    report = json.loads((kinds_run / "report.json").read_text())
    assert report["audit"]["holds"]
    assert [one["name"] for one in report["classes"]["classes"]] == ["unknown", *KINDS]
    assert sum(map(sum, report["classes"]["confusion"])) == report["rows"]["test"]
    assert report["classes"]["macro_average_precision"] > 0.8
    assert sum(one["rows"] for one in report["calibration"]["reliability"]) == report["rows"]["test"]
    assert report["calibration"]["brier"] < report["calibration"]["brier_of_base_rate"]


def test_score_of_several_classes_names_category_verdict_and_reasons(
    warm: Warm, kinds_run: Path, accounts: Path, tmp_path: Path
) -> None:
    out = tmp_path / "scores.csv"
    done = warm("score", "--run", kinds_run, "--data", accounts, "--out", out, "--reasons", 2, "--precision", "0.9")
    done.succeeded()
    assert "by a threshold chosen on" in done.out
    rows, truth = scored(out), [row["kind"] or "unknown" for row in scored(accounts)]
    assert sum(row["category"] == kind for row, kind in zip(rows, truth, strict=True)) > 300
    assert {row["verdict"] for row in rows} == {"unknown", "not unknown"}
    assert all(0 <= float(row["category_probability"]) <= 1 for row in rows)
    assert all("% of accounts (" in row["reasons"] and row["reasons"].count(";") <= 1 for row in rows)


def test_federate_on_true_and_false_learns_the_class_that_is_named_second(
    warm: Warm, tokens: Path, tmp_path: Path
) -> None:
    run, out = tmp_path / "run", tmp_path / "scores.csv"
    sizes = ("--nodes", 2, "--validators", 1, "--rounds", 2)
    warm(
        "federate", "--data", tokens, "--label", "Label", "--classes", "TRUE,FALSE", "--id", "id", "--run", run, *sizes
    ).succeeded()
    report = json.loads((run / "report.json").read_text())
    assert report["rounds"][-1]["average_precision"] > 0.8
    assert [one["name"] for one in report["classes"]["classes"]] == ["TRUE", "FALSE"]
    warm("score", "--run", run, "--data", tokens, "--out", out, "--false-positive-rate", "0.05").succeeded()
    called = [row["verdict"] for row in scored(out)]
    assert 30 < called.count("FALSE") < 70
    assert set(called) == {"TRUE", "FALSE"}
    warm(
        "score", "--run", run, "--data", tokens, "--out", out, "--precision", "1/2", "--false-positive-rate", "0"
    ).refused(2, "give one")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--classes", "all"), ("4 classes", "--learner classify")),
        (("--classes", "all", "--learner", "classify", "--private"), ("--private", "classify")),
        (("--classes", "bridge,exchange"), ("row", "none of bridge, exchange")),
        (("--classes", "bridge"), ("--classes", "'bridge'")),
        ((), ("is no label", "--classes")),
    ],
)
def test_federate_refuses_classes_that_it_cannot_learn(
    warm: Warm, accounts: Path, tmp_path: Path, options: tuple[str, ...], words: tuple[str, ...]
) -> None:
    run = tmp_path / "run"
    warm("federate", "--data", accounts, "--label", "kind", "--id", "address", "--run", run, *options).refused(
        2, *words
    )
    assert not run.exists()
