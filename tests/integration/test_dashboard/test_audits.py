"""Audits that are started from a dashboard of a run: their results, and nothing left of one that is ended."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import requests

from test_dashboard.dashboards import Dashboard

PATIENCE = 120.0
"""Seconds; an audit of this run takes a few."""

COMMAND = [sys.executable, "-m", "anomalyhive.dashboard.live.audit_process"]


def test_audit_of_a_run_is_made_from_a_copy_of_its_chain_and_holds(dashboard: Dashboard) -> None:
    headers = {"Authorization": f"Bearer {dashboard.url.partition('#token=')[2]}"}
    begun = requests.post(f"{dashboard.origin}/v1/audits", headers=headers, timeout=30)
    # Whoever tries every operation may have begun one just now.
    assert begun.status_code in (202, 409)
    id_ = begun.json()["id"] if begun.status_code == 202 else begun.json()["detail"].split()[1]
    deadline = time.monotonic() + PATIENCE
    while (said := requests.get(f"{dashboard.origin}/v1/audits/{id_}", timeout=30).json())["state"] == "running":
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert (said["state"], said["holds"], said["problem"]) == ("done", True, None)
    checked = {one["name"]: one["checked"] for one in said["checks"]}
    assert checked["models"] == 4  # with that of the spec


def test_audit_whose_dashboard_is_gone_ends_with_its_chain_and_leaves_nothing(
    finished_run: Path, tmp_path: Path
) -> None:
    with subprocess.Popen(
        COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, "TMPDIR": str(tmp_path)}
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps({"run": str(finished_run)}).encode() + b"\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["stage"] == "chain"
        assert list(tmp_path.iterdir())
        process.stdin.close()
        process.stdout.read()
        process.wait(PATIENCE)
    assert list(tmp_path.iterdir()) == []


def test_audit_of_what_is_no_run_says_why(tmp_path: Path) -> None:
    subject = json.dumps({"run": str(tmp_path)}) + "\n"
    with subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(subject)
        process.stdin.flush()
        assert "not the folder of a run" in json.loads(process.stdout.readline())["problem"]
