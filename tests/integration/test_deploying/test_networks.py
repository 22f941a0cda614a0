"""A deployment on each network: for real on Anvil and Ganache, on Anvil under the others' chain ids and rules."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from eth_utils.crypto import keccak
from web3 import Web3

from anomalyhive.chain.artifacts import CONTRACTS, artifact
from anomalyhive.chain.create2 import PROXY, SALT, SUPPLY, Plan
from anomalyhive.chain.deployment import Contracts, Deployment
from anomalyhive.chain.localchain import PROJECT_ROOT, LocalChain
from anomalyhive.chain.networks import LEAST_TIP, NETWORKS
from anomalyhive.chain.verification import code_at
from anomalyhive.cli import run as anomalyhive
from test_deploying.chains import DEPLOYER, Chain, anvil, deployed, environment, refused

GWEI = 10**9
POLYGON = ("--hardfork", "prague", "--base-fee", 25 * GWEI, "--gas-limit", 60_000_000)
OPTIONS: dict[str, tuple[object, ...]] = {
    "anvil": (),
    "polygon": POLYGON,
    "polygon-amoy": POLYGON,
    # No EIP-2537, a base fee of 0, and nobody has deployed the proxy.
    "aurora": ("--hardfork", "shanghai", "--base-fee", 0, "--no-create2"),
    "aurora-testnet": ("--hardfork", "prague", "--base-fee", 0),
}
WITHOUT_PRECOMPILE = {"ganache", "aurora"}
WITHOUT_PROXY = {"ganache", "aurora"}
WITHOUT_FEES = {"aurora", "aurora-testnet"}
"""A base fee of 0: what counts is the node's price, in a legacy transaction."""


@contextmanager
def network(name: str, folder: Path) -> Iterator[Chain]:
    if name == "ganache":
        with LocalChain("ganache", folder) as chain:
            chain.fund(DEPLOYER, 10**20)
            yield Chain(chain.url, chain.web3)
    else:
        # Ethereum's limit of a transaction's gas (EIP-7825), which is below Polygon's.
        with anvil("--chain-id", NETWORKS[name], "--enable-tx-gas-limit", *OPTIONS[name]) as chain:
            yield chain


@pytest.mark.parametrize("name", NETWORKS)
def test_deploy_on_a_network_puts_what_was_predicted_where_it_was_predicted_and_is_done_once(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan, path = Plan(DEPLOYER, name not in WITHOUT_PRECOMPILE), tmp_path / "record.json"
    with network(name, tmp_path) as chain:
        assert (code_at(chain.web3, PROXY) == b"") is (name in WITHOUT_PROXY)
        record = deployed(chain.url, path, NETWORK=name)
        check_record(record, name, plan, chain.web3)
        check_contracts(chain.web3, path, plan)
        check_fees(chain.web3, record, name in WITHOUT_FEES)
        sent, first = chain.sent, path.read_bytes()
        assert sent == (3 if name in WITHOUT_PROXY else 2)

        deployed(chain.url, path, NETWORK=name)
        assert (chain.sent, path.read_bytes()) == (sent, first)

        assert anomalyhive(["verify-deployment", str(path), "--rpc", chain.url]) == 0
        shown = capsys.readouterr().out
        assert all(contract in shown for contract in CONTRACTS)
        assert shown.count(" yes ") == len(CONTRACTS)


def check_record(record: dict[str, Any], name: str, plan: Plan, web3: Web3) -> None:
    """Everything in a record is so."""
    assert record.keys() == {
        "chainId", "network", "deployer", "salt", "proxy", "verifySums", "compiler", "contracts",
    }  # fmt: skip
    assert (record["chainId"], record["network"]) == (NETWORKS[name], name)
    assert (record["deployer"], record["proxy"]) == (DEPLOYER, PROXY)
    assert (record["salt"], record["verifySums"]) == (Web3.to_hex(SALT), plan.verify_sums)
    assert record["compiler"] == artifact("Hive")["compiler"]
    assert tuple(record["contracts"]) == tuple(sorted(CONTRACTS))
    token, hive = (record["contracts"][contract] for contract in ("HiveToken", "Hive"))
    assert token["arguments"] == [DEPLOYER, str(SUPPLY)]
    assert hive["arguments"] == [token["address"], plan.verify_sums]
    for contract, entry in record["contracts"].items():
        code = code_at(web3, entry["address"])
        assert entry["address"] == plan.addresses[contract]
        assert entry["codeHash"] == Web3.to_hex(keccak(code))
        assert entry["codeSha256"] == hashlib.sha256(code).hexdigest()
        assert entry["creationHash"] == Web3.to_hex(keccak(plan.creations[contract]))
        receipt = web3.eth.get_transaction_receipt(entry["transaction"])
        assert entry["block"] == receipt["blockNumber"]
        assert entry["gas"] == (receipt["gasUsed"] if contract in ("HiveToken", "Hive") else None)


def check_fees(web3: Web3, record: dict[str, Any], legacy: bool) -> None:
    """Transactions offer what the chain has: the node's tip or the network's least (EIP-1559), or the node's price."""
    for contract in ("HiveToken", "Hive"):
        sent: Any = web3.eth.get_transaction(record["contracts"][contract]["transaction"])
        assert sent["type"] == (0 if legacy else 2)
        if not legacy:
            assert sent["maxPriorityFeePerGas"] == max(web3.eth.max_priority_fee, LEAST_TIP.get(web3.eth.chain_id, 0))
            assert (sent["maxPriorityFeePerGas"] < 25 * GWEI) is (record["chainId"] not in LEAST_TIP)


def check_contracts(web3: Web3, path: Path, plan: Plan) -> None:
    """The contracts answer, and have each other."""
    contracts = Contracts.at(web3, Deployment.read(path))
    assert contracts.token.read("balanceOf", DEPLOYER) == SUPPLY
    assert contracts.registry.read("hive") == plan.hive
    assert contracts.hive.read("registry") == plan.addresses["NodeRegistry"]
    assert contracts.hive.read("taskRules") == plan.addresses["TaskRules"]
    assert contracts.hive.read("verifySums") is plan.verify_sums


def test_deploy_that_must_not_verify_sums_has_one_address_with_and_without_the_precompile(tmp_path: Path) -> None:
    with anvil() as able, anvil("--hardfork", "shanghai") as unable:
        records = [
            deployed(chain.url, tmp_path / f"{number}.json", VERIFY_SUMS="false")
            for number, chain in enumerate((able, unable))
        ]
        assert records[0]["contracts"]["Hive"]["address"] == records[1]["contracts"]["Hive"]["address"]
        assert not any(record["verifySums"] for record in records)
        refused(unable.url, tmp_path / "other.json", "no EIP-2537", VERIFY_SUMS="true", SALT="11" * 32)
        assert unable.sent == 2


def test_deploy_on_another_chain_than_the_named_network_is_refused_and_sends_nothing(tmp_path: Path) -> None:
    with anvil("--chain-id", 5) as chain:
        refused(chain.url, tmp_path / "record.json", "has id 5", "polygon has 137", NETWORK="polygon")
        refused(chain.url, tmp_path / "record.json", "'mumbai' is unknown", NETWORK="mumbai")
        assert chain.sent == 0
        assert deployed(chain.url, tmp_path / "record.json")["network"] == "chain-5"


def test_deploy_as_a_brownie_script_is_on_the_network_that_brownie_is_told_of(tmp_path: Path) -> None:
    path, brownie = tmp_path / "record.json", str(Path(sys.executable).with_name("brownie"))
    with anvil("--chain-id", NETWORKS["polygon-amoy"]) as chain:
        # A home of its own: Brownie's networks are its user's.
        settings = {**environment("", path), "HOME": str(tmp_path), "PATH": os.environ["PATH"]}
        for arguments in (
            ["networks", "add", "Polygon", "polygon-amoy", f"host={chain.url}", f"chainid={NETWORKS['polygon-amoy']}"],
            ["run", "scripts/deploy.py", "main", "--network", "polygon-amoy"],
        ):
            done = subprocess.run(
                [brownie, *arguments], cwd=PROJECT_ROOT, env=settings, capture_output=True, text=True, check=True
            )
        assert f"the deployment on polygon-amoy is in {path}" in done.stdout
        assert Deployment.read(path).addresses == Plan(DEPLOYER, True).addresses
        assert anomalyhive(["verify-deployment", str(path), "--rpc", chain.url]) == 0
