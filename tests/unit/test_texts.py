"""Texts of strangers as they are shown, and numbers with their words."""

from __future__ import annotations

from anomalyhive.texts import counted, one_line, printable

HOSTILE = "a\x1b[2Jb\x07\r\u202ec\ud800"


def test_printable_shows_codes_and_keeps_letters_and_lines() -> None:
    assert printable(HOSTILE) == r"a\x1b[2Jb\x07\r\u202ec\ud800"
    assert printable("añ日本\n±") == "añ日本\n±"


def test_one_line_shows_codes_of_line_ends_too() -> None:
    assert one_line("a\nb\u2028c\r\x85") == r"a\nb\u2028c\r\x85"


def test_one_line_of_a_long_text_is_cut_and_says_so() -> None:
    assert one_line("x" * 10, 10) == "x" * 10
    assert one_line("x" * 11, 10) == "x" * 9 + "…"
    assert len(one_line("\x00" * 10, 10)) == 10


def test_counted_says_one_and_many_in_the_word_that_agrees() -> None:
    said = [counted(number, "block") for number in (0, 1, 2, 1_200)]
    assert said == ["0 blocks", "1 block", "2 blocks", "1,200 blocks"]
    assert counted(1, "message was taken", "messages were taken") == "1 message was taken"
    assert counted(2, "message was taken", "messages were taken") == "2 messages were taken"
