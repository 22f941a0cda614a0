"""The process of one audit: its subject on standard input, its progress and its result line by line on standard output.

    {"run": PATH}  or  {"rpc": URL, "hive": ADDRESS, "stores": [...]}
    {"stage": …, "done": …, "total": …}  again and again, then  {"holds": …, "checks": [...]}  or  {"problem": …}

A run is audited from a copy of its chain, or from its chain while that runs; its lock is not taken.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

from anomalyhive.audit.live import audit_live
from anomalyhive.content.directory import DirectoryStore
from anomalyhive.content.opening import open_stores
from anomalyhive.content.store import Store
from anomalyhive.dashboard.live.places import HivePlace, Place, RunPlace
from anomalyhive.errors import AnomalyHiveError
from anomalyhive.jsontext import loads

TELL_SECONDS = 0.2
"""Between two words on how far it is."""


def main() -> None:
    """Audit what standard input names."""
    signal.signal(signal.SIGTERM, _stop)
    subject = loads(sys.stdin.readline())
    threading.Thread(target=_end_with_input, daemon=True).start()
    try:
        say(audited(subject))
    except AnomalyHiveError as error:
        say({"problem": str(error)})
    except Exception as error:  # noqa: BLE001 - whatever is wrong with the lineage, the dashboard is to hear of it
        say({"problem": f"unforeseen {type(error).__name__} during the audit"})


def audited(subject: dict[str, Any]) -> dict[str, Any]:
    """The result of the audit of a subject."""
    place: Place
    store: Store
    if "run" in subject:
        run = RunPlace(Path(subject["run"]))
        place, store = run, DirectoryStore(run.folder.store, read_only=True)
    else:
        place, store = HivePlace(subject["rpc"], subject["hive"]), open_stores(subject["stores"])
    deployment = place.deployment()
    with place.opened() as web3:
        report = audit_live(web3, deployment, store, Telling()).report
    checks = [
        {
            "name": one.name,
            "title": one.title,
            "checked": one.count,
            "failed": len(one.failures),
            "failures": [str(failure) for failure in one.failures],
        }
        for one in report.checks
    ]
    return {"holds": report.holds, "checks": checks}


class Telling:
    """A progress that is told now and then."""

    def __init__(self) -> None:
        self._told, self._stage = -float("inf"), ""

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Hear how far it is."""
        now = time.monotonic()
        if stage != self._stage or now - self._told >= TELL_SECONDS:
            self._told, self._stage = now, stage
            say({"stage": stage, "done": done, "total": total})


def say(what: dict[str, Any]) -> None:
    """A line on standard output."""
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def _stop(number: int, _: object) -> None:
    # On the way out the copied chain is stopped and removed.
    sys.exit(128 + number)


def _end_with_input() -> None:
    """Whoever wanted the audit is gone when the input ends."""
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
