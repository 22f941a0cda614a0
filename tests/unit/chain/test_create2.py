"""Addresses before a deployment."""

from __future__ import annotations

from dataclasses import replace

import pytest
from eth_abi.abi import encode
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from anomalyhive.chain.bytecode import Compiled
from anomalyhive.chain.create2 import PROXY, SALT, SUPPLY, Plan, addresses_of, created_by

DEPLOYER = to_checksum_address("0x" + "5a" * 20)
PLAN = Plan(DEPLOYER, True)


def test_addresses_are_those_of_eip_1014_and_of_a_new_contracts_nonces() -> None:
    def by_proxy(code: bytes) -> str:
        preimage = b"\xff" + bytes.fromhex(PROXY[2:]) + SALT + keccak(code)
        return to_checksum_address(keccak(preimage)[12:])

    token = by_proxy(Compiled.of("HiveToken").creation + encode(["address", "uint256"], [DEPLOYER, SUPPLY]))
    hive = by_proxy(Compiled.of("Hive").creation + encode(["address", "bool"], [token, True]))

    def by_hive(nonce: int) -> str:
        return to_checksum_address(keccak(b"\xd6\x94" + bytes.fromhex(hive[2:]) + bytes([nonce]))[12:])

    assert PLAN.addresses == {
        "HiveToken": token,
        "NodeRegistry": by_hive(1),
        "TaskRules": by_hive(2),
        "Hive": hive,
    }
    assert keccak(text="AnomalyHive") == SALT


@pytest.mark.parametrize(
    "other", [replace(PLAN, deployer=to_checksum_address("0x" + "5b" * 20)), replace(PLAN, salt=bytes(32))]
)
def test_another_deployer_or_salt_has_no_address_in_common(other: Plan) -> None:
    assert not set(other.addresses.values()) & set(PLAN.addresses.values())


def test_a_hive_that_does_not_verify_sums_has_the_same_token_and_nothing_else() -> None:
    other = replace(PLAN, verify_sums=False)
    assert set(other.addresses.values()) & set(PLAN.addresses.values()) == {PLAN.token}


def test_addresses_of_a_hive_are_those_that_its_constructor_creates() -> None:
    assert addresses_of(PLAN.token, PLAN.hive) == PLAN.addresses
    # EIP-1014 and the yellow paper agree on this one: the first contract of a well-known account.
    assert created_by("0x6ac7ea33f8831ea9dcc53393aaa88b25a785dbf0", 1) == "0x343c43A37D37dfF08AE8C4A11544c718AbB4fCF8"
