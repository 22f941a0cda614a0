"""`anomalyhive doctor`: why a node does not earn, and what to do about it."""

from __future__ import annotations

import json as json_module
import time
from typing import Annotated

import typer

from anomalyhive.cli.console import note, out, plain
from anomalyhive.cli.node_parts import HOME, Home
from anomalyhive.node.doctor import CHECKS, examine

FOUND = 1
"""Exit code where something is wrong."""


def doctor(home: Home = HOME, json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Say in words why this node is not earning. Exits with 0 only if nothing is wrong."""
    found = examine(home, time.time)
    if json:
        listed = [{"check": name, "says": one.says, "remedy": one.remedy} for name, one in found]
        typer.echo(json_module.dumps(listed, indent=2))
    else:
        for _, one in found:
            out.print(plain("✗ ", "red") + plain(one.says), soft_wrap=True)
            if one.remedy:
                out.print(plain(f"  → {one.remedy}", "dim"), soft_wrap=True)
        if not found:
            note(f"nothing is wrong: {sum(map(len, CHECKS.values()))} checks, from the settings to the rewards")
    if found:
        raise typer.Exit(FOUND)
