"""How the command line looks: one console for what is asked for, one for complaints, and the frame of its tables."""

from __future__ import annotations

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from anomalyhive.texts import printable

TOKEN = 10**18
WIDEST = 1000
"""Columns of a table that is shown whole."""

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


def plain(text: str, style: str = "") -> Text:
    """A text in which nothing is markup and nothing moves the cursor."""
    return Text(printable(text), style=style)


def complain(text: str) -> None:
    """One message on standard error."""
    err.print(plain("error: ", "bold red") + plain(text), soft_wrap=True)


def note(text: str) -> None:
    """One line of a stage."""
    out.print(plain("· ", "dim") + plain(text), soft_wrap=True)


def heading(text: str) -> None:
    """What stands above a table."""
    out.print(f"\n[bold]{text}[/bold]")


def frame(left: Sequence[str], right: Sequence[str]) -> Table:
    """A table with text columns first and number columns after."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in left:
        table.add_column(name, overflow="fold", min_width=len(name))
    for name in right:
        table.add_column(name, justify="right", no_wrap=True, min_width=len(name))
    return table


def whole(table: Table) -> None:
    """A table of which nothing is cut or folded, however narrow the screen: addresses are there to be copied."""
    table.width = Measurement.get(out, out.options.update(max_width=WIDEST), table).maximum
    out.print(table, crop=False, soft_wrap=True)


def tokens(amount: int) -> str:
    """1e-18 tokens as tokens with two decimals, cut and not rounded."""
    return f"{amount // TOKEN:,}.{amount * 100 // TOKEN % 100:02d}"


def measure(value: float | None) -> str:
    """A quality between 0 and 1, or a dash."""
    return "-" if value is None else f"{value:.4f}"
