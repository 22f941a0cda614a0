"""A place in a blob that is read from front to back, never beyond its end."""

from __future__ import annotations

VARINT_BITS = 64
HASH = 32
"""Bytes of a hash, a key and a key image."""

SHOWN = 80


class Malformed(Exception):
    """A value is not what the protocol says; the text names it."""


class Cursor:
    """Reads the serialization of CryptoNote: little-endian integers, varints, counted sequences."""

    def __init__(self, blob: bytes) -> None:
        self._blob = blob
        self.place = 0

    @property
    def left(self) -> int:
        """Bytes that have not been read."""
        return len(self._blob) - self.place

    def since(self, start: int) -> bytes:
        """What was read from ``start`` on."""
        return self._blob[start : self.place]

    def take(self, size: int, what: str) -> bytes:
        """So many bytes. Raises Malformed."""
        if size > self.left:
            raise Malformed(f"{what} at byte {self.place} wants {size} bytes, {self.left} are left")
        self.place += size
        return self._blob[self.place - size : self.place]

    def byte(self, what: str) -> int:
        """One byte."""
        return self.take(1, what)[0]

    def varint(self, what: str) -> int:
        """An integer of up to 64 bits as `content.varint` writes it, in its shortest form. Raises Malformed."""
        start, value, shift = self.place, 0, 0
        while True:
            group = self.byte(what)
            value |= (group & 0x7F) << shift
            if value >> VARINT_BITS or shift >= VARINT_BITS:
                raise Malformed(f"{what} at byte {start} is wider than {VARINT_BITS} bits")
            if group < 0x80:
                if group == 0 and shift:
                    raise Malformed(f"{what} at byte {start} is not in its shortest form")
                return value
            shift += 7

    def count(self, what: str, least: int) -> int:
        """How many elements follow, of at least ``least`` bytes each: no more than the blob can hold."""
        start, count = self.place, self.varint(f"number of {what}")
        if count * least > self.left:
            raise Malformed(f"number of {what} {count} at byte {start} is more than {self.left} bytes can hold")
        return count

    def end(self, what: str) -> None:
        """Raise Malformed if there is more."""
        if self.left:
            raise Malformed(f"{what} is followed by {self.left} bytes that belong to nothing")
