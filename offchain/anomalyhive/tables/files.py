"""Writing a file so that a reader sees all of it or none."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from anomalyhive.errors import BadSetting, StoreUnusable


def write_text(path: Path, text: str) -> None:
    """Replace a file's content at once: written beside it, synced, renamed; an interruption leaves the old.

    Raises BadSetting if the folder does not exist or the path is a folder, StoreUnusable if the disk refuses.
    """
    if path.is_dir():
        raise BadSetting(f"{path} is a directory: name a file to write")
    if not path.parent.is_dir():
        raise BadSetting(f"the folder {path.parent} does not exist: create it or write elsewhere")
    written: Path | None = None
    try:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", newline="", dir=path.parent, prefix=f".{path.name}.", delete=False
        ) as file:
            written = Path(file.name)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        # A temporary file is private to its user; a result is as public as any new file.
        written.chmod(0o666 & ~_umask())
        written.replace(path)
    except OSError as error:
        if written is not None:
            written.unlink(missing_ok=True)
        raise StoreUnusable(
            f"{path} cannot be written: {error.strerror or error}: free space or write elsewhere"
        ) from error


def _umask() -> int:
    """The permission bits that new files of this process do not get."""
    mask = os.umask(0o077)  # there is no call that reads it without setting it
    os.umask(mask)
    return mask
