"""dag-cbor in its one encoding (https://ipld.io/specs/codecs/dag-cbor/spec/), as the documents of codec.py need it.

Written out here because a lineage has tens of thousands of roots, and general libraries take a millisecond for a link.
The tests hold it against them.
"""

from __future__ import annotations

from anomalyhive.content.cid import Codec, Link, cid_bytes
from anomalyhive.content.scan import head, scan
from anomalyhive.errors import BadInput

_UNSIGNED, _NEGATIVE, _BYTES, _TEXT, _LIST, _MAP, _TAG, _SIMPLE = range(8)
_SIMPLES = {20: False, 21: True, 22: None}
_LINK_HEAD = b"\xd8\x2a\x58\x25\x00"
"""Tag 42, a byte string of 37, and the multibase prefix of a binary CID."""

_CID_DIGEST = 4
"""Bytes of a CID before the digest: version, codec, hash and length."""


def read(block: bytes) -> object:
    """The value that a block is. Raises BadInput unless the block is its one encoding, within the limits of scan.py."""
    scan(block)
    value, _ = _read(block, 0)
    return value


def write(value: object) -> bytes:
    """The encoding of a value of the types of `codec.Document`. Raises UnicodeEncodeError for half a surrogate pair."""
    out = bytearray()
    _write(value, out)
    return bytes(out)


def _read(block: bytes, at: int) -> tuple[object, int]:
    """The value that begins at a byte, and where it ends; what `scan` has seen is not looked at again."""
    major, argument, at = head(block, at)
    if major == _UNSIGNED:
        return argument, at
    if major == _NEGATIVE:
        return -1 - argument, at
    if major == _BYTES:
        return block[at : at + argument], at + argument
    if major == _TEXT:
        return _text(block[at : at + argument]), at + argument
    if major == _LIST:
        items = []
        for _ in range(argument):
            item, at = _read(block, at)
            items.append(item)
        return items, at
    if major == _MAP:
        return _read_map(block, at, argument)
    if major == _TAG:
        # A head of two bytes, the prefix, then the CID, whose codec is its second byte.
        cid = block[at + 3 : at + 39]
        return Link(cid[_CID_DIGEST:], Codec(cid[1])), at + 39
    return _SIMPLES[argument], at


def _read_map(block: bytes, at: int, count: int) -> tuple[dict[str, object], int]:
    found: dict[str, object] = {}
    before: tuple[int, bytes] = (-1, b"")
    for _ in range(count):
        major, length, start = head(block, at)
        key = block[start : start + length]
        if major != _TEXT:
            raise BadInput(f"the key of a map at byte {at} is not text")
        if (length, key) <= before:
            raise BadInput(f"the key {key[:40]!r} at byte {at} is not in its order, or there twice")
        before = (length, key)
        found[_text(key)], at = _read(block, start + length)
    return found, at


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadInput(f"{data[:40]!r} is not UTF-8") from error


def _write(value: object, out: bytearray) -> None:
    if isinstance(value, Link):
        out += _LINK_HEAD + cid_bytes(value)
    elif isinstance(value, bool) or value is None:
        out.append(0xF6 if value is None else 0xF4 + value)
    elif isinstance(value, int):
        _put_head(_UNSIGNED if value >= 0 else _NEGATIVE, max(value, -1 - value), out)
    elif isinstance(value, bytes):
        _put_head(_BYTES, len(value), out)
        out += value
    elif isinstance(value, str):
        encoded = value.encode("utf-8")
        _put_head(_TEXT, len(encoded), out)
        out += encoded
    elif isinstance(value, list):
        _put_head(_LIST, len(value), out)
        for item in value:
            _write(item, out)
    else:
        assert isinstance(value, dict)
        _put_head(_MAP, len(value), out)
        keys = {name.encode("utf-8"): name for name in value}
        for key in sorted(keys, key=lambda one: (len(one), one)):
            _put_head(_TEXT, len(key), out)
            out += key
            _write(value[keys[key]], out)


def _put_head(major: int, argument: int, out: bytearray) -> None:
    if argument < 24:
        out.append(major << 5 | argument)
        return
    for info, width in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if argument < 1 << 8 * width:
            out.append(major << 5 | info)
            out += argument.to_bytes(width, "big")
            return
    raise BadInput(f"{argument} does not fit into 64 bits")
