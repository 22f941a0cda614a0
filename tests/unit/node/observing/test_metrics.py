"""What the metrics say of a busy node."""

from __future__ import annotations

import pytest
from prometheus_client import REGISTRY, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from anomalyhive.node.observing.metrics import MOST_LABELS, Metrics

from .views import busy, mined, view


def samples(metrics: Metrics) -> dict[tuple[str, ...], float]:
    """Name and values of labels, by the labels' names -> value, read as Prometheus does."""
    families = text_string_to_metric_families(generate_latest(metrics.registry).decode())
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in families
        for sample in family.samples
        if not sample.name.endswith("_created")
    }


def test_metrics_of_a_busy_node_are_what_it_did() -> None:
    metrics = Metrics()
    busy(metrics)
    found = samples(metrics)
    build = next(name for name in found if name[0] == "anomalyhive_build_info")
    assert found.pop(build) == 1
    assert found == {
        ("anomalyhive_head_block",): 12,
        ("anomalyhive_head_lag_seconds",): 2.5,
        ("anomalyhive_round", "1"): 1,
        ("anomalyhive_round_phase", "1"): 6,
        ("anomalyhive_rounds_total", "final", "1"): 1,
        ("anomalyhive_updates_total", "accepted", "1"): 1,
        ("anomalyhive_updates_total", "rejected", "1"): 1,
        ("anomalyhive_verdicts_total", "paid", "1"): 1,
        ("anomalyhive_verdicts_total", "unpaid", "1"): 1,
        ("anomalyhive_verdicts_total", "slashed", "1"): 1,
        ("anomalyhive_actions_total", "train", "train", "1"): 1,
        ("anomalyhive_actions_total", "takeShard", "anyone", "1"): 1,
        ("anomalyhive_rewards_claimed_tokens_total", "1"): 2.5,
        ("anomalyhive_transactions_total", "submitUpdate"): 1,
        ("anomalyhive_gas_total", "submitUpdate"): 60_000,
        ("anomalyhive_fees_coins_total", "submitUpdate"): 60_000 * 10**9 / 10**18,
        ("anomalyhive_failures_total", "claim of task 1"): 1,
        ("anomalyhive_open_transactions",): 2,
        ("anomalyhive_operator_balance_coins",): 1.5,
        ("anomalyhive_node",): 7,
        ("anomalyhive_watch_block",): 110,
        ("anomalyhive_watch_blocks_behind",): 2,
        ("anomalyhive_alerts_total",): 3,
        ("anomalyhive_withdrawals_total",): 1,
        ("anomalyhive_deliveries_total", "delivered", "ops"): 1,
        ("anomalyhive_deliveries_total", "dead", "ops"): 1,
        ("anomalyhive_dead_letters", "ops"): 4,
    }


def test_metrics_are_in_a_registry_of_their_own() -> None:
    first, second = Metrics(), Metrics()
    busy(first)
    assert ("anomalyhive_round", "1") not in samples(second)
    assert not [family for family in REGISTRY.collect() if family.name.startswith("anomalyhive")]


def test_metrics_of_a_chain_without_fees_in_its_receipts_count_the_gas() -> None:
    metrics = Metrics()
    told = mined()
    del told.receipt["effectiveGasPrice"]
    metrics.mined(told, "claim/1")
    assert samples(metrics)["anomalyhive_gas_total", "submitUpdate"] == 60_000
    assert samples(metrics)["anomalyhive_fees_coins_total", "submitUpdate"] == 0


@pytest.mark.parametrize("extra", [1, 1000])
def test_metrics_of_ever_more_tasks_and_places_do_not_grow_without_end(extra: int) -> None:
    metrics = Metrics()
    for number in range(1, MOST_LABELS + extra + 1):
        metrics.looked(number, view(), 1, 0.0)
        metrics.failed(f"open the task {number}", ValueError())
    found = samples(metrics)
    assert sum(name[0] == "anomalyhive_round" for name in found) == MOST_LABELS + 1
    assert found["anomalyhive_failures_total", "other"] == extra


def test_metrics_with_a_hostile_place_are_still_read(capsys: pytest.CaptureFixture[str]) -> None:
    metrics = Metrics()
    place = 'a"} 1\nanomalyhive_fake 1\n\\'
    metrics.failed(place, ValueError())
    found = samples(metrics)
    assert found["anomalyhive_failures_total", place] == 1
    assert not [name for name in found if name[0] == "anomalyhive_fake"]
