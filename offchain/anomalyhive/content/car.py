"""A lineage as one file: CARv1 (https://ipld.io/specs/transport/car/carv1/).

The file is a header that names the roots, then every block reachable from them, once each, in the order of walk.py;
so the same content is the same file. A reader takes blocks only where the header or an earlier block announced
them: a file cannot smuggle in what nothing links, and one that leaves out a block is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from anomalyhive.atomic import appearing
from anomalyhive.content.cid import Codec, Link, cid_bytes, parse_cid_bytes
from anomalyhive.content.codec import ROOT_LIMIT, decode, encode, limit_of, links_in
from anomalyhive.content.store import Store, put, verified
from anomalyhive.content.varint import varint
from anomalyhive.content.walk import walk
from anomalyhive.errors import BadInput, ContentCorrupt, ContentMissing, StoreUnusable

_CID_BYTES = 36
_MODE = 0o644
_VARINT_BYTES = 4
"""Lengths here stay below 2^28, so four bytes of seven bits each are enough."""


def export_car(store: Store, roots: Sequence[bytes], path: Path) -> int:
    """Write the roots and all that they reach to ``path``; return the number of blocks.

    The file appears when it is complete. Raises as walk does when a block is missing or corrupt.
    """
    return write_car(path, roots, walk(store, roots))


def write_car(path: Path, roots: Sequence[bytes], blocks: Iterable[tuple[Link, bytes]]) -> int:
    """Write roots and blocks, which are in the order of walk.py, to ``path``; return the number of blocks."""
    path = Path(path)
    header = encode({"roots": [Link(root, Codec.DAG_CBOR) for root in roots], "version": 1})
    count = 0
    try:
        with appearing(path, _MODE) as stream:
            stream.write(varint(len(header)) + header)
            for link, block in blocks:
                stream.write(varint(_CID_BYTES + len(block)) + cid_bytes(link) + block)
                count += 1
    except OSError as error:
        raise StoreUnusable(f"cannot write {path}: {error.strerror}: free space or choose another place") from error
    return count


def import_car(store: Store, path: Path) -> list[bytes]:
    """Put all blocks of a file into a store; return the digests of its roots.

    BadInput names the place where the file is not as export_car writes it, ContentCorrupt a block that is not what
    its CID says, ContentMissing one that is left out. What was put before an error stays, as valid blocks.
    """
    path = Path(path)
    try:
        with path.open("rb") as stream:
            reader = CarReader(stream, path)
            roots = reader.header()
            announced = {Link(root, Codec.DAG_CBOR) for root in roots}
            seen: set[Link] = set()
            for link, block in reader.blocks():
                if link not in announced or link in seen:
                    raise reader.refusal("its block is not linked by an earlier one, or comes twice")
                seen.add(link)
                announced.update(links_in(block, link.codec))
                put(store, block, link.codec)
    except OSError as error:
        raise BadInput(f"cannot read the CAR file {path}: {error.strerror}") from error
    for link in sorted(announced - seen):
        raise ContentMissing(link.digest, f"the CAR file {path}, which links it")
    return roots


class CarReader:
    """The parts of a CAR file in order; ``at`` is the byte where the current one begins, ``block_at`` its block."""

    def __init__(self, stream: BinaryIO, path: Path) -> None:
        self._stream = stream
        self._path = path
        self.at = 0
        self.block_at = 0
        self._next = 0

    def refusal(self, reason: str) -> BadInput:
        """The error that says where the file is wrong."""
        return BadInput(f"CAR file {self._path}, byte {self.at}: {reason}")

    def header(self) -> list[bytes]:
        """Digests of the roots."""
        section = self._section(ROOT_LIMIT)
        if section is None:
            raise self.refusal("the file is empty")
        try:
            document = decode(section)
        except ContentCorrupt as error:
            raise self.refusal(f"its header is no CARv1 header: {error.reason}") from error
        roots = document.get("roots") if isinstance(document, dict) else None
        if not isinstance(document, dict) or document.get("version") != 1 or not isinstance(roots, list):
            raise self.refusal("its header is not that of CAR version 1")
        links = [root for root in roots if isinstance(root, Link) and root.codec is Codec.DAG_CBOR]
        if len(links) != len(roots) or not links or document.keys() != {"roots", "version"}:
            raise self.refusal("its header must name one or more dag-cbor roots and nothing else")
        return [link.digest for link in links]

    def blocks(self) -> Iterator[tuple[Link, bytes]]:
        """The blocks, each verified against its CID."""
        while (section := self._section(_CID_BYTES + ROOT_LIMIT)) is not None:
            try:
                link = parse_cid_bytes(section[:_CID_BYTES])
            except BadInput as error:
                raise self.refusal(str(error)) from error
            if len(section) > _CID_BYTES + limit_of(link.codec):
                raise self.refusal(f"a {link.codec.name} block of {len(section) - _CID_BYTES} bytes is too large")
            self.block_at = self._next - len(section) + _CID_BYTES
            yield link, verified(section[_CID_BYTES:], link.digest, link.codec)

    def _section(self, most: int) -> bytes | None:
        """The next part without its length; None at the end of the file."""
        self.at = self._next
        length = self._length()
        if length is None:
            return None
        if length > most:
            raise self.refusal(f"a part of {length} bytes exceeds {most}")
        return self._exactly(length)

    def _length(self) -> int | None:
        value = 0
        for index in range(_VARINT_BYTES):
            byte = self._stream.read(1)
            if not byte and index == 0:
                return None
            self._next += 1
            if not byte:
                raise self.refusal("it ends within a length")
            value |= (byte[0] & 0x7F) << 7 * index
            if byte[0] < 0x80:
                if index and byte[0] == 0:
                    raise self.refusal("a length is not in its shortest form")
                return value
        raise self.refusal("a length is longer than four bytes")

    def _exactly(self, count: int) -> bytes:
        data = self._stream.read(count)
        self._next += len(data)
        if len(data) < count:
            raise self.refusal(f"it ends {count - len(data)} bytes before the part does: the file was cut")
        return data
