"""The search for an address's history on the screen while it works."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from anomalyhive.cli.console import out, plain

SHOWN = 20
"""Things set aside that are named one by one; what comes after is counted."""


class SearchBar:
    """A bar for people, one a pass; for logs only what is out of the ordinary. The `Listener` of a history."""

    def __init__(self) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=out,
            disable=not out.is_terminal,
            transient=True,
        )
        self._first = 0
        self._named = 0

    def __enter__(self) -> SearchBar:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def begins(self, what: str, blocks: range) -> None:
        """A pass over these blocks begins."""
        self._first = blocks.start
        self._progress.add_task(what, total=len(blocks))

    def read(self, number: int) -> None:
        """Blocks up to ``number`` are read."""
        self._progress.update(self._progress.task_ids[-1], completed=number + 1 - self._first)

    def set_aside(self, what: str, reasons: Sequence[str]) -> None:
        """Something is left out of the history, and why."""
        self._named += 1
        if self._named <= SHOWN:
            self._progress.console.print(plain(f"{what} is left out: {'; '.join(reasons)}", "yellow"), soft_wrap=True)
