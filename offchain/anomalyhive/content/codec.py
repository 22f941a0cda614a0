"""Roots as bytes: dag-cbor, one encoding for one document (https://ipld.io/specs/codecs/dag-cbor/spec/).

A document is built of null, booleans, integers of int64, text, bytes, lists, maps with text keys, and links.
There are no floats. ``decode`` accepts exactly the bytes that ``encode`` writes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias, cast

from anomalyhive.content import dagcbor
from anomalyhive.content.cid import Codec, Link, check_digest, digest_of
from anomalyhive.content.scan import MOST_DEPTH, scan
from anomalyhive.errors import BadInput, ContentCorrupt

ROOT_LIMIT = 1 << 20
"""Largest root in bytes; also what Kubo takes for one block."""

RAW_LIMIT = 1 << 18
"""Largest raw block in bytes."""

Document: TypeAlias = bool | int | str | bytes | Link | list["Document"] | dict[str, "Document"] | None


def limit_of(codec: Codec) -> int:
    """Largest block of a codec, in bytes."""
    return RAW_LIMIT if codec is Codec.RAW else ROOT_LIMIT


def _check(value: object, depth: int) -> None:
    """BadInput for what has no place in a document."""
    if depth > MOST_DEPTH:
        raise BadInput(f"a document may nest {MOST_DEPTH} levels, and this one goes deeper")
    if isinstance(value, Link):
        check_digest(value.digest)
    elif isinstance(value, list):
        for item in value:
            _check(item, depth + 1)
    elif isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                raise BadInput(f"key {key!r} of a map is not text")
            _check(item, depth + 1)
    elif isinstance(value, int) and not isinstance(value, bool):
        if not -(1 << 63) <= value < 1 << 63:
            raise BadInput(f"{value} does not fit into 64 bits with sign")
    elif value is not None and not isinstance(value, (bool, str, bytes)):
        raise BadInput(f"{value!r} of type {type(value).__name__} cannot be part of a document")


def encode(document: Document) -> bytes:
    """The one block that says ``document``; BadInput when it is too large, too deep or of other types."""
    try:
        _check(document, 0)
        block = dagcbor.write(document)
    except UnicodeEncodeError as error:
        raise BadInput(f"{error.object[:80]!r} is not valid text: it holds half a surrogate pair") from error
    if len(block) > ROOT_LIMIT:
        raise BadInput(f"a root of {len(block)} bytes exceeds {ROOT_LIMIT}: put what is long into an array")
    scan(block)  # the limits that a reader will hold against it
    return block


def decode(block: bytes) -> Document:
    """The document of a root; ContentCorrupt when the bytes are not what ``encode`` writes."""
    if len(block) > ROOT_LIMIT:
        raise ContentCorrupt(digest_of(block), f"a root of {len(block)} bytes exceeds {ROOT_LIMIT}")
    try:
        return cast(Document, dagcbor.read(block))
    except BadInput as error:
        raise ContentCorrupt(digest_of(block), f"it is not canonical dag-cbor: {error}") from error


def links_in(block: bytes, codec: Codec) -> list[Link]:
    """All links of a block in the order of its bytes; a raw block has none."""
    return [] if codec is Codec.RAW else list(_links(decode(block)))


def _links(document: Document) -> Iterator[Link]:
    if isinstance(document, Link):
        yield document
    elif isinstance(document, (list, dict)):
        for item in document.values() if isinstance(document, dict) else document:
            yield from _links(item)
