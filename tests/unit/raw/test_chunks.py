"""Chunks in a folder: found in both layouts, named by what they hold, refused where they share blocks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from anomalyhive.errors import BadInput
from anomalyhive.raw.chunks import find_chunks


def ingested(folder: Path, name: str, start: int, stop: int, digest: str = "ab" * 32) -> None:
    place = folder / name
    place.mkdir()
    (place / "transactions.parquet").write_bytes(name.encode())
    (place / "manifest.json").write_text(json.dumps({"blocks": {"start": start, "stop": stop}, "digest": digest}))


def test_find_chunks_of_ingestions_are_ordered_by_their_blocks_and_named_by_their_manifests(tmp_path: Path) -> None:
    ingested(tmp_path, "a", 200, 300, "01" * 32)
    ingested(tmp_path, "b", 100, 200, "02" * 32)
    found = find_chunks(tmp_path)
    assert [(one.first, one.stop) for one in found] == [(100, 200), (200, 300)]
    before = [one.source for one in found]
    # Another version of Parquet's library writes other bytes of the same rows.
    (tmp_path / "a" / "transactions.parquet").write_bytes(b"other bytes")
    assert [one.source for one in find_chunks(tmp_path)] == before
    assert len(set(before)) == 2


def test_source_of_a_named_file_changes_with_its_bytes_and_its_blocks(tmp_path: Path) -> None:
    path = tmp_path / "transactions_00_5_9.parquet"
    path.write_bytes(b"one")
    sources = [find_chunks(tmp_path)[0].source]
    path.write_bytes(b"two")
    sources.append(find_chunks(tmp_path)[0].source)
    path.rename(tmp_path / "transactions_00_5_8.parquet")
    sources.append(find_chunks(tmp_path)[0].source)
    assert len(set(sources)) == 3


@pytest.mark.parametrize("digest", ["", "zz", "ab" * 31])
def test_find_chunks_of_a_manifest_without_a_digest_names_it(tmp_path: Path, digest: str) -> None:
    ingested(tmp_path, "a", 0, 10, digest)
    with pytest.raises(BadInput, match=r"manifest\.json has"):
        find_chunks(tmp_path)


def test_find_chunks_that_share_a_block_are_refused(tmp_path: Path) -> None:
    ingested(tmp_path, "a", 0, 10)
    ingested(tmp_path, "b", 9, 20)
    with pytest.raises(BadInput, match="9:10, which would count twice"):
        find_chunks(tmp_path)


def test_find_chunks_of_an_empty_or_absent_folder_is_refused(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(BadInput, match=str(folder)):
            find_chunks(folder)
