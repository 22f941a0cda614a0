"""The folder of a run: what lies where, one process at a time, every file whole or absent.

run.json          the settings; a folder belongs to one run
chain/            the local chain's state, the deployment record, logs
store/            all content, block by block
nodes/NAME/       a node's key, its journal and, in private mode, its rows
evaluation/       the rows that no node has
counted/          of a run on chunks, what was counted in each
progress.json     what the report says of the rounds so far, saved with the chain's state
report.json       the report
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from anomalyhive.content.locking import holding
from anomalyhive.errors import BadInput, BadSetting, Failure
from anomalyhive.jsontext import loads

SETTINGS, NODES, LOCK = "run.json", "nodes", ".lock"


class RunFolder:
    """Paths in a run's folder, and how its small files are read and written."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.settings = self.root / SETTINGS
        self.chain = self.root / "chain"
        self.deployment = self.chain / "deployment.json"
        self.store = self.root / "store"
        self.evaluation = self.root / "evaluation"
        self.counted = self.root / "counted"
        self.test_rows = self.evaluation / "test.json"
        self.progress = self.root / "progress.json"
        self.report = self.root / "report.json"

    @property
    def parts(self) -> tuple[Path, ...]:
        """Everything that a run makes in its folder, but for its settings, its lock and what it has counted."""
        return (self.chain, self.store, self.root / NODES, self.evaluation, self.progress, self.report)

    def node(self, name: str) -> Path:
        """The private folder of a node."""
        return self.root / NODES / name

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder for this process. Raises BadSetting while another process holds it.

        Where no run has come of it, neither the lock nor an empty folder is left behind; nor, if the input was refused,
        what was counted. After anything else the next start goes on from there.
        """
        lock = self.root / LOCK
        refusal = BadSetting(f"{self.root} is in use by another process: wait for it or name another --run")
        with holding(lock, refusal):
            try:
                yield
            except BadInput:
                if not self.settings.exists():
                    shutil.rmtree(self.counted, ignore_errors=True)
                raise
            finally:
                # Under the lock: who opened the file before finds it held, who comes later makes a new one.
                if not self.settings.exists():
                    with contextlib.suppress(OSError):
                        lock.unlink()
                        self.root.rmdir()

    def require(self) -> None:
        """Raise BadSetting unless this is the folder of a run."""
        if not self.settings.is_file():
            raise BadSetting(
                f"{self.root} is not the folder of a run ({SETTINGS} is missing): name the one given to --run"
            )


def check_result(path: Path, *inputs: Path) -> None:
    """Raise BadSetting where a result cannot be written: not a file, no place for one, or one of the inputs."""
    if any(path.resolve() == one.resolve() for one in inputs):
        raise BadSetting(f"{path} is read and would be overwritten: write elsewhere")
    if path.is_dir():
        raise BadSetting(f"{path} is a directory: name a file to write")
    place = path.parent
    while not place.exists() and place != place.parent:
        place = place.parent
    if not place.is_dir() or not os.access(place, os.W_OK | os.X_OK):
        raise BadSetting(f"{path} cannot be written, since {place} is no directory that can be: write elsewhere")


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
        return loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Failure(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise Failure(f"{path} is damaged ({error}): restore it, or start a new run in another folder") from error
