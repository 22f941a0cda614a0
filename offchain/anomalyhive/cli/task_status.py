"""`anomalyhive task status`: how a task gets on, for anyone."""

from __future__ import annotations

import json as json_module
from typing import Annotated, Any

import typer

from anomalyhive.chain.views import ZERO_DIGEST, RoundView, TaskState
from anomalyhive.cli.console import frame, heading, note, out
from anomalyhive.cli.node_parts import HOME, Home
from anomalyhive.cli.node_status import until
from anomalyhive.node.amounts import tokens
from anomalyhive.node.leaving import lasting
from anomalyhive.node.place import Place

SHOWN = 10
"""Latest rounds."""


def status(
    task: Annotated[int, typer.Argument(min=1, help="Number of the task.")],
    home: Home = HOME,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Rounds and their phases, the clock, the escrow, and what was submitted."""
    place = Place.of(home)
    hive = place.contracts.hive
    state = hive.task(task)
    rounds = [hive.round(task, n) for n in range(state.latest_round, max(state.latest_round - SHOWN, 0), -1)]
    if json:
        typer.echo(json_module.dumps(_as_json(task, state, rounds), indent=2))
        return
    config = state.config
    heading(f"Task {task}, sponsored by {state.sponsor}")
    limit = f"of {config.rounds}" if config.rounds else "without limit"
    note(f"final rounds: {state.finals} {limit}")
    note(f"shards: {config.shards}; seats: {config.seats}, quorum {config.quorum}; stake: {tokens(config.min_stake)}")
    note(f"escrow: {tokens(state.escrow)}, {tokens(config.reward)} for a round")
    note(f"a phase lasts at most {lasting(config.train_seconds)}; spec {state.spec.hex()}")
    note("no model yet" if state.head == ZERO_DIGEST else f"model {state.head.hex()}")
    if rounds:
        table = frame(("round", "phase", "left"), ("updates", "accepted", "verdicts", "revealed", "attested"))
        for view in rounds:
            table.add_row(str(view.round), view.phase.name, until(view), *(str(one) for one in _counts(view).values()))
        out.print(table)


def _counts(view: RoundView) -> dict[str, int]:
    return {
        "updates": len(view.submissions),
        "accepted": len(view.tallied.accepted) if view.tallied else 0,
        "verdicts": len(view.committed),
        "revealed": len(view.reveals),
        "attested": len(view.attested),
    }


def _as_json(task: int, state: TaskState, rounds: list[RoundView]) -> dict[str, Any]:
    return {
        "task": task,
        "sponsor": state.sponsor,
        "spec": state.spec.hex(),
        "model": None if state.head == ZERO_DIGEST else state.head.hex(),
        "escrow": str(state.escrow),
        "reward": str(state.config.reward),
        "min_stake": str(state.config.min_stake),
        "finals": state.finals,
        "rounds": [
            {"round": one.round, "phase": one.phase.name, "ends_at": one.ends_at, "now": one.now, **_counts(one)}
            for one in rounds
        ],
    }
