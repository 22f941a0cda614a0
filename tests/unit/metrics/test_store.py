"""From a folder of raw tables to a store, by the command."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.unit.metrics.conftest import SAMPLE

from anomalyhive.cli import run
from anomalyhive.errors import BadInput
from anomalyhive.metrics.chunks import Chunk
from anomalyhive.metrics.computing import bucket_rows
from anomalyhive.metrics.engines import Engine, engine_named
from anomalyhive.metrics.features import NAMES, rows
from anomalyhive.metrics.partial import partials
from anomalyhive.metrics.store import open_store, read_store

KNOWN = "0x6860e0f9f67b346034095a52665b0f85bd884691"


def digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("store")
    labels = str(SAMPLE / "labels.csv")
    code = run(["metrics", "--in", str(SAMPLE), "--out", str(folder), "--accounts", labels, "--buckets", "3"])
    assert code == 0
    return folder


def test_store_holds_the_rows_of_all_events_at_once(
    store: Path, sample: list[Chunk], sample_events: pa.Table, polars_engine: Engine
) -> None:
    found = read_store(store)
    whole = partials(polars_engine, sample_events, sample[0].start, sample[-1].stop).of(found.addresses)
    expected = rows(whole)
    assert len(found.addresses) == 400
    assert found.addresses == expected.addresses
    assert found.units == expected.units
    assert np.array_equal(found.features, expected.features)


def test_store_of_the_same_folder_has_the_same_bytes(store: Path, tmp_path: Path) -> None:
    labels = str(SAMPLE / "labels.csv")
    arguments = ["metrics", "--in", str(SAMPLE), "--out", str(tmp_path / "again"), "--accounts", labels]
    assert run([*arguments, "--buckets", "3", "--engine", "polars"]) == 0
    assert digests(tmp_path / "again") == digests(store)


@pytest.mark.parametrize("name", ["spark", "dask"])
def test_chunk_that_an_engine_spreads_gives_the_rows_of_batches(name: str, sample: list[Chunk], tmp_path: Path) -> None:
    found = next(bucket_rows(engine_named(name), sample[:1], 1, tmp_path, batch=300))
    expected = next(bucket_rows(engine_named("duckdb"), sample[:1], 1, tmp_path, batch=450))
    assert found.addresses == expected.addresses
    assert np.array_equal(found.features, expected.features)


def test_metrics_of_an_address_shows_value_and_unit(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["metrics", "--out", str(store), "--address", KNOWN]) == 0
    printed = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["sent_micro", "100,998,534", "microether"] in printed
    shown = {line[0]: (line[1], " ".join(line[2:])) for line in printed if len(line) > 2}
    assert [name for name in NAMES if name not in shown] == []
    assert all(int(shown[name][0].replace(",", "")) >= 0 and shown[name][1] for name in NAMES)
    assert shown["distinct_sent_to"][1] == "about as many counterparties"
    assert run(["metrics", "--out", str(store), "--address", KNOWN.upper()]) == 0
    assert [line.split() for line in capsys.readouterr().out.splitlines()] == printed


def test_metrics_of_an_address_that_is_not_there_is_refused(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["metrics", "--out", str(store), "--address", "0x" + "0" * 40]) == 2
    assert "has no address" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "nothing to do"),
        (["--address", "0x12"], "give 0x and 40 hexadecimal digits"),
        (["--address", f"{KNOWN}\n"], "give 0x and 40 hexadecimal digits"),
        (["--address", ""], "give 0x and 40 hexadecimal digits"),
        (["--in", "nowhere"], "nowhere is no folder"),
        (["--in", str(SAMPLE), "--engine", "pandas"], "'pandas' is unknown"),
        (["--in", str(SAMPLE), "--buckets", "0"], "--buckets 0"),
        (["--in", str(SAMPLE), "--detectors", "svm"], "there is no detector 'svm'"),
        (["--in", str(SAMPLE), "--accounts", "nofile"], "--accounts nofile cannot be read"),
    ],
)
def test_metrics_of_what_cannot_be_is_refused(
    arguments: list[str], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["metrics", "--out", str(tmp_path / "store"), *arguments]) == 2
    assert words in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "store").exists()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "has no address"),
        (KNOWN[2:], "has no address"),
        ("address\n\n", "has no address"),
        (f"address\n{KNOWN}\n{KNOWN[:-1]}\n", f"line 3: '{KNOWN[:-1]}' is no address"),
    ],
)
def test_accounts_with_a_line_that_is_none_are_refused_with_the_line(
    text: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "accounts").write_text(text)
    arguments = ["--in", str(SAMPLE), "--accounts", str(tmp_path / "accounts"), "--out", str(tmp_path / "store")]
    assert run(["metrics", *arguments]) == 2
    assert words in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "store").exists()


@pytest.mark.parametrize("text", [KNOWN, f"\ufeff{KNOWN}", f"address,label\r\n{KNOWN.upper()},1\r\n\r\n"])
def test_accounts_are_read_with_and_without_a_heading(text: str, tmp_path: Path) -> None:
    (tmp_path / "accounts").write_bytes(text.encode())
    arguments = ["--in", str(SAMPLE), "--accounts", str(tmp_path / "accounts"), "--out", str(tmp_path / "store")]
    assert run(["metrics", *arguments]) == 0
    assert read_store(tmp_path / "store").addresses == (KNOWN,)


@pytest.mark.parametrize("name", ["rows_of_mine.parquet", "features.parquet"])
def test_store_is_not_written_over_files_of_others(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).write_text("somebody's own")
    assert run(["metrics", "--in", str(SAMPLE), "--out", str(tmp_path)]) == 2
    assert f"{name} is no part of a store" in " ".join(capsys.readouterr().err.split())
    assert (tmp_path / name).read_text() == "somebody's own"
    assert [path.name for path in tmp_path.iterdir()] == [name]


def damaged(folder: Path, file: str, change: Callable[[pa.Table], pa.Table]) -> None:
    for path in folder.glob(file):
        pq.write_table(change(pq.read_table(path)), path)


DAMAGES: dict[str, tuple[str, Callable[[pa.Table], pa.Table]]] = {
    "column away": ("rows_*", lambda table: table.drop_columns(["life"])),
    "column as text": ("rows_*", lambda table: table.set_column(1, "sent", table.column("address"))),
    "columns in another order": ("rows_*", lambda table: table.select(["address", *table.column_names[:0:-1]])),
    "one bucket's columns away": ("rows_002*", lambda table: table.select(["address", "sent"])),
    "values away": ("rows_*", lambda table: table.set_column(1, "sent", pa.nulls(len(table), pa.int64()))),
    "rows twice": ("rows_*", lambda table: pa.concat_tables([table, table])),
    "names away": ("features*", lambda table: table.rename_columns(["nome", "unit"])),
    "one name away": ("features*", lambda table: table.slice(1)),
}


@pytest.mark.parametrize("what", DAMAGES)
def test_metrics_of_an_address_in_a_damaged_store_is_refused(
    what: str, store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "store"
    shutil.copytree(store, folder)
    damaged(folder, *DAMAGES[what])
    assert run(["metrics", "--out", str(folder), "--address", KNOWN]) == 2
    assert "is a damaged store, make it again" in " ".join(capsys.readouterr().err.split())


def test_detectors_become_columns_of_the_store(tmp_path: Path) -> None:
    names = "half_space_trees,isolation_forest,local_outlier_factor"
    labels = str(SAMPLE / "labels.csv")
    arguments = ["metrics", "--in", str(SAMPLE), "--out", str(tmp_path), "--accounts", labels, "--buckets", "2"]
    assert run([*arguments, "--detectors", names]) == 0
    found = read_store(tmp_path)
    assert found.names[-3:] == tuple(names.split(","))
    assert all(len(np.unique(found.features[:, -index])) > 100 for index in (1, 2, 3))


def test_store_can_be_queried(store: Path) -> None:
    (count,) = open_store(store).sql("select count(*) from metrics where sent > received").fetchall()[0]
    assert 0 < count < 400


def test_folder_without_rows_is_no_store(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="is no store of metrics"):
        open_store(tmp_path)
