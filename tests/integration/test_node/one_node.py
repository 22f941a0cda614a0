"""The process of a node in tests: `run_node`, with a line of JSON in its log for all that it tells."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from anomalyhive.chain.signer import Mined
from anomalyhive.chain.views import Phase, Role
from anomalyhive.errors import BadInput
from anomalyhive.node.config import NodeConfig
from anomalyhive.node.home import NodeKeys
from anomalyhive.node.observing import observed
from anomalyhive.node.observing.several import Several
from anomalyhive.node.running import run_node
from anomalyhive.node.watching import Silence


class Telling(Silence):
    """Writes everything down but looks."""

    def acted(self, task: int, round_: int, phase: Phase, role: Role | None, action: str) -> None:
        self._say("acted", task=task, round=round_, phase=phase.name, role=role and role.name, action=action)

    def mined(self, mined: Mined, purpose: str) -> None:
        self._say("mined", purpose=purpose, block=mined.block, gas=mined.gas)

    def rewarded(self, task: int, amount: int) -> None:
        self._say("rewarded", task=task, amount=str(amount))

    def failed(self, where: str, error: Exception) -> None:
        self._say("failed", where=where, kind=type(error).__name__, words=str(error))

    @staticmethod
    def _say(what: str, **values: Any) -> None:
        print(json.dumps({"what": what, **values}), flush=True)


def main(home: Path, operator: bytes, salt: bytes, environment: dict[str, str]) -> None:
    """Be the process of the node with this home, and write to its log."""
    os.environ.update(environment)
    log = os.open(home / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)
    config = NodeConfig.read(home)
    try:
        with (home / "events").open("a") as stream, observed(config, stream) as watcher:
            sys.exit(run_node(config, NodeKeys(operator, salt), Several((Telling(), watcher))))
    except BadInput as error:
        print(json.dumps({"what": "ended", "kind": type(error).__name__, "words": str(error)}), flush=True)
        sys.exit(2)
