"""`anomalyhive node`: the commands of whoever runs a node."""

from __future__ import annotations

import typer

from anomalyhive.cli.node_init import init
from anomalyhive.cli.node_owner import claim, exit, register, rotate_operator, send  # noqa: A004 - the user's word
from anomalyhive.cli.node_status import status
from anomalyhive.cli.node_watch import dead_letters, redeliver, verify_log_command
from anomalyhive.cli.node_work import run

app = typer.Typer(
    help="Run a node: make it, register it, let it work, claim what it earned, leave.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.command()(init)
app.command()(register)
app.command()(run)
app.command()(status)
app.command()(claim)
app.command()(send)
app.command()(exit)
app.command(name="rotate-operator")(rotate_operator)
app.command(name="dead-letters")(dead_letters)
app.command()(redeliver)
app.command(name="verify-log")(verify_log_command)
