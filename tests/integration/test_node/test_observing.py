"""What nodes in processes of their own show of themselves while they work."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from anomalyhive.chain.localchain import choose_port

from .conftest import ROUNDS
from .settling import Node, opened, start


def fetched(node: Node, path: str) -> str:
    with urllib.request.urlopen(f"http://{node.environment['ANOMALYHIVE_LISTEN']}{path}", timeout=60) as answer:
        return str(answer.read().decode())


def metrics(node: Node) -> dict[tuple[str, ...], float]:
    families = text_string_to_metric_families(fetched(node, "/metrics"))
    return {(one.name, *one.labels.values()): one.value for family in families for one in family.samples}


def events(node: Node) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (node.home / "events").read_text().splitlines()]


def test_nodes_at_work_count_log_and_are_well(ground: Path, tmp_path: Path) -> None:
    with opened(ground, tmp_path, ROUNDS, log_format="json") as hive:
        for one in hive.nodes:
            one.environment["ANOMALYHIVE_LISTEN"] = f"127.0.0.1:{choose_port(None)}"
        start(hive.nodes)
        trainer, validator = hive.nodes[0], hive.nodes[2]
        hive.wait(lambda: hive.finals() == ROUNDS and len(hive.events("Claimed")) >= 3)
        hive.wait(lambda: ("anomalyhive_rewards_claimed_tokens_total", "1") in metrics(trainer))
        hive.wait(lambda: metrics(trainer).get(("anomalyhive_round", "1")) == ROUNDS)
        found = metrics(trainer)
        assert found["anomalyhive_updates_total", "accepted", "1"] == ROUNDS
        assert found["anomalyhive_transactions_total", "submitUpdate"] == ROUNDS
        assert found["anomalyhive_gas_total", "submitUpdate"] > ROUNDS * 21_000
        assert found["anomalyhive_fees_coins_total", "submitUpdate"] > 0
        assert 0 < found[("anomalyhive_operator_balance_coins",)] < 100
        paid = next(one for one in hive.events("Claimed") if one.values["node"] == found[("anomalyhive_node",)])
        assert found["anomalyhive_rewards_claimed_tokens_total", "1"] * 10**18 >= paid.values["amount"] * 0.999
        assert metrics(validator)["anomalyhive_verdicts_total", "paid", "1"] == ROUNDS
        health = json.loads(fetched(trainer, "/healthz"))
        assert health["healthy"] is True
        assert health["block"] > 0
        told = events(trainer)
        assert {"serving", "node", "phase", "acted", "mined", "rewarded"} <= {one["event"] for one in told}
        assert [one["round"] for one in told if one["event"] == "acted" and one["action"] == "train"]
        assert trainer.operator.hex() not in (trainer.home / "events").read_text()
