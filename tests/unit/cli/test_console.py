"""Words and numbers on the screen."""

from __future__ import annotations

import pytest

from anomalyhive.cli.console import complain, frame, measure, note, out, plain, printable, tokens, whole

TOKEN = 10**18


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        (0, "0.00"),
        (TOKEN // 100 - 1, "0.00"),
        (TOKEN // 100, "0.01"),
        (1234 * TOKEN + 567 * TOKEN // 1000, "1,234.56"),
        (2 * TOKEN - 1, "1.99"),
    ],
)
def test_tokens_are_cut_and_never_rounded_up(amount: int, shown: str) -> None:
    assert tokens(amount) == shown


def test_measure_of_nothing_is_a_dash() -> None:
    assert (measure(None), measure(0.98765)) == ("-", "0.9877")


def test_whole_table_on_a_narrow_screen_has_every_word_on_its_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(out, "_width", 40)
    table = frame(("address", "state"), ("monitors", "latest"))
    words = ("0x" + "5" * 40, "flagged", "2", "2026-11-28 21:32:33 UTC")
    table.add_row(*words)
    whole(table)
    assert [line.split(None, 3) for line in capsys.readouterr().out.splitlines() if "0x" in line] == [
        [*words[:3], words[3] + " "]
    ]


def test_printable_shows_codes_and_keeps_letters_of_any_script() -> None:
    assert printable("a\x1b[2Jb\x07\r\u202ec\ud800") == r"a\x1b[2Jb\x07\r\u202ec\ud800"
    assert printable("añ日本\n±") == "añ日本\n±"


@pytest.mark.parametrize("hostile", ["[/red]", "[bold]loud[/bold]", "\x1b]0;title\x07", "[link=http://x]y[/link]"])
def test_complain_and_note_of_a_strangers_text_show_it_as_it_is(
    capsys: pytest.CaptureFixture[str], hostile: str
) -> None:
    complain(hostile)
    note(hostile)
    out, err = capsys.readouterr()
    assert err == f"error: {printable(hostile)}\n"
    assert out == f"· {printable(hostile)}\n"


def test_plain_has_its_style_on_all_of_it() -> None:
    assert (plain("[x]", "red").plain, str(plain("[x]", "red").style)) == ("[x]", "red")
