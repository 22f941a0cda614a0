"""Content identifiers: the digest of a block, and the name that the rest of the world gives it.

A block is named by its sha2-256 digest alone; the chain stores these 32 bytes. A CID adds what stores and
other tools need to know: version 1, how the block is to be read (raw or dag-cbor) and which hash it is
(https://github.com/multiformats/cid). For the two codecs and the one hash used here a CID is four constant
bytes before the digest, so digest and CID are the same fact written twice.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from enum import IntEnum
from typing import NamedTuple

from anomalyhive.errors import BadInput

DIGEST_BYTES = 32
"""Length of a sha2-256 digest."""

_CID_BYTES = 4 + DIGEST_BYTES
_TEXT_LENGTH = 1 + (_CID_BYTES * 8 + 4) // 5  # the multibase letter b, then base32 without padding


class Codec(IntEnum):
    """How a block is read; the value is its code in the multicodec table."""

    RAW = 0x55
    """Bytes without structure: a piece of an array."""
    DAG_CBOR = 0x71
    """A root: a map that may link further blocks."""


class Link(NamedTuple):
    """A block as another block or a store refers to it."""

    digest: bytes
    codec: Codec


def digest_of(block: bytes) -> bytes:
    """sha2-256 of a block, 32 bytes."""
    return hashlib.sha256(block).digest()


def check_digest(digest: bytes) -> bytes:
    """Return ``digest``; raise BadInput unless it is 32 bytes."""
    if not isinstance(digest, bytes) or len(digest) != DIGEST_BYTES:
        raise BadInput(f"{digest!r} is no digest of a block: give {DIGEST_BYTES} bytes")
    return digest


def cid_bytes(link: Link) -> bytes:
    """Binary CIDv1: version 1, codec, sha2-256 (0x12), length 32 (0x20), digest; 36 bytes."""
    return bytes((0x01, link.codec, 0x12, DIGEST_BYTES)) + check_digest(link.digest)


def parse_cid_bytes(data: bytes) -> Link:
    """The block that a binary CID names; BadInput for any but CIDv1, raw or dag-cbor, sha2-256."""
    known = {bytes((0x01, codec, 0x12, DIGEST_BYTES)): codec for codec in Codec}
    codec = known.get(bytes(data[:4]))
    if codec is None or len(data) != _CID_BYTES:
        raise BadInput(f"CID {bytes(data[:64]).hex()} is not CIDv1 of a raw or dag-cbor block with sha2-256")
    return Link(bytes(data[4:]), codec)


def cid_text(link: Link) -> str:
    """The CID as text: multibase base32, lower case (59 characters, ``bafkrei…`` or ``bafyrei…``)."""
    return "b" + base64.b32encode(cid_bytes(link)).decode("ascii").rstrip("=").lower()


def parse_cid(text: str) -> Link:
    """The block that ``text`` names; BadInput unless ``text`` is what cid_text gives for it."""
    refusal = f"{text[:80]!r} is not the base32 CIDv1 of a raw or dag-cbor block under sha2-256"
    if len(text) != _TEXT_LENGTH or text[0] != "b" or text != text.lower():
        raise BadInput(refusal)
    try:
        data = base64.b32decode(text[1:].upper() + "=" * (-(_TEXT_LENGTH - 1) % 8))
    except (binascii.Error, ValueError) as error:
        raise BadInput(refusal) from error
    link = parse_cid_bytes(data)
    if cid_text(link) != text:  # base32 leaves spare bits at the end: only the zero ones are canonical
        raise BadInput(refusal)
    return link
