"""Words and numbers on the screen."""

from __future__ import annotations

import pytest

from anomalyhive.cli.console import complain, measure, note, plain, printable, tokens

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
