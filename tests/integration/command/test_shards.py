"""`anomalyhive federate --shards` as a user starts it: killed and resumed, refused, shown and audited."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from anomalyhive.chain.localchain import stop_orphans
from anomalyhive.federation.progress import Progress
from anomalyhive.metrics.features import NAMES

from .command import Warm, report_of, weights_of

SAMPLE = Path(__file__).parents[3] / "data" / "ethereum-transactions"
KEPT = ("sent", "received", "sent_micro", "distinct_sent_to", "life", "gap_most")
DROPPED = [word for name in NAMES if name not in KEPT for word in ("--drop", name)]


def on_chunks(folder: Path, run: Path, *more: object) -> list[object]:
    """The arguments of a small federation on the chunks in a folder."""
    chosen = ("--nodes", 2, "--validators", 1, "--rounds", 2, "--era", "2017-03-01:2018-03-31")
    return ["federate", "--shards", folder, "--labels", SAMPLE / "labels.csv", *chosen, *DROPPED, "--run", run, *more]


@pytest.fixture(scope="module")
def whole(warm: Warm, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An undisturbed run."""
    run = tmp_path_factory.mktemp("shards") / "run"
    warm(*on_chunks(SAMPLE, run)).succeeded()
    return run


def test_report_of_chunks_has_the_era_and_the_audit_of_the_rows(whole: Path) -> None:
    report = report_of(whole)
    assert report["audit"]["holds"] is True
    assert report["audit"]["rows"] == 2
    assert report["era"]["days"] == "2017-03-01:2018-03-31"
    assert 0 < report["era"]["rows"] < report["rows"]["test"]
    assert 0 < report["era"]["average_precision"] <= 1
    assert set(report["era"]["pooled"]) == {"average_precision", "roc_auc"}


def test_audit_with_the_chunks_counts_them_again(warm: Warm, whole: Path, tmp_path: Path) -> None:
    warm("audit", whole, "--shards", SAMPLE, "--json", tmp_path / "audit.json").succeeded()
    assert json.loads((tmp_path / "audit.json").read_text())["chunks"] == 10


def test_run_on_chunks_killed_after_its_founding_goes_on_to_the_same_weights(
    warm: Warm, whole: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    with warm.start(*on_chunks(SAMPLE, run)) as running:
        running.until(lambda: (run / "progress.json").is_file())
        running.kill()
    stop_orphans(run / "chain")
    assert len(Progress.read(run / "progress.json").rounds) < 2
    warm(*on_chunks(SAMPLE, run)).succeeded()
    assert weights_of(report_of(run)) == weights_of(report_of(whole))


def test_run_on_chunks_killed_while_it_counts_goes_on_with_what_it_counted(
    warm: Warm, whole: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    with warm.start(*on_chunks(SAMPLE, run)) as running:
        running.until(lambda: len(list(run.glob("counted/*.partial"))) >= 3)
        running.kill()
    assert not (run / "run.json").exists()
    before = {path.name: path.stat().st_ino for path in run.glob("counted/*.partial")}
    warm(*on_chunks(SAMPLE, run)).succeeded()
    after = {path.name: path.stat().st_ino for path in run.glob("counted/*")}
    assert len(after) == 10
    assert {name: after[name] for name in before} == before
    assert weights_of(report_of(run)) == weights_of(report_of(whole))


def test_run_on_chunks_is_not_continued_on_others_or_with_another_era(warm: Warm, whole: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(SAMPLE, tmp_path / "other"))
    next(other.glob("transactions_09_*")).unlink()
    warm(*on_chunks(other, whole)).refused(2, "--shards was", "--data-digest was", "another run")
    warm(*on_chunks(SAMPLE, whole, "--era", "2017-03-01:2018-04-30")).refused(2, "--era was")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--data", "x.csv"], ["--data and --shards exclude each other"]),
        (["--split", "label"], ["--split goes with --data"]),
        (["--missing", "0"], ["--missing goes with --data"]),
        (["--classes", "one"], ["--classes 'one'"]),
        (["--classes", "0,1,2"], ["no row has the class '2'"]),
        (["--classes", "0,2"], ["row", "'1' in the label column is none of 0, 2"]),
        (["--labels", "/nowhere.csv"], ["/nowhere.csv", "No such file"]),
        (["--era", "yesterday"], ["--era 'yesterday'"]),
        (["--shards", "/nowhere"], ["/nowhere is no folder"]),
        (["--label", "fraud"], ["'fraud'"]),
        (["--detectors", "isolation_forest"], ["'isolation_forest' cannot be fitted by sums", "half_space_trees"]),
        (["--detectors", "half_space_trees", "--private"], ["--detectors does not go with --private"]),
        (["--private", "--nodes", "11"], ["--nodes 11", "10 chunks"]),
    ],
)
def test_federate_on_chunks_with_what_does_not_fit_is_refused_and_leaves_nothing(
    warm: Warm, tmp_path: Path, options: list[str], words: list[str]
) -> None:
    warm(*on_chunks(SAMPLE, tmp_path / "run", *options)).refused(2, *words)
    assert not list(tmp_path.iterdir())


def test_federate_on_chunks_with_a_hole_and_a_detector_says_what_is_lacking_and_holds(
    warm: Warm, tmp_path: Path
) -> None:
    folder, run = Path(shutil.copytree(SAMPLE, tmp_path / "chunks")), tmp_path / "run"
    (folder / "transactions_03_3979066_4215239.parquet").unlink()
    (folder / "token_transfers.parquet").unlink()
    done = warm(*on_chunks(folder, run, "--detectors", "half_space_trees")).succeeded()
    assert "no chunk holds the blocks 3979066:4215240" in done.out
    assert "holds no token_transfers.parquet" in done.out
    assert report_of(run)["rows"]["columns"] == len(KEPT) + 1
    warm(*on_chunks(folder, run)).refused(2, "--detectors was ('half_space_trees',) and is now ()")
    address = (SAMPLE / "labels.csv").read_text().split()[5].split(",")[0]
    scored = warm("score", "--run", run, "--address", address).succeeded()
    assert "no chunk holds the blocks 3979066:4215240" in scored.out


@pytest.mark.parametrize("name", ["transactions_05_4902007_5659527.parquet", "token_transfers.parquet"])
def test_federate_on_a_damaged_chunk_names_the_file(warm: Warm, tmp_path: Path, name: str) -> None:
    folder = Path(shutil.copytree(SAMPLE, tmp_path / "chunks"))
    (folder / name).chmod(0o644)
    (folder / name).write_bytes(b"PAR1 and then nothing that a reader knows")
    warm(*on_chunks(folder, tmp_path / "run")).refused(2, name)
    assert not (tmp_path / "run").exists()


def test_federate_on_a_chunk_named_by_other_blocks_than_it_holds_is_refused(warm: Warm, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(SAMPLE, tmp_path / "chunks"))
    (folder / "transactions_05_4902007_5659527.parquet").rename(folder / "transactions_05_4902007_5000000.parquet")
    warm(*on_chunks(folder, tmp_path / "run")).refused(2, "4902007:5000001", "name the file by the blocks")
    assert not (tmp_path / "run").exists()
