"""`anomalyhive node status`: how a node stands."""

from __future__ import annotations

import json as json_module
from dataclasses import asdict
from datetime import timedelta
from typing import Annotated, Any

import typer
from web3 import Web3

from anomalyhive.chain.views import RoundView
from anomalyhive.cli.console import frame, heading, note, out, plain
from anomalyhive.cli.monitor_state import monitor_json, show_monitor
from anomalyhive.cli.node_parts import HOME, Home
from anomalyhive.node.amounts import rounded, tokens
from anomalyhive.node.joining import named
from anomalyhive.node.leaving import utc
from anomalyhive.node.monitoring.state import monitor_state
from anomalyhive.node.place import Place
from anomalyhive.node.standing import Purse, Standing, TaskStanding, deed_of, standing_of
from anomalyhive.texts import counted


def status(home: Home = HOME, json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Stake, roles, slots, the open round, the last submissions, what was earned and what is to be claimed."""
    place = Place.of(home)
    standing, watch = standing_of(place), place.config.monitor
    monitor = None if watch is None else monitor_state(place, watch, standing.number)
    if json:
        said = as_json(standing, place.home.runs())
        if monitor is not None:
            said["monitor"] = monitor_json(monitor)
        typer.echo(json_module.dumps(said, indent=2))
        return
    _show_node(standing, place.home.runs())
    for task in standing.tasks:
        _show_task(task)
    if monitor is not None:
        show_monitor(monitor)


def as_json(standing: Standing, runs: bool) -> dict[str, Any]:
    """A standing as JSON; amounts as decimal texts of 1e-18, for JSON's numbers are floats to many readers."""
    record = standing.record
    return {
        "node": standing.number,
        "running": runs,
        "stake": None if record is None else str(record.stake),
        "roles": None if record is None else named(record.roles).split(", "),
        "exit_at": None if record is None else record.exit_at,
        "operator": _purse_json(standing.operator),
        "owner": _purse_json(standing.owner),
        "open": [{"does": one.function, "nonce": one.nonce, "hash": Web3.to_hex(one.hash)} for one in standing.journal],
        "tasks": [_task_json(task) for task in standing.tasks],
    }


def _purse_json(purse: Purse) -> dict[str, Any]:
    return {**asdict(purse), "coin": str(purse.coin), "tokens": str(purse.tokens)}


def _task_json(task: TaskStanding) -> dict[str, Any]:
    return {
        "task": task.number,
        "slots": [str(slot) for slot in task.slots],
        "escrow": str(task.state.escrow),
        "earned": str(task.dues.claimed + task.dues.unclaimed),
        "unclaimed": str(task.dues.unclaimed),
        "rounds": [
            {
                "round": view.round,
                "phase": view.phase.name,
                "ends_at": view.ends_at,
                "did": {str(slot): deed_of(view, slot) for slot in task.slots},
            }
            for view in task.rounds
        ],
    }


def _show_node(standing: Standing, runs: bool) -> None:
    record = standing.record
    heading(f"Node {standing.number}" if record else "A node that is not registered")
    if record is not None:
        state = f"on its way out, stake free from {utc(record.exit_at)} on" if record.exit_at else "active"
        note(f"{state}, with the roles {named(record.roles)} and {tokens(record.stake)} of stake")
    note(f"its process {'runs' if runs else 'does not run'} here")
    for who, purse in (("operator", standing.operator), ("owner", standing.owner)):
        has = f"{rounded(purse.coin)} coin, {rounded(purse.tokens)} tokens"
        waiting = counted(purse.pending, "transaction on its way", "transactions on their way")
        note(f"{who} {purse.address}: {has}{f', {waiting}' if purse.pending else ''}")
    for one in standing.journal:
        note(f"{one.function}, nonce {one.nonce}, is not known to be mined: {Web3.to_hex(one.hash)}")


def _show_task(task: TaskStanding) -> None:
    held = ", ".join(str(slot).partition(" of ")[0] for slot in task.slots) or "no slot"
    heading(f"Task {task.number}: {held}")
    dues = task.dues
    note(f"earned {tokens(dues.claimed + dues.unclaimed)}, of which {tokens(dues.unclaimed)} are to be claimed")
    if not task.rounds:
        note("no round was opened yet")
        return
    table = frame(("round", "phase", "left", "what this node did"), ())
    for view in task.rounds:
        did = "; ".join(deed_of(view, slot) for slot in task.slots) or "-"
        table.add_row(str(view.round), view.phase.name, until(view), plain(did))
    out.print(table)


def until(view: RoundView) -> str:
    """For how long a phase may last yet."""
    return str(timedelta(seconds=max(view.ends_at - view.now, 0))) if view.ends_at else "-"
