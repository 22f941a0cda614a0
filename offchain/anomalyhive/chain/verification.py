"""Whether what runs at a hive's addresses is what the sources compile to, and bound together as it must be."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from eth_utils.crypto import keccak
from web3 import Web3

from anomalyhive.chain.artifacts import CONTRACTS
from anomalyhive.chain.bytecode import WORD, Compiled, compare, word
from anomalyhive.chain.create2 import addresses_of, immutables
from anomalyhive.chain.deployment import Deployment
from anomalyhive.chain.deployment_record import load
from anomalyhive.chain.rpc import answering
from anomalyhive.errors import ChainFailure


@dataclass(frozen=True)
class Checked:
    """A contract of a deployment, with what is wrong with it in words; ``exact`` if its metadata are the same too."""

    contract: str
    address: str
    code: bytes
    faults: tuple[str, ...]
    exact: bool

    @property
    def code_hash(self) -> str:
        """keccak-256 of the code, as EXTCODEHASH gives it."""
        return Web3.to_hex(keccak(self.code))


def verify(web3: Web3, deployment: Deployment) -> list[Checked]:
    """Every contract of a deployment held against this version. Raises ChainFailure on another chain."""
    check_chain(web3, deployment.chain_id)
    addresses = deployment.addresses
    codes = {name: code_at(web3, addresses[name]) for name in CONTRACTS}
    return check_codes(deployment, codes)


def verify_record(web3: Web3, path: Path) -> tuple[Deployment, list[Checked]]:
    """A record, and every contract in it held against this version and against what else the record says of it."""
    deployment = Deployment.read(path)
    entries = (load(path) or {})["contracts"]
    return deployment, [
        replace(one, faults=(*one.faults, *_misreported(deployment, one, entries[one.contract])))
        for one in verify(web3, deployment)
    ]


def _misreported(deployment: Deployment, checked: Checked, entry: Mapping[str, Any]) -> list[str]:
    """What a record says of a contract that is not so."""
    assert deployment.plan is not None
    name, plan = checked.contract, deployment.plan
    actual = {
        "arguments": plan.arguments[name],
        "creationHash": Web3.to_hex(keccak(plan.creations[name])),
        "codeHash": checked.code_hash,
        "codeSha256": hashlib.sha256(checked.code).hexdigest(),
    }
    return [f"the record's {key} is {entry.get(key)}" for key, value in actual.items() if entry.get(key) != value]


def check_codes(deployment: Deployment, codes: Mapping[str, bytes]) -> list[Checked]:
    """The contracts whose code is given, held against this version."""
    addresses = deployment.addresses
    values = immutables(deployment.chain_id, addresses, deployment.verify_sums)
    checked = []
    for name in CONTRACTS:
        if name not in codes:
            continue
        found = compare(codes[name], Compiled.of(name), values[name])
        faults = (*_misplaced(deployment, name, addresses[name]), *found.faults)
        checked.append(Checked(name, addresses[name], codes[name], faults, found.exact))
    return checked


def _misplaced(deployment: Deployment, name: str, address: str) -> list[str]:
    """What is wrong with an address: it follows from the hive's, and with a plan from salt, arguments and sources."""
    created = addresses_of(deployment.token, deployment.hive)[name]
    faults = [] if address == created else [f"the hive would have created it at {created}"]
    if deployment.plan is not None and deployment.plan.addresses[name] != address:
        faults.append(f"deployer, salt and these sources lead to {deployment.plan.addresses[name]}")
    return faults


def deployment_at(web3: Web3, hive: str) -> Deployment:
    """The deployment of a hive as its own code has it. Raises ChainFailure where there is no hive."""
    with answering("eth_chainId"):
        chain_id = web3.eth.chain_id
    hive = Web3.to_checksum_address(hive)
    code, compiled = code_at(web3, hive), Compiled.of("Hive")
    if len(code) != len(compiled.runtime):
        raise ChainFailure(f"there is no Hive of this version at {hive}, but {len(code)} bytes of code")
    found = {name: compiled.immutable(code, name) for name in compiled.immutables}
    return Deployment(
        chain_id=chain_id,
        token=_address(found["token"]),
        registry=_address(found["registry"]),
        hive=hive,
        block=0,
        verify_sums=found["verifySums"] == word(True),
        gas={},
    )


def check_chain(web3: Web3, chain_id: int) -> None:
    """Raise ChainFailure on another chain."""
    with answering("eth_chainId"):
        found = web3.eth.chain_id
    if found != chain_id:
        raise ChainFailure(f"the contracts are on chain {chain_id}, and this is {found}")


def code_at(web3: Web3, address: str) -> bytes:
    """The code at an address, empty where there is none."""
    with answering("eth_getCode"):
        return bytes(web3.eth.get_code(Web3.to_checksum_address(address)))


def _address(value: bytes) -> str:
    return str(Web3.to_checksum_address(value[WORD - 20 :]))
