"""Text lines: files that are missing, damaged, hostile or of another kind."""

from __future__ import annotations

import gzip
import tracemalloc
from pathlib import Path

import pytest

from anomalyhive.errors import BadTable
from anomalyhive.tables import read_table, textlines

from .conftest import MakeFile


def refusal(path: Path) -> str:
    with pytest.raises(BadTable) as caught:
        read_table(path, "y")
    return str(caught.value)


def test_missing_file_and_directory_are_named(tmp_path: Path) -> None:
    assert refusal(tmp_path / "no.csv") == f"{tmp_path / 'no.csv'} does not exist: give the path of a CSV file"
    assert refusal(tmp_path) == f"{tmp_path} is a directory: give the path of a CSV file"


def test_path_through_a_file_cannot_be_read(csv_file: MakeFile) -> None:
    assert "cannot be read: Not a directory" in refusal(csv_file("a,y\n") / "more.csv")


def test_gz_that_is_no_gzip_is_named(csv_file: MakeFile) -> None:
    assert "is named .gz but is not gzip" in refusal(csv_file("a,y\n1,0\n2,1\n", "t.csv.gz"))


def test_gzip_needs_no_gz_in_its_name(csv_file: MakeFile) -> None:
    assert len(read_table(csv_file(gzip.compress(b"a,y\n1,0\n2,1\n"), "t.csv"), "y")) == 2


def test_gzip_cut_anywhere_is_refused(csv_file: MakeFile) -> None:
    whole = gzip.compress(b"a,y\n" + b"1,0\n2,1\n" * 50)
    for length in range(2, len(whole)):
        message = refusal(csv_file(whole[:length], "t.csv.gz"))
        assert "truncated" in message or "damaged" in message


def test_gzip_with_a_flipped_bit_is_refused_or_gives_the_same_table(csv_file: MakeFile) -> None:
    content = b"a,y\n" + b"1,0\n2,1\n" * 20
    whole = gzip.compress(content, mtime=0)
    sound = read_table(csv_file(content), "y")
    refused = 0
    for position in range(2, len(whole)):
        flipped = bytearray(whole)
        flipped[position] ^= 1
        try:
            table = read_table(csv_file(bytes(flipped), "t.csv.gz"), "y")
        except BadTable:
            refused += 1
        else:  # time, system and flags of the header are covered by no checksum
            assert position < 10
            assert table.features.tolist() == sound.features.tolist()
    assert refused >= len(whole) - 10


def test_garbage_behind_gzip_is_refused(csv_file: MakeFile) -> None:
    assert "damaged" in refusal(csv_file(gzip.compress(b"a,y\n1,0\n2,1\n") + b"more", "t.csv.gz"))


def test_byte_that_is_not_utf8_is_named_with_its_line(csv_file: MakeFile) -> None:
    assert "line 2: byte 0xe9 is not UTF-8" in refusal(csv_file(b"a,y\n\xe9,0\n"))


@pytest.mark.parametrize("content", [b"a,y\n1,\x000\n", "a,y\n1,0\n2,1\n".encode("utf-16-le")])
def test_nul_byte_is_refused(csv_file: MakeFile, content: bytes) -> None:
    assert "a NUL byte" in refusal(csv_file(content))


def test_row_of_the_greatest_length_is_read_and_one_byte_more_refused(
    csv_file: MakeFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(textlines, "MAX_RECORD_BYTES", 30)
    read_table(csv_file("a,y\n" + "1" * 27 + ",0\n2,1\n"), "y")
    assert "line 2: the row is longer than 30 bytes" in refusal(csv_file("a,y\n" + "1" * 28 + ",0\n2,1\n"))


def test_row_of_endless_quoted_lines_is_refused(csv_file: MakeFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(textlines, "MAX_RECORD_BYTES", 1000)
    assert "the row is longer than 1000 bytes" in refusal(csv_file("a,y\n" + '"\n","\n",' * 500))


def test_text_beyond_the_limit_is_refused(csv_file: MakeFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(textlines, "MAX_TEXT_BYTES", 12)
    read_table(csv_file("a,y\n1,0\n2,1\n"), "y")
    assert "line 4: more than 12 bytes of text" in refusal(csv_file("a,y\n1,0\n2,1\n\n"))


@pytest.mark.parametrize("unit", [b"0", b"\n", b"1,0\n"], ids=["one line", "blank lines", "rows of zeros"])
def test_gzip_bomb_costs_no_memory(csv_file: MakeFile, monkeypatch: pytest.MonkeyPatch, unit: bytes) -> None:
    monkeypatch.setattr(textlines, "MAX_TEXT_BYTES", 1 << 17)
    bomb = csv_file(gzip.compress(b"a,y\n" + unit * ((32 << 20) // len(unit)), 1), "bomb.csv.gz")
    tracemalloc.start()
    try:
        refusal(bomb)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 8 << 20
