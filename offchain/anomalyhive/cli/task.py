"""`anomalyhive task`: the commands of whoever has something learned, and of whoever looks on."""

from __future__ import annotations

from typing import Annotated, Optional

import typer

from anomalyhive.cli.console import note
from anomalyhive.cli.node_parts import HOME, Home, owner_of
from anomalyhive.cli.task_create import create_task
from anomalyhive.cli.task_status import status
from anomalyhive.node import sponsoring
from anomalyhive.node.amounts import parse_amount, tokens
from anomalyhive.node.place import Place

app = typer.Typer(
    help="Have something learned: create a task, fund it, open its rounds, see how it gets on.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

Task = Annotated[int, typer.Argument(min=1, help="Number of the task.")]


def fund(
    task: Task, amount: Annotated[str, typer.Argument(help="Tokens to put into the escrow.")], home: Home = HOME
) -> None:
    """Put tokens into a task's escrow, out of which rounds are paid."""
    place = Place.of(home)
    sponsoring.fund(place.contracts, owner_of(place), task, parse_amount(amount, "AMOUNT"))
    note(f"task {task} has {tokens(place.contracts.hive.task(task).escrow)} in escrow")


def withdraw(
    task: Task,
    amount: Annotated[Optional[str], typer.Argument(help="Tokens to take back; all by default.")] = None,
    home: Home = HOME,
) -> None:
    """Take escrow back that no round has locked; for the sponsor alone."""
    place = Place.of(home)
    wanted = None if amount is None else parse_amount(amount, "AMOUNT")
    sponsoring.withdraw(place.contracts, owner_of(place), task, wanted)


def open_round(task: Task, home: Home = HOME) -> None:
    """Open the next round of a task."""
    place = Place.of(home)
    hive = place.contracts.hive
    state = hive.task(task)
    owner_of(place).do(hive.call("openRound", task), f"open round {state.latest_round + 1} of task {task}")


def cancel(task: Task, home: Home = HOME) -> None:
    """Cancel the latest round of a task, which has stalled; its reward goes back into the escrow."""
    place = Place.of(home)
    hive = place.contracts.hive
    latest = hive.task(task).latest_round
    owner_of(place).do(hive.call("cancelRound", task, latest), f"cancel round {latest} of task {task}")


app.command(name="create")(create_task)
app.command()(fund)
app.command(name="open")(open_round)
app.command()(cancel)
app.command()(status)
app.command()(withdraw)
