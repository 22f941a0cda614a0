"""`anomalyhive score`: an id and a probability for every row, from the content of a model alone."""

from __future__ import annotations

import csv
import gzip
import shutil
from pathlib import Path
from typing import Any

import pytest

from anomalyhive.content.directory import DirectoryStore
from anomalyhive.content.kinds import Model, Spec, Weights
from anomalyhive.core.learners import get_learner
from anomalyhive.evaluation.scoring import decimal_text, score_table
from anomalyhive.tables import read_table

from .command import ACCOUNTS, Warm, anomalyhive, report_of


@pytest.fixture(scope="module")
def report(finished: Path) -> dict[str, Any]:
    return report_of(finished)


def expected(run: Path, digest: str) -> list[tuple[str, str]]:
    """What the library says of the accounts."""
    store = DirectoryStore(run / "store", read_only=True)
    model = Model.fetch(store, bytes.fromhex(digest))
    spec, weights = Spec.fetch(store, model.spec), Weights.fetch(store, model.weights)
    table = read_table(ACCOUNTS, None, "Address", require_label=False, columns=spec.columns)
    found = score_table(get_learner(weights.learner), weights.state, spec.columns, table)
    return list(zip(table.ids or (), map(decimal_text, found.tolist()), strict=True))


def scores(path: Path) -> list[tuple[str, str]]:
    """The rows of a file of scores."""
    with path.open(newline="") as file:
        header, *rows = csv.reader(file)
    assert header == ["id", "probability"]
    return [(name, probability) for name, probability in rows]


def test_score_with_the_latest_model_has_every_row_as_the_library_scores_it(
    finished: Path, report: dict[str, Any], tmp_path: Path
) -> None:
    out = tmp_path / "scores.csv"
    anomalyhive("score", "--run", finished, "--data", ACCOUNTS, "--out", out).succeeded()
    assert len(scores(out)) == 400
    assert scores(out) == expected(finished, report["rounds"][-1]["model"])
    assert all(0 < float(probability) < 1 for _, probability in scores(out))
    assert len({probability for _, probability in scores(out)}) > 2


@pytest.mark.parametrize("prefix", ["", "0x"])
def test_score_with_an_earlier_model_is_that_models(
    warm: Warm, finished: Path, report: dict[str, Any], tmp_path: Path, prefix: str
) -> None:
    first, last = (report["rounds"][at]["model"] for at in (0, -1))
    out = tmp_path / "scores.csv"
    warm("score", "--run", finished, "--data", ACCOUNTS, "--out", out, "--model", prefix + first).succeeded()
    assert scores(out) == expected(finished, first)
    assert scores(out) != expected(finished, last)


def test_score_of_a_table_without_label_in_another_order_and_with_more_columns_is_the_same(
    warm: Warm, finished: Path, report: dict[str, Any], tmp_path: Path
) -> None:
    with ACCOUNTS.open(newline="") as file:
        rows = list(csv.DictReader(file))
    columns = [name for name in reversed(rows[0]) if name != "FLAG"]
    with gzip.open(tmp_path / "new.csv.gz", "wt", newline="") as file:
        writer = csv.DictWriter(file, [*columns, "remark"], extrasaction="ignore")
        writer.writeheader()
        writer.writerows({**row, "remark": "text, not a number"} for row in reversed(rows))
    out = tmp_path / "scores.csv"
    warm("score", "--run", finished, "--data", tmp_path / "new.csv.gz", "--out", out).succeeded()
    assert scores(out) == expected(finished, report["rounds"][-1]["model"])[::-1]


def test_score_with_nothing_but_the_store_and_the_settings_needs_no_chain_and_no_keys(
    warm: Warm, finished: Path, report: dict[str, Any], tmp_path: Path
) -> None:
    run = tmp_path / "run"
    shutil.copytree(finished / "store", run / "store")
    shutil.copy(finished / "run.json", run)
    out = tmp_path / "scores.csv"
    last = report["rounds"][-1]["model"]
    warm("score", "--run", run, "--data", ACCOUNTS, "--out", out, "--model", last).succeeded()
    assert scores(out) == expected(finished, last)
    warm("score", "--run", run, "--data", ACCOUNTS, "--out", out).refused(2, "no final round", "--model")


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("abcd", ["'abcd'", "64 hexadecimal digits"]),
        ("zz" * 32, ["zz", "64 hexadecimal digits"]),
        ("00" * 32, ["00" * 32, "no model of"]),
        ("weights", ["no model of"]),
    ],
)
def test_score_with_what_is_no_model_names_those_there_are(
    warm: Warm, finished: Path, report: dict[str, Any], tmp_path: Path, model: str, words: list[str]
) -> None:
    last = report["rounds"][-1]
    named = last["weights"] if model == "weights" else model
    out = tmp_path / "scores.csv"
    done = warm("score", "--run", finished, "--data", ACCOUNTS, "--out", out, "--model", named)
    done.refused(2, *words)
    assert ("hexadecimal" in done.err) or (last["model"] in done.err)
    assert not out.exists()


def test_score_of_bad_data_names_what_is_wrong_and_writes_nothing(warm: Warm, finished: Path, tmp_path: Path) -> None:
    lines = ACCOUNTS.read_text().splitlines()
    (tmp_path / "fewer.csv").write_text("\n".join(line.partition(",")[2] for line in lines) + "\n")
    (tmp_path / "narrow.csv").write_text("Address,Sent tnx\na,1\n")
    (tmp_path / "gap.csv").write_text("\n".join([lines[0], "b" + "," * lines[0].count(",")]) + "\n")
    (tmp_path / "empty.csv").write_text("")
    for name, words in (
        ("fewer.csv", ["'Address'"]),
        ("narrow.csv", ["narrow.csv", "there is no column"]),
        ("gap.csv", ["row 2", "no value", "--missing"]),
        ("empty.csv", ["empty.csv is empty"]),
        ("nowhere.csv", ["nowhere.csv"]),
    ):
        done = warm("score", "--run", finished, "--data", tmp_path / name, "--out", tmp_path / "scores.csv")
        done.refused(2, *words)
        assert not (tmp_path / "scores.csv").exists()
    done = warm("score", "--run", finished, "--data", tmp_path / "gap.csv", "--out", tmp_path / "o.csv", "--missing", 0)
    done.succeeded()
    assert [name for name, _ in scores(tmp_path / "o.csv")] == ["b"]


def test_score_into_what_cannot_be_written_is_refused(warm: Warm, finished: Path, tmp_path: Path) -> None:
    data = tmp_path / "accounts.csv"
    shutil.copy(ACCOUNTS, data)
    for out, words in (
        (tmp_path, ["is a directory"]),
        (Path("/dev/null/scores.csv"), ["/dev/null/scores.csv"]),
        (data, ["overwritten"]),
        (tmp_path / "none" / "scores.csv", ["none"]),
    ):
        warm("score", "--run", finished, "--data", data, "--out", out).refused(2, *words)
    assert data.read_bytes() == ACCOUNTS.read_bytes()


def test_score_in_a_folder_that_is_no_run_is_refused(warm: Warm, tmp_path: Path) -> None:
    for run in (tmp_path, tmp_path / "none"):
        warm("score", "--run", run, "--data", ACCOUNTS, "--out", tmp_path / "o.csv").refused(
            2, "not the folder of a run"
        )


def test_score_in_a_run_with_a_damaged_block_names_it(
    warm: Warm, finished: Path, report: dict[str, Any], tmp_path: Path
) -> None:
    run = tmp_path / "run"
    shutil.copytree(finished, run)
    store = DirectoryStore(run / "store")
    weights = report["rounds"][-1]["weights"]
    (file,) = (store.file_of(*link) for link in store.digests() if link.digest.hex() == weights)
    file.chmod(0o600)
    file.write_bytes(file.read_bytes()[:-1])
    out = tmp_path / "o.csv"
    warm("score", "--run", run, "--data", ACCOUNTS, "--out", out).refused(1, weights, "corrupt")
    file.unlink()
    warm("score", "--run", run, "--data", ACCOUNTS, "--out", out).refused(1, weights, "restore it")
    assert not out.exists()
