"""Lines of keys and elements, against documents whose lines are known because they were written here."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anomalyhive.node.tomllines import TOML, lines_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a = 1\n\n# b = 2\nc = 3", {"a": (1,), "c": (4,)}),
        ('"a b" = 1\n\'c"d\' = 2\n"\\u0065" = 3', {"a b": (1,), 'c"d': (2,), "e": (3,)}),
        ("a = [\n  1, # one, two\n  [2,\n 3],\n\n  4,\n]\nb = 5", {"a": (1, 2, 3, 6), "b": (8,)}),
        ('a = """\nb = 1\n"\\""" still\n"""""\nc = 2', {"a": (1,), "c": (5,)}),
        ("a = '''\nb = 1\n''''\nc = 2", {"a": (1,), "c": (4,)}),
        ('a = "# [ = "\nb = \'"\'\nc = 1', {"a": (1,), "b": (2,), "c": (3,)}),
        ("a.b = 1\na.c = 2\n", {"a": (1,)}),
        ('a."b = c" = 1\nd = 2', {"a": (1,), "d": (2,)}),
        ('["t" . "]"] # x ]\nb = 1\n[[u]]\nc = 1', {"t": (1,), "u": (3,)}),
        ("a = {b = 1, c = [1, 2]}\nd = 2", {"a": (1, 1, 1), "d": (2,)}),
        ("a = 1\r\nb = 2\r\n", {"a": (1,), "b": (2,)}),
        ("a = []\nb = [ # none\n]\nc = 1", {"a": (1,), "b": (2,), "c": (4,)}),
        ("", {}),
    ],
)
def test_lines_of_text_gives_line_of_each_key_and_element(text: str, expected: dict[str, tuple[int, ...]]) -> None:
    TOML.loads(text)
    assert lines_of(text) == expected


TEXTS = st.text(st.sampled_from("ab#[]{}=,'. \t"), max_size=6)
GAPS = st.sampled_from(["", "\n", "# ] = [\n", "\n\n  # '''\n"])


@st.composite
def values(draw: st.DrawFn) -> str:
    """One value that is no list, on one line or on several."""
    inner = draw(TEXTS)
    return draw(
        st.sampled_from(
            [
                "17",
                json.dumps(inner),
                '"a\\"b"',
                f"'{inner.replace(chr(39), '')}'",
                f'"""\n{inner}\nx = ["\n"""',
                f"'''{inner.replace(chr(39), '')}\n[y]\n'''",
                "{ p = 1, q = [1, 2] }",
                "[ 3, [ '[' ] ]",
            ]
        )
    )


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_lines_of_written_document_are_those_at_which_it_was_written(data: st.DataObject) -> None:
    text, due = "", {}
    for number in range(data.draw(st.integers(0, 5))):
        text += data.draw(GAPS)
        name = f"{data.draw(TEXTS)}{number}"
        places = [text.count("\n") + 1]
        text += f"{json.dumps(name)} = "
        if data.draw(st.booleans()):
            text += "["
            for _ in range(data.draw(st.integers(0, 3))):
                text += data.draw(GAPS)
                places.append(text.count("\n") + 1)
                text += data.draw(values()) + data.draw(GAPS) + ","
            text += data.draw(GAPS) + "]"
        else:
            value = data.draw(values().filter(lambda one: one[0] not in "[{"))
            text += value
        text += data.draw(st.sampled_from(["", " # [ '"])) + "\n"
        due[name] = tuple(places)
    assert set(TOML.loads(text)) == set(due)
    assert lines_of(text) == due
