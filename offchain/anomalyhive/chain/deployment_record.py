"""The deployment record: a JSON file that says what was deployed, where, when, from what and by whom.

chainId, network   of the chain
deployer, salt, proxy, verifySums   from which the addresses follow: see `create2`
compiler           version, EVM, optimizer
contracts          by name: address, arguments, block, gas, transaction, creationHash (keccak-256 of creation code with
                   arguments), codeHash and codeSha256 (of the code on the chain)

The hive creates its registry and its task rules in its own transaction, whose gas stands with the hive. A block, a gas
or a transaction is null where neither an earlier record nor the node's history says what it was.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from eth_utils.crypto import keccak
from web3 import Web3

from anomalyhive.atomic import appearing
from anomalyhive.chain.artifacts import CONTRACTS, artifact
from anomalyhive.chain.create2 import PROXY, Plan
from anomalyhive.chain.history import Birth
from anomalyhive.errors import ChainFailure
from anomalyhive.jsontext import loads

SENT = ("HiveToken", "Hive")
"""Contracts with a transaction of their own."""


@dataclass(frozen=True)
class Deployed:
    """A deployment that has happened: ``codes`` is contract -> code on the chain, ``births`` those of `SENT`."""

    chain_id: int
    network: str
    plan: Plan
    codes: Mapping[str, bytes]
    births: Mapping[str, Birth]

    def as_json(self) -> dict[str, Any]:
        """The record."""
        return {
            "chainId": self.chain_id,
            "network": self.network,
            **identity(self.plan),
            "compiler": artifact("Hive")["compiler"],
            "contracts": {name: self._contract(name) for name in CONTRACTS},
        }

    def _contract(self, name: str) -> dict[str, Any]:
        plan, code = self.plan, self.codes[name]
        birth = self.births[name] if name in SENT else replace(self.births["Hive"], gas=None)
        return {
            "address": plan.addresses[name],
            "arguments": plan.arguments[name],
            "block": birth.block,
            "gas": birth.gas,
            "transaction": birth.transaction,
            "creationHash": Web3.to_hex(keccak(plan.creations[name])),
            "codeHash": Web3.to_hex(keccak(code)),
            "codeSha256": hashlib.sha256(code).hexdigest(),
        }


def identity(plan: Plan) -> dict[str, Any]:
    """What of a record names the deployment, on any chain."""
    return {
        "deployer": plan.deployer,
        "salt": Web3.to_hex(plan.salt),
        "proxy": PROXY,
        "verifySums": plan.verify_sums,
    }


def load(path: Path) -> dict[str, Any] | None:
    """What a record says, None where there is no file. Raises ChainFailure for what is no record."""
    try:
        record = loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise unusable(path, error) from error
    if not isinstance(record, dict):
        raise unusable(path, TypeError("it is not an object"))
    return record


def unusable(path: Path, error: Exception) -> ChainFailure:
    """What to raise for a record that cannot be read."""
    return ChainFailure(f"the deployment record {path} cannot be used: {type(error).__name__}: {error}")


def contradiction(record: Mapping[str, Any], chain_id: int, plan: Plan) -> str | None:
    """What makes a record one of another deployment, in words; None if it is this one's."""
    expected = {"chainId": chain_id, **identity(plan)}
    for name, value in expected.items():
        if record.get(name) != value:
            return f"its {name} is {record.get(name)!r}, and this one's is {value!r}"
    contracts = record.get("contracts")
    for name in CONTRACTS:
        entry = contracts.get(name) if isinstance(contracts, dict) else None
        found = entry.get("creationHash") if isinstance(entry, dict) else None
        if found != Web3.to_hex(keccak(plan.creations[name])):
            return f"its {name} comes from other sources"
    return None


def births_in(record: Mapping[str, Any]) -> dict[str, Birth]:
    """What a record of this deployment knows of the transactions."""
    entries = {name: record["contracts"][name] for name in SENT}
    return {
        name: Birth(entry.get("block"), entry.get("gas"), entry.get("transaction")) for name, entry in entries.items()
    }


def write(path: Path, record: Mapping[str, Any]) -> None:
    """Write a record, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with appearing(path, 0o644) as file:
        file.write(json.dumps(record, indent=2, sort_keys=True).encode() + b"\n")
