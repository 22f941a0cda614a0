"""Where the contracts are, by their deployment record, and the Brownie script that puts them there."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from web3 import Web3

from anomalyhive.chain.artifacts import CONTRACTS
from anomalyhive.chain.create2 import Plan, addresses_of
from anomalyhive.chain.deployment_record import load, unusable
from anomalyhive.chain.hive import HiveClient
from anomalyhive.chain.localchain import PROJECT_ROOT
from anomalyhive.chain.registry import RegistryClient, TokenClient
from anomalyhive.chain.rpc import answering
from anomalyhive.errors import ChainFailure
from anomalyhive.urls import conceal

DEPLOY_SECONDS = 300
DEPLOY_VARIABLES = frozenset({"ANOMALYHIVE_NETWORK", "ANOMALYHIVE_VERIFY_SUMS"})
"""Settings of `scripts/deploy.py` that are for who deploys by hand."""

SHOWN = 400
"""Characters of Brownie's last line that an error shows."""


@dataclass(frozen=True)
class Deployment:
    """The contracts of one hive on one chain, as the record has them.

    ``block`` is the first one that may have an event of them: 0 where it is unknown. ``gas`` is that of the contracts
    with a transaction of their own. ``plan`` is what the addresses follow from, where that is known.
    """

    chain_id: int
    token: str
    registry: str
    hive: str
    block: int
    verify_sums: bool
    gas: Mapping[str, int]
    plan: Plan | None = None

    @property
    def addresses(self) -> dict[str, str]:
        """Contract -> address; the hive's own contracts as the record has them, else where its code puts them."""
        return {**addresses_of(self.token, self.hive), "NodeRegistry": self.registry}

    @classmethod
    def read(cls, path: Path) -> Deployment:
        """The deployment of a record. Raises ChainFailure where the file is missing or not a record."""
        record = load(path)
        if record is None:
            raise ChainFailure(f"the deployment record {path} cannot be used: there is no such file")
        try:
            contracts = {name: record["contracts"][name] for name in CONTRACTS}
            blocks = [one["block"] for one in contracts.values()]
            return cls(
                chain_id=int(record["chainId"]),
                token=Web3.to_checksum_address(contracts["HiveToken"]["address"]),
                registry=Web3.to_checksum_address(contracts["NodeRegistry"]["address"]),
                hive=Web3.to_checksum_address(contracts["Hive"]["address"]),
                block=0 if None in blocks else min(int(block) for block in blocks),
                verify_sums=bool(record["verifySums"]),
                gas={name: int(one["gas"]) for name, one in contracts.items() if one["gas"] is not None},
                plan=Plan(
                    Web3.to_checksum_address(record["deployer"]),
                    bool(record["verifySums"]),
                    bytes.fromhex(record["salt"].removeprefix("0x")),
                ),
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise unusable(path, error) from error


@dataclass(frozen=True)
class Contracts:
    """Clients of the three contracts of a hive."""

    token: TokenClient
    registry: RegistryClient
    hive: HiveClient

    @classmethod
    def at(cls, web3: Web3, deployment: Deployment) -> Contracts:
        """The clients of a deployment. Raises ChainFailure on another chain than the record's."""
        with answering("eth_chainId"):
            chain_id = web3.eth.chain_id
        if chain_id != deployment.chain_id:
            raise ChainFailure(f"the contracts are on chain {deployment.chain_id}, and this is {chain_id}")
        return cls(
            TokenClient(web3, deployment.token),
            RegistryClient(web3, deployment.registry),
            HiveClient(web3, deployment.hive, deployment.block),
        )


def deploy(url: str, key: bytes, record: Path, salt: bytes | None = None) -> Deployment:
    """Deploy the contracts with Brownie; ``key`` pays and receives all tokens. Raises ChainFailure.

    Without a ``salt``, a hive of its own, wherever and however often this is called: a run that was killed before it
    was founded starts over, and must not find the nodes of its first attempt.
    The key travels in the environment, which only this user and root can see, never in an argument.
    """
    record.parent.mkdir(parents=True, exist_ok=True)
    # A name of its own: what an earlier start left behind may still be deploying, and must not have the last word.
    written = record.with_name(f".{record.name}.{secrets.token_hex(4)}")
    inherited = {name: value for name, value in os.environ.items() if name not in DEPLOY_VARIABLES}
    environment = {
        **inherited,
        "ANOMALYHIVE_RPC_URL": url,
        "ANOMALYHIVE_DEPLOYER_KEY": "0x" + key.hex(),
        "ANOMALYHIVE_DEPLOYMENT": str(written),
        "ANOMALYHIVE_SALT": "0x" + (secrets.token_bytes(32) if salt is None else salt).hex(),
    }
    try:
        done = subprocess.run(
            [sys.executable, str(PROJECT_ROOT / "scripts" / "deploy.py")],
            cwd=PROJECT_ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=DEPLOY_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ChainFailure(f"the deployment did not finish: {error}") from error
    if done.returncode != 0:
        raise ChainFailure(_complaint(done.stdout, done.stderr, url, record.with_suffix(".log")))
    deployment = Deployment.read(written)
    written.replace(record)
    return deployment


def _complaint(stdout: str, stderr: str, url: str, log: Path) -> str:
    """What went wrong, in Brownie's last line; all that it said goes to a file that only its user can read."""
    said = "\n".join(text.strip() for text in (stdout, stderr) if text.strip())
    last = said.splitlines()[-1].strip() if said else "it says nothing"
    try:
        with os.fdopen(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(said + "\n")
        where = f": see {log}"
    except OSError:
        where = ""
    return f"Brownie could not deploy the contracts ({conceal(last, url)[:SHOWN]}){where}"
