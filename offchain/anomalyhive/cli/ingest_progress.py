"""An ingestion on the screen while it works."""

from __future__ import annotations

from types import TracebackType

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from anomalyhive.cli.console import out, plain


class Bar:
    """A bar for people; for logs only what is out of the ordinary. The `Listener` of an ingestion."""

    def __init__(self, blocks: range) -> None:
        self._blocks = blocks
        self._progress = Progress(
            TextColumn("blocks"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[speed]}"),
            TimeRemainingColumn(),
            console=out,
            disable=not out.is_terminal,
        )
        self._task = self._progress.add_task("blocks", total=len(blocks), speed="")

    def __enter__(self) -> Bar:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def resumed(self, number: int) -> None:
        """Blocks below ``number`` were there already."""
        if number > self._blocks.start:
            self._say(f"going on at block {number}")
        self._progress.update(self._task, completed=number - self._blocks.start)

    def read(self, number: int) -> None:
        """Blocks up to ``number`` are read."""
        speed = self._progress.tasks[0].speed
        self._progress.update(
            self._task,
            completed=number + 1 - self._blocks.start,
            speed=f"{speed:,.0f}/s" if speed else "",
        )

    def rolled_back(self, number: int) -> None:
        """The chain was reorganised above block ``number``."""
        self._say(f"the chain was reorganised above block {number}: reading on from there")
        self._progress.update(self._task, completed=number + 1 - self._blocks.start)

    def quarantined(self, number: int, reasons: tuple[str, ...]) -> None:
        """A block is in no table, and why."""
        self._say(f"block {number} is quarantined: {'; '.join(reasons)}")

    def _say(self, text: str) -> None:
        self._progress.console.print(plain(text, "yellow"), soft_wrap=True)
