"""A look at a dag-cbor block before anything is built from it.

A decoder follows what the bytes say: a few bytes may nest a thousand levels, or declare a list of 2^60
items. This walk over the heads (RFC 8949, section 3) allocates one small integer a level and refuses all
that the project never writes, so that the decoder meets nothing that could exhaust stack, memory or time.
"""

from __future__ import annotations

from anomalyhive.errors import BadInput

MOST_DEPTH = 32
"""Levels of lists and maps in a block."""

MOST_ITEMS = 65_536
"""Heads in a block: values, and keys of maps. What has more belongs in an array."""

_LINK_HEADS = (b"\x58\x25\x00\x01\x55\x12\x20", b"\x58\x25\x00\x01\x71\x12\x20")
"""Byte string of 37: multibase identity, CIDv1, raw or dag-cbor, sha2-256 of 32 bytes."""
_LINK_BYTES = 2 + 37

_UNSIGNED, _NEGATIVE, _BYTES, _TEXT, _LIST, _MAP, _TAG, _SIMPLE = range(8)


def head(block: bytes, at: int) -> tuple[int, int, int]:
    """Major type, argument and position after the head at ``at``; the argument must be in shortest form."""
    if at >= len(block):
        raise BadInput(f"it ends at byte {at}, where a value should begin")
    major, info = block[at] >> 5, block[at] & 0x1F
    if info < 24:
        return major, info, at + 1
    if info > 27 or major == _SIMPLE:
        raise BadInput(f"byte {at} (0x{block[at]:02x}) is a float, an open length or another forbidden head")
    width = 1 << (info - 24)
    end = at + 1 + width
    if end > len(block):
        raise BadInput(f"it ends inside the head at byte {at}")
    argument = int.from_bytes(block[at + 1 : end], "big")
    if argument < (24, 1 << 8, 1 << 16, 1 << 32)[info - 24]:
        raise BadInput(f"the number at byte {at} is not in its shortest form")
    return major, argument, end


def _skip_link(block: bytes, at: int, tag: int) -> int:
    """Position after the CID that tag 42 announces."""
    if tag != 42:
        raise BadInput(f"tag {tag} before byte {at} is not allowed: 42 (a link) is the only one")
    if block[at : at + 7] not in _LINK_HEADS or at + _LINK_BYTES > len(block):
        raise BadInput(f"the link at byte {at} is not a CIDv1 of a raw or dag-cbor block under sha2-256")
    return at + _LINK_BYTES


def scan(block: bytes) -> None:
    """Raise BadInput with the reason unless ``block`` is one value within the limits above.

    Integers are those of int64; floats, undefined, open lengths and tags other than links are refused.
    """
    at, items = 0, 0
    open_counts = [1]  # values still to come, by level
    while open_counts:
        if open_counts[-1] == 0:
            open_counts.pop()
            continue
        open_counts[-1] -= 1
        items += 1
        if items > MOST_ITEMS:
            raise BadInput(f"it has more than {MOST_ITEMS} values")
        start = at
        major, argument, at = head(block, at)
        if major in (_BYTES, _TEXT):
            at += argument
        elif major in (_LIST, _MAP):
            open_counts.append(argument * (2 if major == _MAP else 1))
        elif major == _TAG:
            at = _skip_link(block, at, argument)
        elif major == _SIMPLE and argument not in (20, 21, 22):
            raise BadInput(f"byte {start} (0x{block[start]:02x}) is neither false, true nor null")
        elif major in (_UNSIGNED, _NEGATIVE) and argument >= 1 << 63:
            raise BadInput(f"the number at byte {start} does not fit into 64 bits with sign")
        # Every value takes a byte at least: what is declared but cannot be there is refused at once.
        if at + open_counts[-1] > len(block):
            raise BadInput(f"the value at byte {start} declares more than the {len(block)} bytes there are")
        if len(open_counts) > MOST_DEPTH + 1:
            raise BadInput(f"it nests deeper than {MOST_DEPTH} levels")
    if at != len(block):
        raise BadInput(f"{len(block) - at} bytes follow its only value")
