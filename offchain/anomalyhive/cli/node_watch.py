"""`anomalyhive node dead-letters`, `redeliver`, `verify-log`: what a monitor's webhooks did not take, and its log."""

from __future__ import annotations

import json as json_module
import random
import time
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from anomalyhive.cli.console import heading, note
from anomalyhive.cli.node_parts import HOME, Home
from anomalyhive.errors import BadSetting, Failure
from anomalyhive.monitor.alertlog import verify_log
from anomalyhive.monitor.webhooks import DeadLetters, HttpPoster, Means, Pace
from anomalyhive.monitor.webhooks import redeliver as send_again
from anomalyhive.node.config import NodeConfig
from anomalyhive.node.leaving import utc
from anomalyhive.node.monitoring.settings import MonitorConfig


def dead_letters(home: Home = HOME, json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """The messages that webhooks never took, and why."""
    monitor = _monitor(home)
    found = {one.name: DeadLetters(monitor.folder, one.name).all() for one in monitor.webhooks}
    if json:
        typer.echo(json_module.dumps({name: [asdict(one) for one in letters] for name, letters in found.items()}))
        return
    for name, letters in found.items():
        heading(f"Webhook {name}: {len(letters)} dead letters")
        for one in letters:
            note(f"{one.name}, {one.message.kind}, given up {utc(one.at)} after {one.tries} tries: {one.why}")


def redeliver(
    webhook: Annotated[str, typer.Argument(help="Name of the webhook.")],
    ids: Annotated[
        list[str] | None, typer.Argument(help="The webhook-id of each message; all of them if none.")
    ] = None,
    home: Home = HOME,
) -> None:
    """Send dead letters once more; those that are taken are dead letters no longer."""
    monitor = _monitor(home)
    chosen = next((one for one in monitor.webhooks if one.name == webhook), None)
    if chosen is None:
        known = ", ".join(one.name for one in monitor.webhooks) or "none"
        raise BadSetting(f"there is no webhook {webhook[:60]!r}: the settings name {known}")
    means = Means(HttpPoster(time.time), Pace(), time.time, random.random, lambda *_: None)
    taken, refused = send_again(chosen.opened(), means, monitor.folder, ids or ())
    note(f"{taken} messages were taken")
    if refused:
        raise Failure(f"{len(refused)} were not: {'; '.join(refused[:5])}")


def verify_log_command(
    log: Annotated[Path | None, typer.Argument(help="The log; that of the node if none is named.")] = None,
    home: Home = HOME,
) -> None:
    """Check that no line of a log of alerts was changed or taken out."""
    path = _monitor(home).log if log is None else log
    found = verify_log(path)
    note(f"{path} holds: {found.lines} lines, the last of digest {found.digest}")


def _monitor(home: Path) -> MonitorConfig:
    config = NodeConfig.read(home)
    if config.monitor is None:
        raise BadSetting(f"the node in {config.home} has no [monitor] in its settings: write it there first")
    return config.monitor
