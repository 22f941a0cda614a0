"""Deploy a hive with Brownie, on any EVM chain, and write down where it is.

Run by itself it takes everything from the environment:

    ANOMALYHIVE_RPC_URL        the chain
    ANOMALYHIVE_DEPLOYER_KEY   private key (64 hex digits) that pays and receives all tokens
    ANOMALYHIVE_DEPLOYMENT     file for the deployment record

It is also an ordinary Brownie script: `brownie run scripts/deploy.py main --network NAME`.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SUPPLY = 1_000_000_000 * 10**18
"""All tokens that will ever be: a thousand million, in 1e-18."""

NETWORK = "anomalyhive"
G1ADD = "0x000000000000000000000000000000000000000b"


def adds_points(web3: Any) -> bool:
    """Whether the chain has EIP-2537: without it the call succeeds and returns nothing."""
    return bytes(web3.eth.call({"to": web3.to_checksum_address(G1ADD), "data": bytes(256)})) == bytes(128)


def fees(web3: Any) -> dict[str, int]:
    """What to offer for gas: EIP-1559 where blocks have a base fee, which may double while we deploy."""
    base = web3.eth.get_block("latest").get("baseFeePerGas")
    if base is None:
        return {"gas_price": web3.eth.gas_price}
    tip = web3.eth.max_priority_fee
    return {"max_fee": 2 * base + tip, "priority_fee": tip}


def deploy(project: Any, deployer: Any, web3: Any) -> dict[str, Any]:
    """Deploy token and hive, which deploys its registry and its rules; return the deployment record."""
    from brownie.network.account import LocalAccount

    assert isinstance(deployer, LocalAccount)
    options: dict[str, Any] = {"from": deployer, **fees(web3)}
    token = project.HiveToken.deploy(deployer, SUPPLY, options)
    sums = adds_points(web3)
    hive = project.Hive.deploy(token, sums, options)
    build = project.Hive._build
    return {
        "chainId": web3.eth.chain_id,
        "deployer": deployer.address,
        "verifySums": sums,
        "compiler": build["compiler"],
        "contracts": {
            "HiveToken": entry(web3, token.address, token.tx, [deployer.address, str(SUPPLY)], token.tx.gas_used),
            # Deployed by the hive's constructor, whose gas theirs is in.
            "NodeRegistry": entry(web3, hive.registry(), hive.tx, [token.address], None),
            "TaskRules": entry(web3, hive.taskRules(), hive.tx, [], None),
            "Hive": entry(web3, hive.address, hive.tx, [token.address, sums], hive.tx.gas_used),
        },
    }


def entry(web3: Any, address: str, transaction: Any, arguments: list[Any], gas: int | None) -> dict[str, Any]:
    """One contract of the record."""
    code = bytes(web3.eth.get_code(address))
    return {
        "address": address,
        "arguments": arguments,
        "block": transaction.block_number,
        "gas": gas,
        "codeSha256": hashlib.sha256(code).hexdigest(),
    }


def write_record(path: Path, record: dict[str, Any]) -> None:
    """Write the record, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, partial = tempfile.mkstemp(dir=path.parent, prefix=".deployment.")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(record, file, indent=2, sort_keys=True)
        file.write("\n")
    Path(partial).replace(path)


def required(name: str) -> str:
    """A setting from the environment."""
    value = os.environ.get(name, "")
    if not value:
        raise SystemExit(f"error: {name} is not set: see the head of scripts/deploy.py")
    return value


def main() -> None:
    """Deploy on the network that is connected, or on the one that the environment names."""
    from brownie import accounts, network, project
    from brownie._config import CONFIG
    from brownie.network.web3 import web3

    key, record = required("ANOMALYHIVE_DEPLOYER_KEY"), Path(required("ANOMALYHIVE_DEPLOYMENT"))
    if not network.is_connected():
        url = required("ANOMALYHIVE_RPC_URL")
        # A network of the development kind, so that Brownie keeps no record of its own: ours is the one that counts.
        CONFIG.networks[NETWORK] = {
            "id": NETWORK, "name": NETWORK, "host": url, "timeout": 60, "cmd": "external", "cmd_settings": {},
        }  # fmt: skip
        network.connect(NETWORK, launch_rpc=False)
    loaded = project.get_loaded_projects()
    hive_project = loaded[0] if loaded else project.load(str(ROOT), "AnomalyHiveProject")
    write_record(record, deploy(hive_project, accounts.add(key), web3))


if __name__ == "__main__":
    main()
    sys.exit(0)
