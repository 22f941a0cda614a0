"""How token, registry and hive find each other, and what a deployment refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import brownie
import pytest
from eth_utils.crypto import keccak
from refusals import refused

from anomalyhive.chain.localchain import LocalChain

LARGEST_CODE = 24_576
"""Bytes of a contract, EIP-170."""


def test_hive_knows_its_token_its_registry_and_that_it_adds(hive: Any, token: Any, registry: Any) -> None:
    assert (hive.token(), hive.registry(), hive.verifySums()) == (token.address, registry.address, True)
    assert hive.taskCount() == 0


def test_hive_that_does_not_add_says_so(NodeRegistry: Any, Hive: Any, token: Any, sponsor: Any) -> None:
    registry = NodeRegistry.deploy(token, sponsor.get_deployment_address(sponsor.nonce + 1), {"from": sponsor})
    assert Hive.deploy(token, registry, False, {"from": sponsor}).verifySums() is False


def test_hive_with_the_registry_of_another_hive_reverts(
    Hive: Any, token: Any, registry: Any, hive: Any, sponsor: Any
) -> None:
    with refused("WrongRegistry", hive, token):
        Hive.deploy(token, registry, True, {"from": sponsor})


def test_hive_with_the_registry_of_another_token_reverts(
    HiveToken: Any, NodeRegistry: Any, Hive: Any, token: Any, sponsor: Any
) -> None:
    other = HiveToken.deploy(sponsor, 1, {"from": sponsor})
    predicted = sponsor.get_deployment_address(sponsor.nonce + 1)
    registry = NodeRegistry.deploy(other, predicted, {"from": sponsor})
    with refused("WrongRegistry", predicted, other):
        Hive.deploy(token, registry, True, {"from": sponsor})


def test_hive_that_adds_where_no_chain_can_reverts(Hive: Any, token: Any, registry: Any, tmp_path: Path) -> None:
    deployment = "0x" + Hive.deploy.encode_input(token, registry, True)
    with LocalChain("ganache", tmp_path) as ganache:
        answer = ganache.web3.provider.make_request("eth_call", [{"data": deployment}, "latest"])
    assert answer["error"]["data"] == "0x" + keccak(text="PrecompileMissing()")[:4].hex()


@pytest.mark.parametrize("name", ["token", "registry", "hive"])
def test_code_fits_a_block_chain(request: pytest.FixtureRequest, name: str) -> None:
    code = brownie.web3.eth.get_code(request.getfixturevalue(name).address)
    assert 0 < len(code) <= LARGEST_CODE


@pytest.mark.parametrize("name", ["token", "registry", "hive"])
def test_coin_sent_by_mistake_is_refused(request: pytest.FixtureRequest, sponsor: Any, name: str) -> None:
    contract = request.getfixturevalue(name)
    with brownie.reverts():
        sponsor.transfer(contract, 1)
    assert contract.balance() == 0
