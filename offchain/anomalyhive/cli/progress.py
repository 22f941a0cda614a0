"""A federation on the screen while it works: a live table for people, plain lines for logs."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Any

from rich.console import Group
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table

from anomalyhive.chain.views import Phase
from anomalyhive.cli.console import frame, measure, note, out, plain
from anomalyhive.cli.counting_progress import CountingBar
from anomalyhive.federation.counting import Step
from anomalyhive.roles.steps import Taken

DOING = {
    Phase.TRAIN: "trainers submit updates",
    Phase.JUDGE: "validators judge",
    Phase.REVEAL: "validators reveal their verdicts",
    Phase.TALLY: "the contract tallies",
    Phase.ATTEST: "validators attest the model",
    Phase.STALLED: "the round is cancelled",
}

COLUMNS = ("accepted", "avg precision", "ROC-AUC", "gas", "seconds")


class Screen:
    """Shows a run; the `Listener` of a session."""

    def __init__(self, rounds: int) -> None:
        self.rounds = rounds
        self._table = self._empty()
        self._spinner = Spinner("dots", text="")
        self._live: Live | None = None
        self._shown = 0
        self._bar = CountingBar()

    def __enter__(self) -> Screen:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def stage(self, text: str) -> None:
        """A line of its own, above the table."""
        self._end()
        note(text)

    def counting(self, step: Step) -> None:
        """How many transactions of the chunks are counted, as a bar."""
        self._bar.show(step)

    def step(self, round_: int, taken: Taken) -> None:
        """What is going on, in the line below the table."""
        doing = DOING.get(taken.phase, taken.phase.name.lower())
        self._spinner.update(text=f"round {round_} of {self.rounds}: {doing}")
        self._refresh()

    def round_done(self, record: Mapping[str, Any]) -> None:
        """A row of the table."""
        row = (
            str(record["round"]),
            record["weights"][:12],
            f"{record['accepted']}/{record['updates']}",
            measure(record["average_precision"]),
            measure(record["roc_auc"]),
            f"{record['gas']:,}",
            f"{record['seconds']:.1f}",
        )
        self._table.add_row(*row)
        if out.is_terminal:
            self._refresh()
        else:
            if not self._shown:
                out.print("round  weights       accepted  avg precision  ROC-AUC         gas  seconds")
            out.print(f"{row[0]:>5}  {row[1]}  {row[2]:>8}  {row[3]:>13}  {row[4]:>7}  {row[5]:>10}  {row[6]:>7}")
        self._shown += 1
        for entry in record["rejected"]:
            self._aside(f"round {record['round']}: {entry['node']} rejected: {entry['reason']}")
        for entry in record["unpaid"]:
            self._aside(f"round {record['round']}: {entry['node']} unpaid: {entry['reason']}")

    def round_cancelled(self, record: Mapping[str, Any]) -> None:
        """A line for a round that ended without a model."""
        self._aside(
            f"round {record['round']} was cancelled with {record['updates']} updates; its reward is back in escrow"
        )

    def _aside(self, text: str) -> None:
        (self._live.console if self._live else out).print(plain(text, "yellow"), soft_wrap=True)

    def _refresh(self) -> None:
        if not out.is_terminal:
            return
        if self._live is None:
            self._live = Live(console=out, refresh_per_second=8, transient=False)
            self._live.start()
        self._live.update(Group(self._table, self._spinner))

    def _end(self) -> None:
        self._bar.end()
        if self._live is not None:
            self._live.update(self._table)
            self._live.stop()
            self._live = None
            self._table = self._empty()

    @staticmethod
    def _empty() -> Table:
        return frame(("round", "weights"), COLUMNS)
