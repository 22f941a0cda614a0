"""Nodes on a chain that forgets its last blocks, behind an endpoint that goes away, and beside another process."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from federations import summed

from anomalyhive.chain.rpc import request
from anomalyhive.chain.signer import Signer
from wild.gate import Gate

from .conftest import ROUNDS
from .settling import Hive, Node, opened, start
from .test_kills import assert_once

DEPTH = 4
"""Blocks that a reorganisation takes away."""

AWAY_SECONDS = 6


def test_nodes_on_a_chain_that_reorganises_send_again_what_has_vanished(ground: Path, tmp_path: Path) -> None:
    with opened(ground, tmp_path, ROUNDS, claim_every=0, confirmations=2 * DEPTH) as hive:
        start(hive.nodes)
        for happened in ("UpdateSubmitted", "VerdictRevealed", "RoundFinalized"):
            hive.wait(lambda: bool(hive.events(happened)))  # noqa: B023 - waited for in this turn
            request(hive.chain.web3, "anvil_reorg", [DEPTH, []])
        hive.wait(lambda: hive.finals() == ROUNDS)
        assert [one.end() for one in hive.nodes] == [0] * 4
        assert_once(hive)
        assert hive.weights() == summed(hive.settings)
        report = hive.audit()
        assert report.holds, report.failures


def test_nodes_behind_an_endpoint_that_goes_away_wait_for_it(ground: Path, tmp_path: Path) -> None:
    with opened(ground, tmp_path, ROUNDS, claim_every=0) as hive, Gate(("127.0.0.1", hive.chain.port or 0)) as gate:
        for one in hive.nodes:
            text = (one.home / "node.toml").read_text()
            (one.home / "node.toml").write_text(text.replace(hive.chain.url, f"{gate.url}/?key=never-shown"))
        start(hive.nodes)
        for happened in ("UpdateSubmitted", "VerdictCommitted"):
            hive.wait(lambda: bool(hive.events(happened)))  # noqa: B023 - waited for in this turn
            gate.shut()
            time.sleep(AWAY_SECONDS)
            gate.open()
        hive.wait(lambda: hive.finals() == ROUNDS)
        assert [one.end() for one in hive.nodes] == [0] * 4
        assert_once(hive)
        assert hive.weights() == summed(hive.settings)
        for one in hive.nodes:
            assert any(line["what"] == "failed" for line in one.told()), one.words()
            assert "never-shown" not in one.words()


def ended(hive: Hive, node: Node) -> str:
    """What a process that ends by itself says last."""
    assert node.process is not None
    hive.wait(lambda: not (node.process and node.process.is_alive()))
    assert node.process.exitcode == 2
    last = node.told()[-1]
    assert last["what"] == "ended", node.words()
    return f"{last['kind']}: {last['words']}"


def test_node_whose_key_or_home_another_process_has_ends_at_once_and_says_so(ground: Path, tmp_path: Path) -> None:
    with opened(ground, tmp_path, ROUNDS) as hive:
        node = hive.nodes[0]
        node.start()
        hive.wait(lambda: bool(hive.events("ShardTaken")))
        # The same home, then the same key in another home.
        same = Node("same", node.home, node.operator, node.salt, node.environment)
        other = Node("other", tmp_path / "elsewhere", node.operator, node.salt, node.environment)
        other.home.mkdir()
        shutil.copy(node.home / "node.toml", other.home)
        hive.nodes += [same, other]
        same.start()
        assert "KeyInUse: the home" in ended(hive, same)
        other.start()
        assert "KeyInUse: another process on this machine" in ended(hive, other)
        # A process on another machine is seen on the chain alone.
        Signer(hive.chain.web3, node.operator).transfer(hive.sponsor.address, 1)
        said = ended(hive, node)
        assert "is not in the journal" in said
        assert node.operator.hex() not in node.words()
