"""A text file as lines: plain or gzip, read as a stream, every size bounded.

Nothing is held but one line, so a file that unpacks to far more than its size costs time, never memory.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, cast

from anomalyhive.errors import BadTable

MAX_RECORD_BYTES = 1 << 20
"""Longest row in bytes, over all lines that its quoted fields span: 65,536 columns of 16 characters."""

MAX_TEXT_BYTES = 1 << 31
"""Most bytes of a file, unpacked: a gzip file of 2 MiB can hold as much, and every row of it costs time and memory."""

GZIP_MAGIC = b"\x1f\x8b"
"""First two bytes of a gzip member (RFC 1952, section 2.3.1)."""

UTF8_BOM = b"\xef\xbb\xbf"
"""Byte order mark that spreadsheets put before UTF-8."""


class TextLines:
    """Iterator over the lines of a binary stream, decoded, each with its line end.

    The csv module joins lines while a quoted field is open, without a limit of its own; ``start_record`` is
    called between rows so that their length is bounded here.
    """

    def __init__(self, stream: IO[bytes], path: Path) -> None:
        self.number = 0
        """Lines given so far."""
        self._stream = stream
        self._path = path
        self._left = MAX_RECORD_BYTES
        self._total = 0

    def start_record(self) -> None:
        """Allow the next row its full length."""
        self._left = MAX_RECORD_BYTES

    def __iter__(self) -> Iterator[str]:
        """Itself."""
        return self

    def __next__(self) -> str:
        """The next line; raises BadTable if it is too long or not text."""
        line = self._stream.readline(self._left + 1)
        if not line:
            raise StopIteration
        self.number += 1
        self._left -= len(line)
        self._total += len(line)
        if self._left < 0:
            raise BadTable(
                f"{self._path}, line {self.number}: the row is longer than {MAX_RECORD_BYTES} bytes: "
                "look for a quote that is never closed, or for line ends other than \\n and \\r\\n"
            )
        if self._total > MAX_TEXT_BYTES:
            raise BadTable(
                f"{self._path}, line {self.number}: more than {MAX_TEXT_BYTES} bytes of text: split the file"
            )
        if self.number == 1:
            line = line.removeprefix(UTF8_BOM)
        if b"\0" in line:
            raise BadTable(
                f"{self._path}, line {self.number}: a NUL byte: "
                "the file is binary, UTF-16 or damaged: save it as CSV in UTF-8"
            )
        try:
            return line.decode("utf-8")
        except UnicodeDecodeError as error:
            raise BadTable(
                f"{self._path}, line {self.number}: byte 0x{line[error.start]:02x} is not UTF-8: save the file in UTF-8"
            ) from error


@contextmanager
def open_lines(path: Path) -> Iterator[TextLines]:
    """The lines of a file, unpacked if it begins as gzip does, whatever its name.

    Raises BadTable, here or while lines are read: missing, a directory, unreadable, or gzip that is none, is
    damaged or ends early.
    """
    with ExitStack() as closing:
        try:
            raw = closing.enter_context(path.open("rb"))
            if raw.peek(2)[:2] == GZIP_MAGIC:
                stream = cast("IO[bytes]", closing.enter_context(gzip.GzipFile(fileobj=raw)))
            elif path.suffix.lower() == ".gz":
                raise BadTable(f"{path} is named .gz but is not gzip: rename or compress it")
            else:
                stream = raw
            yield TextLines(stream, path)
        except FileNotFoundError as error:
            raise BadTable(f"{path} does not exist: give the path of a CSV file") from error
        except IsADirectoryError as error:
            raise BadTable(f"{path} is a directory: give the path of a CSV file") from error
        except EOFError as error:
            raise BadTable(f"{path}: the gzip stream ends early: the file is truncated, get it again") from error
        except (gzip.BadGzipFile, zlib.error) as error:
            raise BadTable(f"{path}: the gzip stream is damaged ({error}): get the file again") from error
        except OSError as error:
            raise BadTable(f"{path} cannot be read: {error.strerror or error}") from error
