"""The bytes of a report: one document, one encoding, so that a signature means the same on every machine.

The encoding is that of RFC 8785 (JSON Canonicalization Scheme): no white space, keys in the order of their UTF-16 code
units, only the escapes that JSON demands, UTF-8. Reports hold no fractions and no integer beyond 2^53 - 1, so that what
the RFC says of numbers is their plain decimal form.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from anomalyhive.audit.naming import EXACT
from anomalyhive.errors import BadInput
from anomalyhive.jsontext import loads

DEPTH = 64
"""Levels of a document; a report has fewer than ten."""


def canonical(document: Mapping[str, Any]) -> bytes:
    """The one encoding of a document. Raises BadInput for what has none."""
    try:
        return json.dumps(
            _ordered(document, DEPTH), ensure_ascii=False, allow_nan=False, separators=(",", ":")
        ).encode()
    except UnicodeEncodeError as error:
        raise BadInput(
            f"the document has half of a character ({error.object[error.start]!r}): it is no text"
        ) from error


def _ordered(value: Any, depth: int) -> Any:
    if not depth:
        raise BadInput(f"the document has more than {DEPTH} levels: it is no report")
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                raise BadInput(f"the document has the key {key!r}, which is no text")
        keys = sorted(value, key=lambda key: key.encode("utf-16-be", "surrogatepass"))
        return {key: _ordered(value[key], depth - 1) for key in keys}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [_ordered(one, depth - 1) for one in value]
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int) and abs(value) <= EXACT:
        return int(value)
    raise BadInput(f"the document has {str(value)[:40]!r}, which is neither text nor a whole number below 2^53")


def parse(text: bytes) -> dict[str, Any]:
    """A document from JSON in any layout. Raises BadInput where it is none, or says something twice."""
    try:
        document = loads(text.decode("utf-8"), object_pairs_hook=_once, parse_float=_fraction, parse_constant=_fraction)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"it is no JSON document: {error}") from error
    if not isinstance(document, dict):
        raise BadInput(f"it is a {type(document).__name__}, not a JSON object")
    return document


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands in it twice")
    return found


def _fraction(text: str) -> Any:
    raise ValueError(f"it holds the number {text[:40]}, and reports have none but whole ones")
