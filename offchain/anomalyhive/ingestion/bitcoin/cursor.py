"""A place in serialized bytes, and how Bitcoin writes numbers there."""

from __future__ import annotations

from struct import unpack_from

from anomalyhive.errors import BadInput


class Cursor:
    """Reads forward through ``data``; whatever would lead beyond its end raises BadInput naming the place."""

    __slots__ = ("at", "data")

    def __init__(self, data: bytes, at: int = 0) -> None:
        self.data = data
        self.at = at

    def take(self, count: int) -> bytes:
        """The next ``count`` bytes."""
        start = self.at
        end = start + count
        if end > len(self.data):
            raise BadInput(f"byte {start}: {count} bytes should follow and {len(self.data) - start} do")
        self.at = end
        return self.data[start:end]

    def u32(self) -> int:
        """An unsigned integer of 4 bytes, little end first."""
        return int.from_bytes(self.take(4), "little")

    def i32(self) -> int:
        """A signed integer of 4 bytes, little end first."""
        return int.from_bytes(self.take(4), "little", signed=True)

    def i64(self) -> int:
        """A signed integer of 8 bytes, little end first."""
        return int.from_bytes(self.take(8), "little", signed=True)

    def compact(self) -> int:
        """A CompactSize, which must be in its shortest form: else the same block could be written in several ways."""
        data, start = self.data, self.at
        if start >= len(data):
            raise BadInput(f"byte {start}: a count should follow and nothing does")
        first = data[start]
        if first < 0xFD:
            self.at = start + 1
            return first
        form, width, least = {0xFD: ("<H", 2, 0xFD), 0xFE: ("<I", 4, 1 << 16), 0xFF: ("<Q", 8, 1 << 32)}[first]
        if start + 1 + width > len(data):
            raise BadInput(f"byte {start}: a count of {width} bytes should follow and the data end")
        value: int = unpack_from(form, data, start + 1)[0]
        if value < least:
            raise BadInput(f"byte {start}: the count {value} is not in its shortest form")
        self.at = start + 1 + width
        return value

    def count(self, least: int) -> int:
        """How many items follow, each of at least ``least`` bytes; more than there can be is refused at once."""
        start = self.at
        value = self.compact()
        if value * least > len(self.data) - self.at:
            raise BadInput(f"byte {start}: {value} items of {least} bytes or more cannot be in {len(self.data)} bytes")
        return value

    def blob(self) -> bytes:
        """A script or another string of bytes after its length."""
        return self.take(self.compact())

    def end(self) -> None:
        """Raise BadInput unless everything was read."""
        if self.at != len(self.data):
            raise BadInput(f"byte {self.at}: {len(self.data) - self.at} bytes too many")


def compact_size(value: int) -> bytes:
    """A CompactSize in its shortest form."""
    if value < 0xFD:
        return value.to_bytes(1, "little")
    for first, width in ((0xFD, 2), (0xFE, 4), (0xFF, 8)):
        if value < 1 << 8 * width:
            return bytes([first]) + value.to_bytes(width, "little")
    raise BadInput(f"{value} is too large for a count")
