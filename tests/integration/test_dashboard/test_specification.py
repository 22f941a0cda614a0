"""The interface is what its description says: Schemathesis reads the description and tries every operation."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from tests.outside import needs_schemathesis, schemathesis_program

from test_dashboard.dashboards import Dashboard

EXAMPLES = 5
"""Of requests to an operation in each phase: enough to meet every branch, and over in less than a minute."""

ENDLESS = "/v1/events"
"""An answer that does not end; test_streams.py listens to it."""

SETTINGS = """
[[operations]]
include-path = ["/v1/alerts", "/v1/risk/{address}", "/v1/addresses/{address}"]
checks.positive_data_acceptance.expected-statuses = ["200", "422", "503"]
"""
"""No pattern can say which letters of an address are capital: of both cases at random, the checksum is wrong."""


@needs_schemathesis
def test_every_operation_answers_as_the_description_says(dashboard: Dashboard, tmp_path: Path) -> None:
    (tmp_path / "schemathesis.toml").write_text(SETTINGS, encoding="utf-8")
    token = dashboard.url.partition("#token=")[2]
    done = subprocess.run(
        [
            schemathesis_program(), "run", f"{dashboard.origin}/openapi.json", "--checks", "all", "--seed", "1",
            "--max-examples", str(EXAMPLES), "--exclude-path", ENDLESS, "--request-timeout", "30", "--no-color",
            "-H", f"Authorization: Bearer {token}",
        ],
        cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    if done.returncode:
        pytest.fail(done.stdout[-8000:] + done.stderr[-2000:])
    assert "Tested: 21" in done.stdout
