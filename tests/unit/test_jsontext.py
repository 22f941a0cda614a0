"""How deep a stranger's JSON may go."""

from __future__ import annotations

import pytest

from anomalyhive.jsontext import DEEPEST, check_depth


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b"[{"])
def test_check_depth_refuses_what_would_overflow_the_stack(opening: bytes) -> None:
    with pytest.raises(ValueError, match="too deeply nested"):
        check_depth(opening * (DEEPEST + 1))


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[" * DEEPEST + b"]" * DEEPEST,
        b"[]" * (2 * DEEPEST),
        b'["' + b"[" * 5000 + b'"]',
        b'["a\\"' + b"{" * 5000 + b'"]',
    ],
)
def test_check_depth_counts_neither_what_is_closed_nor_what_stands_in_strings(text: bytes) -> None:
    check_depth(text)
