"""The counting of chunks on the screen while it goes on."""

from __future__ import annotations

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from anomalyhive.cli.console import note, out
from anomalyhive.federation.counting import Step


class CountingBar:
    """A bar of transactions for people; for logs a line when it begins."""

    def __init__(self) -> None:
        self._progress: Progress | None = None
        self._task = TaskID(0)

    def show(self, step: Step) -> None:
        """Move the bar; the first step makes it."""
        if self._progress is None:
            note(f"counting {step.total:,} transactions in {step.chunks} chunks")
            self._progress = Progress(
                TextColumn("chunk {task.fields[chunk]} of {task.fields[chunks]}"),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("{task.fields[speed]}"),
                TimeRemainingColumn(),
                console=out,
                disable=not out.is_terminal,
            )
            self._task = self._progress.add_task(
                "transactions", total=step.total, chunk=step.chunk, chunks=step.chunks, speed=""
            )
            self._progress.start()
        speed = self._progress.tasks[0].speed
        self._progress.update(
            self._task, completed=step.done, chunk=step.chunk, speed=f"{speed:,.0f}/s" if speed else ""
        )

    def end(self) -> None:
        """Leave the bar as it is and the screen to others."""
        if self._progress is not None:
            self._progress.stop()
            self._progress = None
