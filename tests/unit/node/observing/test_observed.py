"""All of it together, as a node has it."""

from __future__ import annotations

import io
import json
import logging
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from anomalyhive.chain.views import Role
from anomalyhive.errors import BadSetting
from anomalyhive.node.config import NodeConfig
from anomalyhive.node.observing import observed
from anomalyhive.node.observing.several import Several
from anomalyhive.node.watching import Silence, Standing

from .views import STANDING, busy


def config(folder: Path, **changes: Any) -> NodeConfig:
    given: dict[str, Any] = {
        "home": folder,
        "endpoints": ("https://rpc.example.org/v3/0123456789abcdef",),
        "chain_id": 31337,
        "confirmations": 0,
        "max_fee_wei": 1,
        "max_tip_wei": 1,
        "deployment": folder / "deployment.json",
        "roles": frozenset({Role.TRAIN}),
        "keeper": False,
        "tasks": (),
        "shard": None,
        "seat": None,
        "store": "directory:store",
        "rows": None,
        "claim_every": 0,
        "listen": ("127.0.0.1", 0),
        "log_format": "json",
        "poll_seconds": 2.0,
        "keep_models": 0,
    }
    return NodeConfig(**{**given, **changes})


def test_observed_node_is_logged_served_and_counted(tmp_path: Path) -> None:
    stream = io.StringIO()
    with observed(config(tmp_path), stream) as watcher:
        busy(watcher, "no answer from https://rpc.example.org/v3/0123456789abcdef")
        events = [json.loads(line) for line in stream.getvalue().splitlines()]
        assert events[0]["event"] == "serving"
        connection = HTTPConnection(events[0]["host"], events[0]["port"], timeout=60)
        connection.request("GET", "/healthz")
        assert connection.getresponse().status == 200
        connection = HTTPConnection(events[0]["host"], events[0]["port"], timeout=60)
        connection.request("GET", "/metrics")
        assert b"anomalyhive_failures_total" in connection.getresponse().read()
    assert "0123456789abcdef" not in stream.getvalue()
    assert logging.getLogger().handlers.count(logging.StreamHandler(stream)) == 0


def test_observed_without_an_address_is_logged_alone(tmp_path: Path) -> None:
    stream = io.StringIO()
    with observed(config(tmp_path, listen=None, log_format="text"), stream) as watcher:
        busy(watcher)
    assert "serving" not in stream.getvalue()
    assert "mined" in stream.getvalue()


def test_observed_where_nothing_can_be_served_says_so_and_leaves_no_log_behind(tmp_path: Path) -> None:
    before = list(logging.getLogger().handlers)
    with (
        pytest.raises(BadSetting, match="listen"),
        observed(config(tmp_path, listen=("192.0.2.1", 9464)), io.StringIO()),
    ):
        pass
    assert logging.getLogger().handlers == before


class Broken(Silence):
    def stood(self, standing: Standing) -> None:
        raise ZeroDivisionError(f"a bug of {standing.node}")


class Counting(Silence):
    count = 0

    def stood(self, standing: Standing) -> None:
        self.count += standing is STANDING


def test_several_with_a_watcher_that_fails_still_tells_the_others(caplog: pytest.LogCaptureFixture) -> None:
    counting = Counting()
    Several((Broken(), counting)).stood(STANDING)
    assert counting.count == 1
    assert "a watcher failed: Broken" in caplog.text
