"""The folder of a run: what lies where, one process at a time, every file whole or absent.

run.json          the settings; a folder belongs to one run
chain/            the local chain's state, the deployment record, logs
store/            all content, block by block
nodes/NAME/       a node's key, its journal and, in private mode, its rows
evaluation/       the rows that no node has
progress.json     what the report says of the rounds so far, saved with the chain's state
report.json       the report
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from anomalyhive.errors import BadSetting, Failure

SETTINGS = "run.json"


class RunFolder:
    """Paths in a run's folder, and how its small files are read and written."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.settings = self.root / SETTINGS
        self.chain = self.root / "chain"
        self.deployment = self.chain / "deployment.json"
        self.store = self.root / "store"
        self.evaluation = self.root / "evaluation"
        self.progress = self.root / "progress.json"
        self.report = self.root / "report.json"

    def node(self, name: str) -> Path:
        """The private folder of a node."""
        return self.root / "nodes" / name

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder for this process. Raises BadSetting while another process holds it."""
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            lock = os.open(self.root / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise BadSetting(f"the run folder {self.root} cannot be used: {error.strerror}") from error
        try:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise BadSetting(
                    f"{self.root} is in use by another process: wait for it or name another --run"
                ) from error
            yield
        finally:
            os.close(lock)

    def require(self) -> None:
        """Raise BadSetting unless this is the folder of a run."""
        if not self.settings.is_file():
            raise BadSetting(
                f"{self.root} is not the folder of a run ({SETTINGS} is missing): name the one given to --run"
            )


def write_json(path: Path, content: Any, mode: int = 0o644) -> None:
    """Write a JSON file, whole or not at all. Raises Failure naming the path."""
    text = json.dumps(content, indent=2, sort_keys=True) + "\n"
    write_bytes(path, text.encode(), mode)


def write_bytes(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Write a file, whole or not at all. Raises Failure naming the path."""
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
        raise Failure(f"{path} cannot be written ({error.strerror}): make room or choose another folder") from error


def read_json(path: Path) -> Any:
    """Read a JSON file. Raises Failure where it is missing or damaged."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Failure(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise Failure(f"{path} is damaged ({error}): restore it, or start a new run in another folder") from error
