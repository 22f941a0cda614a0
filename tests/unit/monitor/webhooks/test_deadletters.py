"""Dead letters: kept once, mended after a kill, and refused where they are none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from anomalyhive.errors import Failure
from anomalyhive.monitor.webhooks import DeadLetter, DeadLetters, given_up

from .queues import message


def letter(seq: int, why: str = "HTTP status 410") -> DeadLetter:
    return DeadLetter(message(seq), 1_700_000_000, 1, why)


def test_letters_are_kept_in_order(tmp_path: Path) -> None:
    dead = DeadLetters(tmp_path, "ops")
    for seq in (1, 2, 3):
        dead.add(letter(seq))
    assert DeadLetters(tmp_path, "ops").all() == [letter(1), letter(2), letter(3)]


def test_letter_that_comes_again_takes_the_place_of_the_first(tmp_path: Path) -> None:
    dead = DeadLetters(tmp_path, "ops")
    dead.add(letter(1))
    dead.add(letter(2))
    dead.add(letter(1, "HTTP status 400"))
    assert dead.all() == [letter(1, "HTTP status 400"), letter(2)]


def test_alert_that_came_back_later_is_another_letter(tmp_path: Path) -> None:
    dead = DeadLetters(tmp_path, "ops")
    again = replace(letter(1), message=replace(message(1), seq=3))
    dead.add(letter(1))
    dead.add(again)
    assert dead.all() == [letter(1), again]


def test_removed_letters_are_gone_and_unknown_ones_are_no_error(tmp_path: Path) -> None:
    dead = DeadLetters(tmp_path, "ops")
    dead.add(letter(1))
    dead.add(letter(2))
    dead.remove([letter(1).name, "no such"])
    assert dead.all() == [letter(2)]


def test_line_that_a_kill_left_half_is_taken_out(tmp_path: Path) -> None:
    dead = DeadLetters(tmp_path, "ops")
    dead.add(letter(1))
    with dead.path.open("ab") as file:
        file.write(b'{"at":17')
    dead.add(letter(2))
    assert dead.all() == [letter(1), letter(2)]


def test_letters_of_webhooks_are_apart(tmp_path: Path) -> None:
    DeadLetters(tmp_path, "ops").add(letter(1))
    assert DeadLetters(tmp_path, "other").all() == []


def test_given_up_names_webhooks_with_letters_and_passes_other_files_over(tmp_path: Path) -> None:
    assert given_up(tmp_path) == []
    for name in ("ops", "more"):
        DeadLetters(tmp_path, name).add(letter(1))
    (tmp_path / "dead-letters" / "[red]Not a name.jsonl").write_bytes(b"")
    assert given_up(tmp_path) == ["more", "ops"]


def test_looking_for_letters_where_there_is_no_watch_makes_no_folder(tmp_path: Path) -> None:
    dead = DeadLetters(tmp_path / "watch", "ops")
    assert (dead.all(), dead.count()) == ([], 0)
    assert not (tmp_path / "watch").exists()


@pytest.mark.parametrize("line", [b"{}", b"[]", b"nonsense", b'{"message":{},"at":1,"tries":1,"why":""}', b"[" * 9000])
def test_line_that_is_no_letter_is_named(tmp_path: Path, line: bytes) -> None:
    dead = DeadLetters(tmp_path, "ops")
    dead.add(letter(1))
    with dead.path.open("ab") as file:
        file.write(line + b"\n")
    with pytest.raises(Failure, match="line 2 is no dead letter"):
        dead.all()


def test_file_that_cannot_be_made_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "dead-letters").write_text("in the way")
    with pytest.raises(Failure, match="cannot be used"):
        DeadLetters(tmp_path, "ops").add(letter(1))


def test_letters_that_another_process_took_out_are_not_missed(tmp_path: Path) -> None:
    dead, other = DeadLetters(tmp_path, "ops"), DeadLetters(tmp_path, "ops")
    for seq in (1, 2):
        dead.add(letter(seq))
    other.remove([letter(1).name])
    dead.add(letter(1))
    dead.add(letter(2))
    assert dead.all() == [letter(2), letter(1)]
    assert dead.count() == 2
