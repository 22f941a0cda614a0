"""One document, one encoding."""

from __future__ import annotations

import json
import random
import subprocess

import pytest

from anomalyhive.audit.canonical import canonical, parse
from anomalyhive.audit.naming import EXACT
from anomalyhive.errors import BadInput

IN_ORDER = ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]
"""Keys as RFC 8785, section 3.2.3, sorts them: by UTF-16 code units."""


def test_canonical_sorts_keys_as_the_standard_says() -> None:
    shuffled = random.Random(1).sample(IN_ORDER, len(IN_ORDER))
    assert list(json.loads(canonical(dict.fromkeys(shuffled, 0)))) == IN_ORDER


def test_canonical_escapes_as_the_standard_says() -> None:
    # Section 3.2.2.2's string, as its section 3.2.4 encodes it.
    text = "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/"
    assert canonical({"s": text}) == '{"s":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'.encode()


def test_canonical_agrees_with_javascript_on_any_text() -> None:
    dice = random.Random(2)
    points = [*range(0x100), *(dice.randrange(0x100, 0xD800) for _ in range(500)), 0x1F600, 0x2028, 0xFFFF]
    text = "".join(map(chr, points))
    script = "process.stdout.write(JSON.stringify({s: JSON.parse(require('fs').readFileSync(0, 'utf8'))}))"
    done = subprocess.run(["node", "-e", script], input=json.dumps(text).encode(), capture_output=True, check=True)
    assert canonical({"s": text}) == done.stdout


def test_canonical_of_what_any_layout_says_is_the_same() -> None:
    document = {"b": [1, {"d": None, "c": True}], "a": "ü"}
    for layout in (json.dumps(document), json.dumps(document, indent=4, ensure_ascii=False)):
        assert (
            canonical(parse(layout.encode())) == canonical(document) == '{"a":"ü","b":[1,{"c":true,"d":null}]}'.encode()
        )


@pytest.mark.parametrize("value", [0.5, EXACT + 1, -EXACT - 1, b"bytes", object(), float("nan"), {1: 2}, "\ud800"])
def test_canonical_refuses_what_has_no_one_encoding(value: object) -> None:
    with pytest.raises(BadInput):
        canonical({"a": [value]})


def test_canonical_refuses_a_document_without_end() -> None:
    endless: dict[str, object] = {}
    endless["a"] = endless
    with pytest.raises(BadInput, match="levels"):
        canonical(endless)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b'{"a": 1, "a": 2}', "twice"),
        (b'{"a": {"b": 1, "b": 1}}', "twice"),
        (b'{"a": 1.5}', "1.5"),
        (b'{"a": 1e3}', "1e3"),
        (b'{"a": NaN}', "NaN"),
        (b"[1]", "list"),
        (b'{"a": ', "no JSON"),
        (b"\xff", "no JSON"),
        (b'{"a":' + b"[" * 100_000, "no JSON"),
        (b'{"a": ' + b"9" * 5000 + b"}", "no JSON"),
    ],
)
def test_parse_refuses_what_can_be_read_in_two_ways_or_not_at_all(text: bytes, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        parse(text)
