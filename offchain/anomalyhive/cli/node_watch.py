"""`anomalyhive node dead-letters`, `redeliver`, `verify-log`: what a monitor's webhooks did not take, and its log."""

from __future__ import annotations

import json as json_module
import random
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Optional, TypeVar

import typer

from anomalyhive.cli.console import heading, note
from anomalyhive.cli.monitor_telling import webhooks_of
from anomalyhive.cli.node_parts import HOME, Home
from anomalyhive.errors import BadSetting, Failure
from anomalyhive.monitor.alertlog import verify_log
from anomalyhive.monitor.reading import WatchReader
from anomalyhive.monitor.webhooks import DeadLetters, HttpPoster, Means, Pace, Webhook, given_up
from anomalyhive.monitor.webhooks import redeliver as send_again
from anomalyhive.node.config import NodeConfig
from anomalyhive.node.leaving import utc
from anomalyhive.node.monitoring.settings import HookSetting, MonitorConfig
from anomalyhive.texts import counted

Watch = Annotated[
    Optional[Path], typer.Option("--watch", help="Folder of a watch of `anomalyhive monitor`, in place of a node.")
]
Hook = TypeVar("Hook", HookSetting, Webhook)


def dead_letters(
    home: Home = HOME, watch: Watch = None, json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False
) -> None:
    """The messages that webhooks never took, and why."""
    if watch is None:
        monitor = _monitor(home)
        folder, names = monitor.folder, [one.name for one in monitor.webhooks]
    else:
        folder, names = _watched(watch), given_up(watch)
    found = {name: DeadLetters(folder, name).all() for name in names}
    if json:
        typer.echo(json_module.dumps({name: [asdict(one) for one in letters] for name, letters in found.items()}))
        return
    if not found:
        note("no webhook has had a dead letter")
    for name, letters in found.items():
        heading(f"Webhook {name}: {counted(len(letters), 'dead letter')}")
        for one in letters:
            tries = counted(one.tries, "try", "tries")
            note(f"{one.name}, {one.message.kind}, given up {utc(one.at)} after {tries}: {one.why}")


def redeliver(
    webhook: Annotated[str, typer.Argument(help="Name of the webhook.")],
    ids: Annotated[
        Optional[list[str]], typer.Argument(help="The webhook-id of each message; all of them if none.")
    ] = None,
    home: Home = HOME,
    watch: Watch = None,
    urls: Annotated[
        Optional[list[str]], typer.Option("--webhook", help="With --watch: NAME=URL, as `anomalyhive monitor` has it.")
    ] = None,
) -> None:
    """Send dead letters once more; those that are taken are dead letters no longer."""
    if watch is not None:
        folder, chosen = _watched(watch), _named(webhook, webhooks_of(urls or ()), "--webhook names")
    elif urls:
        raise BadSetting("--webhook is for --watch: the webhooks of a node are those in its settings")
    else:
        monitor = _monitor(home)
        folder, chosen = monitor.folder, _named(webhook, monitor.webhooks, "the settings name").opened()
    _check_ids(DeadLetters(folder, chosen.name), ids or ())
    means = Means(HttpPoster(time.time), Pace(), time.time, random.random, lambda *_: None)
    taken, refused = send_again(chosen, means, folder, ids or ())
    note(counted(taken, "message was taken", "messages were taken"))
    if refused:
        raise Failure(f"{counted(len(refused), 'was not', 'were not')}: {'; '.join(refused[:5])}")


def verify_log_command(
    log: Annotated[Optional[Path], typer.Argument(help="The log; that of the node if none is named.")] = None,
    home: Home = HOME,
) -> None:
    """Check that no line of a log of alerts was changed or taken out."""
    path = _monitor(home).log if log is None else log
    found = verify_log(path)
    note(f"{path} holds: {counted(found.lines, 'line')}, the last of digest {found.digest}")


def _monitor(home: Path) -> MonitorConfig:
    config = NodeConfig.read(home)
    if config.monitor is None:
        raise BadSetting(f"the node in {config.home} has no [monitor] in its settings: write it there first")
    return config.monitor


def _named(name: str, hooks: Sequence[Hook], where: str) -> Hook:
    """The webhook of this name. Raises BadSetting where there is none; ``where`` says who names the others."""
    for one in hooks:
        if one.name == name:
            return one
    raise BadSetting(f"there is no webhook {name[:60]!r}: {where} {', '.join(one.name for one in hooks) or 'none'}")


def _check_ids(dead: DeadLetters, ids: Sequence[str]) -> None:
    """Raise BadSetting for an id that is of no dead letter: nothing is sent where one was mistyped."""
    known = {letter.name for letter in dead.all()} if ids else set()
    for one in ids:
        if one not in known:
            raise BadSetting(f"{one[:100]!r} is the id of no dead letter: `anomalyhive node dead-letters` shows them")


def _watched(folder: Path) -> Path:
    """The folder of a watch. Raises BadInput where there is none."""
    WatchReader(folder).close()
    return folder
