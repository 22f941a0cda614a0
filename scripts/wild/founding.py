"""Founding a hive for processes to run: contracts, a task with its rows as content, and a home for each node."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from eth_account import Account

from anomalyhive.chain.deployment import Contracts, Deployment, deploy
from anomalyhive.chain.signer import Signer, new_key
from anomalyhive.chain.views import Role
from anomalyhive.content.store import Store
from anomalyhive.federation.crew import register
from anomalyhive.federation.founding import create_funded, open_task, publish_spec, task_config
from anomalyhive.federation.rows import share_out
from anomalyhive.federation.settings import Settings
from anomalyhive.roles.task import Task
from wild.chain import WildChain

COIN = 100 * 10**18
"""Wei for each key."""

QUICK_SCRYPT = 1 << 12
"""scrypt's N of a keystore that guards nothing: a real one takes a second and 256 MiB at every start of a node."""

PASSWORD = "wild"  # noqa: S105 - of keys that are worth nothing


@dataclass(frozen=True)
class Resident:
    """A node before it runs: its name, role, home, keys and number in the registry."""

    name: str
    role: Role
    home: Path
    owner: Signer
    operator: Signer
    number: int


@dataclass(frozen=True)
class Founded:
    """A hive that is ready for its first round."""

    deployment: Deployment
    record: Path
    contracts: Contracts
    sponsor: Signer
    task: Task
    residents: Sequence[Resident]


def found(chain: WildChain, folder: Path, settings: Settings, store: Store, seconds: int) -> Founded:
    """Deploy, publish, create and fund a task, register everybody. Nobody has taken a shard or a seat yet.

    Each phase lasts so many ``seconds`` at most; full quotas end it sooner. No holder is replaced for missing rounds.
    """
    key = new_key()
    sponsor = Signer(chain.web3, key)
    chain.fund(sponsor.address, COIN)
    record = folder / "deployment.json"
    deployment = deploy(chain.url, key, record)
    contracts = Contracts.at(chain.web3, deployment)
    shared = share_out(settings)
    config = replace(
        task_config(settings),
        train_seconds=seconds,
        judge_seconds=seconds,
        reveal_seconds=seconds,
        tally_seconds=seconds,
        attest_seconds=seconds,
        miss_limit=0,
    )
    number = create_funded(contracts, sponsor, config, publish_spec(settings, shared, store))
    task = open_task(contracts, deployment, number, store)
    task.publish_genesis(store)
    named = [(f"trainer-{i}", Role.TRAIN) for i in range(settings.nodes)]
    named += [(f"validator-{i}", Role.VALIDATE) for i in range(settings.validators)]
    residents = [_settle(chain, contracts, sponsor, folder / name, name, role) for name, role in named]
    return Founded(deployment, record, contracts, sponsor, task, residents)


def _settle(chain: WildChain, contracts: Contracts, sponsor: Signer, home: Path, name: str, role: Role) -> Resident:
    owner, operator_key = Signer(chain.web3, new_key()), new_key()
    operator = Signer(chain.web3, operator_key)
    for one in (owner, operator):
        chain.fund(one.address, COIN)
    number = register(sponsor, contracts, owner, operator.address, role)
    keep_keystore(home / "keys" / "operator.json", operator_key)
    keep_keystore(home / "keys" / "salt.json", secrets.token_bytes(32))
    (home / "keys" / "owner.address").write_text(owner.address + "\n", encoding="ascii")
    return Resident(name, role, home, owner, operator, number)


def keep_keystore(path: Path, key: bytes) -> None:
    """Write a key as `anomalyhive node init` does, but quick to open."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    content = Account.encrypt(key, PASSWORD, kdf="scrypt", iterations=QUICK_SCRYPT)
    path.write_text(json.dumps(content), encoding="ascii")
    path.chmod(0o600)
