"""`anomalyhive node run`: the node's process, told what it needs by settings, keys and options."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Optional

import typer

from anomalyhive.cli.console import note
from anomalyhive.cli.node_parts import HOME, Home
from anomalyhive.cli.node_run import run_node
from anomalyhive.node.config import NodeConfig
from anomalyhive.node.home import NodeHome
from anomalyhive.node.observing import observed
from anomalyhive.node.passwords import Passwords
from anomalyhive.node.settings import SETTINGS


def run(
    home: Home = HOME,
    role: Annotated[
        Optional[list[str]], typer.Option(help="Instead of the roles of the settings; may be repeated.")
    ] = None,
) -> None:
    """Let the node work, until it is told to stop (Ctrl-C, SIGTERM)."""
    folder = NodeHome(home)
    config = NodeConfig.read(folder.root)
    if role:
        roles = next(one for one in SETTINGS if one.name == "roles")
        roles.check(role, "--role")
        config = replace(config, roles=roles.reading.of_value(role))
    keys = folder.open_keys(Passwords.here())
    note(f"the node in {folder.root} works; Ctrl-C stops it")
    with observed(config) as watcher:
        code = run_node(config, keys, watcher)
    raise typer.Exit(code)
