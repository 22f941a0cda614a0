"""JSON of strangers: read without trust in how deep it goes.

Python's own limit guards the stack; but a library may have raised it to where the stack overflows first, as py_ecc does
when it is imported, and then a few kilobytes of brackets end the process.
"""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np

DEEPEST = 1000
"""Lists and maps inside each other; what this program reads has a handful."""

_STRING = re.compile(rb'"(?:[^"\\]+|\\.)*"', re.DOTALL)
_STEP = np.zeros(256, dtype=np.int8)
_STEP[list(b"[{")], _STEP[list(b"]}")] = 1, -1


def check_depth(text: bytes, deepest: int = DEEPEST) -> None:
    """Raise ValueError for a text that goes deeper than it may; brackets in strings do not count."""
    if text.count(b"[") + text.count(b"{") <= deepest:
        return
    brackets = np.frombuffer(_STRING.sub(b"", text), dtype=np.uint8)
    if brackets.size and int(np.cumsum(_STEP[brackets], dtype=np.int64).max(initial=0)) > deepest:
        raise ValueError("too deeply nested")


def loads(text: bytes | str, **options: Any) -> Any:
    """What a JSON text says; ``options`` are those of `json.loads`. Raises ValueError, also for what goes too deep."""
    check_depth(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
    try:
        return json.loads(text, **options)
    except RecursionError as error:
        raise ValueError("too deeply nested") from error
