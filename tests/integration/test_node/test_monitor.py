"""Monitors as processes: what they see is posted once, flagged by a quorum, sent, logged, and taken back."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.monitor.webhooks.receiver import Receiver, receiving

from anomalyhive.chain.feed_views import LATEST, Said
from anomalyhive.chain.localchain import LocalChain
from anomalyhive.chain.rpc import request
from anomalyhive.monitor.alertlog import verify_log
from anomalyhive.monitor.webhooks import read_secret, verify
from anomalyhive.node.doctor import examine

from .settling import Node
from .watching import Ground, founded, suspect

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with founded(tmp_path_factory.mktemp("monitors")) as made:
        yield made


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


def hook(node: Node, receiver: Receiver) -> None:
    """Name a receiver in a node's settings."""
    (node.home / "ops.secret").write_text(SECRET)
    (node.home / "ops.secret").chmod(0o600)
    with (node.home / "node.toml").open("a") as file:
        file.write(f'[[monitor.webhooks]]\nname = "ops"\nurl = "{receiver.url}"\nsecret_file = "ops.secret"\n')


def log_of(node: Node) -> list[dict[str, object]]:
    """The lines of a node's log, after checking that it holds."""
    path = node.home / "watch" / "alerts.jsonl"
    verify_log(path)
    return [json.loads(line)["said"] for line in path.read_text().splitlines()]


def test_alert_is_posted_sent_and_logged_and_a_quorum_flags(ground: Ground, receiver: Receiver) -> None:
    node = ground.monitor("alone", "")
    hook(node, receiver)
    node.start()
    ground.wait(lambda: ground.feed.post_of(ground.number(node)) is not None)
    address = suspect(ground.chain)
    ground.wait(lambda: ground.said(node, address) is not None)
    assert not ground.feed.risk_of(address).flagged
    _, other = ground.operator()
    post = next(one for one in range(3) if not ground.feed.post(one).node)
    ground.feed.take_post(other, post)
    ground.feed.post_alerts(other, post, 1, [Said(address, 9_000, 1, LATEST)])
    risk = ground.feed.risk_of(address)
    assert (risk.flagged, risk.monitors, risk.model) == (True, 2, ground.session.contracts.hive.task(1).head)
    mine = [one for one in log_of(node) if one.get("address") == address.lower()]
    assert len(mine) == 1
    ground.wait(lambda: any(one.said["data"].get("address") == address.lower() for one in receiver.received))
    for one in receiver.received:
        assert verify(read_secret(SECRET, "a test"), one.headers, one.body, time.time()) == one.id
    assert not [one for one in examine(node.home, time.time) if one[0].startswith(("watch", "webhooks", "post_"))]
    assert node.end() == 0
    ground.feed.release_post(other, post)
    ground.feed.release_post(ground.signer(node), ground.feed.post_of(ground.number(node)) or 0)


@pytest.mark.parametrize("seed", [1])
def test_monitor_killed_at_random_moments_says_everything_once(ground: Ground, receiver: Receiver, seed: int) -> None:
    dice = random.Random(seed)
    node = ground.monitor(f"killed-{seed}", "")
    hook(node, receiver)
    node.start()
    ground.wait(lambda: ground.feed.post_of(ground.number(node)) is not None)
    suspects = []
    for _ in range(6):
        suspects.append(suspect(ground.chain))
        time.sleep(dice.uniform(0.1, 2.5))
        node.kill()
        node.start()
    ground.wait(lambda: all(ground.said(node, one) is not None for one in suspects))
    posted = [one.values["subject"] for one in ground.events("AlertPosted", node)]
    assert len(posted) == len(set(posted))
    assert not ground.events("AlertRetracted", node)
    ids = [one["id"] for one in log_of(node)]
    assert len(ids) == len(set(ids))
    ground.wait(lambda: len(set(receiver.ids)) >= len(log_of(node)))
    # Those that came twice are the same to the byte, so that a receiver drops them by their id.
    assert len({one.body for one in receiver.received}) == len(set(receiver.ids))
    assert node.end() == 0
    ground.feed.release_post(ground.signer(node), ground.feed.post_of(ground.number(node)) or 0)


def test_reorganisation_of_the_watched_chain_takes_alerts_back_on_the_feed(
    ground: Ground, receiver: Receiver, tmp_path: Path
) -> None:
    with LocalChain("anvil", tmp_path / "watched") as watched:
        node = ground.monitor("elsewhere", f'source = ["{watched.url}"]\nsource_chain_id = 31337')
        hook(node, receiver)
        node.start()
        ground.wait(lambda: ground.feed.post_of(ground.number(node)) is not None)
        kept = suspect(watched)
        snapshot = request(watched.web3, "evm_snapshot", [])
        gone = suspect(watched)
        ground.wait(lambda: all(ground.said(node, one) is not None for one in (kept, gone)))
        request(watched.web3, "evm_revert", [snapshot])
        request(watched.web3, "anvil_mine", ["0x4", "0x1"])
        ground.wait(lambda: bool(ground.events("AlertRetracted", node)))
        assert [one.values["subject"] for one in ground.events("AlertRetracted", node)] == [gone]
        assert ground.feed.risk_of(kept).monitors == 1
        assert ground.feed.risk_of(gone).monitors == 0
        said = log_of(node)
        alert = next(one for one in said if one.get("address") == gone.lower())
        assert [one["why"] for one in said if one.get("alert_id") == alert["id"]] == ["orphaned"]
        ground.wait(lambda: any(one.said["type"] == "withdrawal" for one in receiver.received))
        assert node.end() == 0
