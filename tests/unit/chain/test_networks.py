"""Networks by name."""

from __future__ import annotations

import pytest

from anomalyhive.chain.networks import BROWNIE, NETWORKS, check_network, name_of
from anomalyhive.errors import BadSetting


@pytest.mark.parametrize("name", NETWORKS)
def test_name_of_a_known_chain_is_the_one_that_check_network_takes(name: str) -> None:
    assert name_of(NETWORKS[name]) == name
    check_network(name, NETWORKS[name])
    with pytest.raises(BadSetting, match=f"id {NETWORKS[name] + 1}"):
        check_network(name, NETWORKS[name] + 1)


def test_name_of_another_chain_is_made_of_its_id() -> None:
    assert name_of(5) == "chain-5"


def test_check_network_names_those_that_it_knows() -> None:
    with pytest.raises(BadSetting, match="polygon-amoy"):
        check_network("mumbai", 80001)


def test_brownie_knows_the_networks_by_the_names_that_are_said_to_be_its_own() -> None:
    import yaml
    from brownie._config import BROWNIE_FOLDER

    shipped = yaml.safe_load((BROWNIE_FOLDER / "data" / "network-config.yaml").read_text())
    known = {one["id"]: int(one["chainid"]) for group in shipped["live"] for one in group["networks"]}
    assert {name: known[name] for name in BROWNIE} == {name: NETWORKS[ours] for name, ours in BROWNIE.items()}
