"""What a hive deploys with itself, and what a deployment refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import brownie
import pytest
from eth_utils.address import to_canonical_address, to_checksum_address
from eth_utils.crypto import keccak

from anomalyhive.chain.localchain import LocalChain

LARGEST_CODE = 24_576
"""Bytes of a contract, EIP-170."""


def test_hive_knows_its_token_its_registry_its_rules_and_that_it_adds(
    hive: Any, token: Any, registry: Any, rules: Any
) -> None:
    assert (hive.token(), hive.registry(), hive.taskRules()) == (token.address, registry.address, rules.address)
    assert hive.verifySums() is True
    assert hive.taskCount() == 0


def test_hive_deploys_a_registry_of_its_own_for_its_token(hive: Any, registry: Any, token: Any) -> None:
    assert (registry.hive(), registry.token(), registry.nodeCount()) == (hive.address, token.address, 0)


def test_addresses_of_registry_and_rules_follow_from_that_of_the_hive(hive: Any) -> None:
    # EIP-161: the nonce of a new contract is 1.
    assert [hive.registry(), hive.taskRules()] == [created_by(hive.address, nonce) for nonce in (1, 2)]


def created_by(address: str, nonce: int) -> str:
    """The address of a contract that a contract creates; the nonce is 1 to 127, which RLP writes as they are."""
    return to_checksum_address(keccak(bytes([0xD6, 0x94]) + to_canonical_address(address) + bytes([nonce]))[-20:])


def test_two_hives_of_one_token_share_nothing_else(Hive: Any, NodeRegistry: Any, hive: Any, sponsor: Any) -> None:
    other = Hive.deploy(hive.token(), True, {"from": sponsor})
    assert NodeRegistry.at(other.registry()).hive() == other.address
    assert len({hive.registry(), other.registry(), hive.taskRules(), other.taskRules()}) == 4


def test_hive_that_does_not_add_says_so(Hive: Any, token: Any, sponsor: Any) -> None:
    assert Hive.deploy(token, False, {"from": sponsor}).verifySums() is False


def test_hive_that_adds_where_no_chain_can_reverts(Hive: Any, token: Any, tmp_path: Path) -> None:
    deployment = "0x" + Hive.deploy.encode_input(token, True)
    with LocalChain("ganache", tmp_path) as ganache:
        answer = ganache.web3.provider.make_request("eth_call", [{"data": deployment}, "latest"])
    assert answer["error"]["data"] == "0x" + keccak(text="PrecompileMissing()")[:4].hex()


@pytest.mark.parametrize("name", ["token", "registry", "rules", "hive"])
def test_code_fits_a_block_chain(request: pytest.FixtureRequest, name: str) -> None:
    code = brownie.web3.eth.get_code(request.getfixturevalue(name).address)
    assert 0 < len(code) <= LARGEST_CODE


@pytest.mark.parametrize("name", ["token", "registry", "rules", "hive"])
def test_coin_sent_by_mistake_is_refused(request: pytest.FixtureRequest, sponsor: Any, name: str) -> None:
    contract = request.getfixturevalue(name)
    with brownie.reverts():
        sponsor.transfer(contract, 1)
    assert contract.balance() == 0
