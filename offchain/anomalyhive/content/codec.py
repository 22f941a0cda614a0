"""Roots as bytes: dag-cbor, one encoding for one document (https://ipld.io/specs/codecs/dag-cbor/spec/).

A document is built of null, booleans, integers of int64, text, bytes, lists, maps with text keys, and links.
There are no floats. ``decode`` accepts exactly the bytes that ``encode`` writes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

import dag_cbor
from dag_cbor.decoding import CBORDecodingError
from dag_cbor.ipld import IPLDKind
from multiformats import CID

from anomalyhive.content.cid import Codec, Link, cid_bytes, digest_of, parse_cid_bytes
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


def _to_ipld(value: Document, depth: int) -> IPLDKind:
    """The document with every link as dag_cbor's CID object; BadInput for what has no place in it."""
    if depth > MOST_DEPTH:
        raise BadInput(f"a document may nest {MOST_DEPTH} levels, and this one goes deeper")
    if isinstance(value, Link):
        return CID.decode(cid_bytes(value))
    if isinstance(value, list):
        return [_to_ipld(item, depth + 1) for item in value]
    if isinstance(value, dict):
        for key in value:
            if not isinstance(key, str):
                raise BadInput(f"key {key!r} of a map is not text")
        return {key: _to_ipld(item, depth + 1) for key, item in value.items()}
    if isinstance(value, int) and not isinstance(value, bool) and not -(1 << 63) <= value < 1 << 63:
        raise BadInput(f"{value} does not fit into 64 bits with sign")
    if value is None or isinstance(value, (bool, int, str, bytes)):
        return value
    raise BadInput(f"{value!r} of type {type(value).__name__} cannot be part of a document")


def _from_ipld(value: object) -> Document:
    if isinstance(value, CID):
        return parse_cid_bytes(bytes(value))
    if isinstance(value, list):
        return [_from_ipld(item) for item in value]
    if isinstance(value, dict):
        return {key: _from_ipld(item) for key, item in value.items()}
    assert value is None or isinstance(value, (bool, int, str, bytes))  # scan lets nothing else through
    return value


def encode(document: Document) -> bytes:
    """The one block that says ``document``; BadInput when it is too large, too deep or of other types."""
    try:
        block = dag_cbor.encode(_to_ipld(document, 0))
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
        scan(block)
        document = dag_cbor.decode(block)
    except (BadInput, CBORDecodingError) as error:
        reason = str(error).splitlines()[0]
        raise ContentCorrupt(digest_of(block), f"it is not canonical dag-cbor: {reason}") from error
    if dag_cbor.encode(document) != block:
        raise ContentCorrupt(digest_of(block), "it is not canonical dag-cbor: encoded anew it differs")
    return _from_ipld(document)


def links_in(block: bytes, codec: Codec) -> list[Link]:
    """All links of a block in the order of its bytes; a raw block has none."""
    return [] if codec is Codec.RAW else list(_links(decode(block)))


def _links(document: Document) -> Iterator[Link]:
    if isinstance(document, Link):
        yield document
    elif isinstance(document, (list, dict)):
        for item in document.values() if isinstance(document, dict) else document:
            yield from _links(item)
