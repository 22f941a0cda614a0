"""How far a run has got: what its folder says of it, and whether a start founds it anew or goes on."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from anomalyhive.chain.localchain import stop_orphans
from anomalyhive.errors import BadSetting, Failure
from anomalyhive.federation.folder import RunFolder, read_json, write_json
from anomalyhive.federation.settings import Settings

PRIVATE, PUBLIC = 0o600, 0o644
"""Modes of a file."""


@dataclass
class Progress:
    """What progress.json holds: written with the chain's state, after founding and after every round."""

    task: int
    rounds: list[dict[str, Any]] = field(default_factory=list)
    cancelled: list[dict[str, Any]] = field(default_factory=list)
    seconds: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """The progress as JSON values."""
        return dict(vars(self))

    @classmethod
    def read(cls, path: Path) -> Progress:
        """The progress in a file. Raises Failure where it is damaged."""
        content = read_json(path)
        if not _is_progress(content):
            raise Failure(f"{path} does not say how far a run has got: restore it, or start a new run elsewhere")
        return cls(**content)


def _is_progress(content: Any) -> bool:
    return (
        isinstance(content, dict)
        and content.keys() == {"task", "rounds", "cancelled", "seconds"}
        and type(content["task"]) is int
        and type(content["seconds"]) in (int, float)
        and all(isinstance(content[name], list) for name in ("rounds", "cancelled"))
        and all(_is_record(entry) for entry in [*content["rounds"], *content["cancelled"]])
        and all(_is_digest(entry.get("model")) for entry in content["rounds"])
    )


def _is_record(entry: Any) -> bool:
    return isinstance(entry, dict) and type(entry.get("round")) is int


def _is_digest(text: Any) -> bool:
    return isinstance(text, str) and len(text) == 64 and all(digit in "0123456789abcdef" for digit in text)


def progress_of(folder: RunFolder, settings: Settings) -> Progress | None:
    """How far the run in a folder has got; None before it has been founded.

    Raises BadSetting for the folder of another run, and for one that holds something else under the names of a run's;
    Failure where a run has lost its progress.
    """
    if not folder.settings.is_file():
        taken = [path.name for path in folder.parts if path.exists()]
        if taken:
            raise BadSetting(
                f"{folder.root} is not the folder of a run and holds {', '.join(taken)}: name another with --run"
            )
        return None
    if not folder.progress.is_file():
        if folder.report.exists():
            raise Failure(f"{folder.progress} is missing beside a report: restore it, or start a new run elsewhere")
        # An earlier start did not get to its first round: nothing of it is worth keeping, its settings neither.
        return None
    differences = settings.differences(Settings.from_json(read_json(folder.settings)))
    if differences:
        raise BadSetting(
            f"{folder.root} holds another run ({'; '.join(differences)}): repeat its settings or name another --run"
        )
    return Progress.read(folder.progress)


def clear(folder: RunFolder) -> None:
    """Remove what a start that did not get to its first round left behind; keys stay. Raises Failure."""
    # The chain first: its folder says which process it is.
    stop_orphans(folder.chain)
    for path in (folder.chain, folder.store, folder.evaluation):
        try:
            if path.exists():
                shutil.rmtree(path)
        except OSError as error:
            raise Failure(f"{path} is left from a start that was interrupted: remove it ({error.strerror})") from error


def keep_settings(folder: RunFolder, settings: Settings) -> None:
    """Write run.json; for its user alone where the chain's URL has a secret in it."""
    secret = settings.chain != settings.shown_chain
    write_json(folder.settings, settings.as_json(), PRIVATE if secret else PUBLIC)
