"""`anomalyhive dashboard`: the hive in a browser."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Optional

import typer

from anomalyhive.cli.console import heading, note
from anomalyhive.cli.stopping import Stopped
from anomalyhive.dashboard.putting import Wanted, served


def dashboard(
    run: Annotated[Optional[Path], typer.Option(help="Folder of a run, finished or going on.")] = None,
    rpc: Annotated[Optional[str], typer.Option(help="URL of the chain of a live hive, instead of --run.")] = None,
    hive: Annotated[Optional[str], typer.Option(help="Address of the live hive.")] = None,
    task: Annotated[Optional[int], typer.Option(min=1, help="Task to show; the newest by default.")] = None,
    store: Annotated[
        Optional[list[str]], typer.Option(help="Where the content of a live hive is: directory:PATH or /ip4/…")
    ] = None,
    feed: Annotated[Optional[str], typer.Option(help="Address of an AlertFeed on the same chain.")] = None,
    watch: Annotated[Optional[Path], typer.Option(help="Folder of a watch, for alerts and anomaly.")] = None,
    home: Annotated[Optional[Path], typer.Option(help="Folder of a node of one's own.")] = None,
    host: Annotated[str, typer.Option(help="Address to listen at; others than this machine's see all of it.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen at; 0 for any free one.")] = 8800,
) -> None:
    """Serve a page and an HTTP interface that show a run or a live hive. Nothing is ever signed here."""
    wanted = Wanted(run, rpc, hive, task, tuple(store or ()), feed, watch, home, host, port)
    with served(wanted, time.time) as made:
        heading("Dashboard")
        note(f"page: {made.url}/#token={made.token}")
        note(f"interface: {made.url}/openapi.json")
        if made.problem is not None:
            note(f"not all is there yet: {made.problem}; it goes on looking, and the page shows what comes")
        note("Ctrl-C ends it")
        try:
            made.serve()
        except (KeyboardInterrupt, Stopped):
            note("ended")
