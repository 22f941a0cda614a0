"""What a folder of chunks lacks."""

from __future__ import annotations

import shutil
from pathlib import Path

from anomalyhive.metrics.chunks import find_chunks
from anomalyhive.metrics.holes import lacking

SAMPLE = Path(__file__).parents[3] / "data" / "ethereum-transactions"


def test_lacking_of_chunks_without_a_hole_is_nothing() -> None:
    assert lacking(find_chunks(SAMPLE)) == []


def test_lacking_names_the_blocks_between_chunks_and_the_first_and_the_last_are_no_hole(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(SAMPLE, tmp_path / "chunks"))
    for gone in ("00", "03", "04", "07", "09"):
        next(folder.glob(f"transactions_{gone}_*")).unlink()
    told = lacking(find_chunks(folder))
    assert [text.partition(": ")[0] for text in told] == [
        "no chunk holds the blocks 3979066:4902007",
        "no chunk holds the blocks 6330286:10887891",
    ]
    for gone in ("05", "06"):
        next(folder.glob(f"transactions_{gone}_*")).unlink()
    (two,) = lacking(find_chunks(folder))
    assert "3979066:10887891" in two


def test_lacking_counts_holes_beyond_those_that_it_names(tmp_path: Path) -> None:
    for number in range(6):
        shutil.copy(
            next(SAMPLE.glob("transactions_00_*")), tmp_path / f"transactions_{number}_{number}0_{number}1.parquet"
        )
    shutil.copy(SAMPLE / "token_transfers.parquet", tmp_path)
    told = lacking(find_chunks(tmp_path))
    assert len(told) == 4
    assert told[-1] == "and 2 more such holes between chunks"


def test_lacking_says_that_there_is_no_file_of_token_transfers(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(SAMPLE, tmp_path / "chunks"))
    (folder / "token_transfers.parquet").unlink()
    (text,) = lacking(find_chunks(folder))
    assert "holds no token_transfers.parquet" in text
