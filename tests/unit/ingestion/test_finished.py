"""The same command once more, and folders that hold something else than it would write."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from anomalyhive.cli import run
from anomalyhive.ingestion.shard.digest import canonical_digest
from anomalyhive.ingestion.shard.manifest import MANIFEST
from anomalyhive.ingestion.shard.parquet import write_table

from .recordings import Recording
from .serving import rpc, serving
from .test_command import FIRST, FOLDER, arguments, recording


@pytest.fixture
def chain() -> Recording:
    return recording()


@pytest.fixture
def url(chain: Recording) -> Iterator[str]:
    with serving(rpc(chain)) as served:
        yield served.url


@pytest.fixture
def finished(url: str, tmp_path: Path) -> Path:
    out = tmp_path / "finished"
    assert run(arguments(url, out)) == 0
    return out


def told(url: str, out: Path, capfd: pytest.CaptureFixture[str], *more: str) -> str:
    """What the command says as it refuses, and that it changes nothing."""
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    assert run([*arguments(url, out), *more]) == 2
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before
    return capfd.readouterr().err


def test_finished_folder_with_receipts_is_none_without(
    finished: Path, url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    said = told(url, finished, capfd, "--no-receipts")
    assert "token_transfers already, and blocks, transactions, withdrawals are asked for" in said


def test_finished_folder_that_lost_a_table_is_refused(
    finished: Path, url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    (finished / "logs.parquet").unlink()
    assert "logs.parquet is none of an ingestion" in told(url, finished, capfd)


def test_finished_folder_with_a_table_cut_short_is_refused(
    finished: Path, url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    path = finished / "receipts.parquet"
    path.write_bytes(path.read_bytes()[:-9])
    assert "receipts.parquet is none of an ingestion" in told(url, finished, capfd)


def test_finished_folder_with_a_table_of_other_rows_is_refused(
    finished: Path, url: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other"
    assert run([*arguments(url, other, blocks=f"{FIRST}:{FIRST + 1}")]) == 0
    (finished / "blocks.parquet").write_bytes((other / "blocks.parquet").read_bytes())
    assert "blocks.parquet has rows of the digest" in told(url, finished, capfd)


def test_finished_folder_whose_manifest_names_a_last_block_of_no_row_is_refused(
    finished: Path, url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    path = finished / "blocks.parquet"
    empty = write_table(path, "blocks", pq.read_schema(path), [])
    fields = json.loads((finished / MANIFEST).read_text())
    fields["tables"]["blocks"] = {"rows": 0, "digest": empty.digest().hex()}
    del fields["digest"]
    (finished / MANIFEST).write_text(json.dumps({**fields, "digest": canonical_digest(fields).hex()}))
    assert "blocks.parquet has no row, and manifest.json names a last block" in told(url, finished, capfd)


def test_finished_folder_whose_last_block_the_chain_gave_up_is_refused(
    finished: Path, url: str, chain: Recording, capfd: pytest.CaptureFixture[str]
) -> None:
    there, now = chain.blocks[FIRST + 1]["hash"], "0x" + "ab" * 32
    chain.blocks[FIRST + 1] = {**chain.blocks[FIRST + 1], "hash": now}
    said = told(url, finished, capfd)
    assert f"ends with block {FIRST + 1} of the hash {there[2:]}, and the source has {now[2:]} there" in said


def test_finished_folder_whose_last_block_is_quarantined_is_held_against_the_one_before(
    chain: Recording, url: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    chain.blocks[FIRST + 1] = {**chain.blocks[FIRST + 1], "miner": "0x" + "12" * 20}
    out = tmp_path / "out"
    assert run(arguments(url, out)) == 0
    assert run(arguments(url, out)) == 0
    chain.blocks[FIRST] = {**chain.blocks[FIRST], "hash": "0x" + "ab" * 32}
    assert f"ends with block {FIRST} of the hash" in told(url, out, capfd)


@pytest.mark.parametrize("name", ["transactions.parquet", "quarantine.jsonl"])
def test_file_that_no_ingestion_wrote_is_not_written_over(
    name: str, url: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).write_text("somebody's own")
    assert f"holds a {name} and no job.json" in told(url, tmp_path, capfd)


def test_folder_with_other_files_is_written_to(url: str, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("somebody's own")
    assert run(arguments(url, tmp_path)) == 0
    assert (tmp_path / "notes.txt").read_text() == "somebody's own"


def test_folder_of_the_source_is_refused_as_out(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for path in FOLDER.glob("expected_*.json"):
        (tmp_path / path.name.removeprefix("expected_")).write_bytes(path.read_bytes())
    assert "is the folder of --source" in told(str(tmp_path), tmp_path, capfd)
