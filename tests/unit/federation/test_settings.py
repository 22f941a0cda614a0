"""Settings of a run."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from anomalyhive.errors import BadSetting
from anomalyhive.federation.settings import MAX_NODES, MAX_VALIDATORS, Settings

GOOD = Settings(data="accounts.csv", label="FLAG", nodes=5, rounds=20)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"nodes": 0}, "--nodes 0"),
        ({"nodes": MAX_NODES + 1}, f"--nodes {MAX_NODES + 1}"),
        ({"validators": 0}, "--validators 0"),
        ({"validators": MAX_VALIDATORS + 1}, f"--validators {MAX_VALIDATORS + 1}"),
        ({"rounds": 0}, "--rounds 0"),
        ({"seed": -1}, "--seed -1"),
        ({"split": "alphabet"}, "'alphabet'"),
        ({"split": "column:"}, "'column:'"),
        ({"test_fraction": "a lot"}, "'a lot'"),
        ({"test_fraction": "1/0"}, "'1/0'"),
        ({"test_fraction": "-0.1"}, "-0.1"),
        ({"test_fraction": "0.95"}, "0.95"),
        ({"test_fraction": "nan"}, "'nan'"),
        ({"test_fraction": "1e-999999999"}, "'1e-999999999'"),
        ({"chain": "anvil2"}, "'anvil2'"),
        ({"chain": "ws://127.0.0.1:8545"}, "'ws://127.0.0.1:8545'"),
    ],
)
def test_settings_out_of_range_are_refused_by_name(change: dict[str, object], named: str) -> None:
    with pytest.raises(BadSetting) as refused:
        replace(GOOD, **change)  # type: ignore[arg-type]  # a parametrised change of any field
    assert named in str(refused.value)


def test_fraction_of_a_decimal_is_exact() -> None:
    assert replace(GOOD, test_fraction="0.1").fraction == Fraction(1, 10)


def test_from_json_of_as_json_is_the_same_settings() -> None:
    settings = replace(GOOD, drop=("Index", ""), params={"depth": 4}, id="Address")
    assert Settings.from_json(settings.as_json()) == settings


@pytest.mark.parametrize(
    "content",
    [
        None,
        [],
        {},
        {"data": "x"},
        {**GOOD.as_json(), "more": 1},
        {**GOOD.as_json(), "nodes": "5"},
        {**GOOD.as_json(), "nodes": True},
        {**GOOD.as_json(), "drop": None},
        {**GOOD.as_json(), "drop": [1]},
        {**GOOD.as_json(), "params": {"depth": "4"}},
        {**GOOD.as_json(), "id": 7},
    ],
)
def test_from_json_of_another_file_is_refused(content: object) -> None:
    with pytest.raises(BadSetting, match="another folder"):
        Settings.from_json(content)


def test_differences_name_the_option_and_both_values() -> None:
    assert replace(GOOD, test_fraction="0.3").differences(GOOD) == ["--test-fraction was '0.2' and is now '0.3'"]


def test_differences_and_shown_chain_keep_the_secrets_of_a_url() -> None:
    one, other = (replace(GOOD, chain=f"http://user:pass@127.0.0.1:{port}/v3/key") for port in (8545, 8546))
    assert one.shown_chain == "http://127.0.0.1:8545"
    assert one.differences(other) == ["--chain was 'http://127.0.0.1:8546' and is now 'http://127.0.0.1:8545'"]
