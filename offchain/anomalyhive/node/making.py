"""A new node's folder: keys, a copy of the deployment record, settings. Nothing that exists is overwritten."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from web3 import Web3

from anomalyhive.atomic import appearing
from anomalyhive.chain.deployment import Contracts, Deployment
from anomalyhive.chain.localchain import CHAIN_IDS
from anomalyhive.chain.rpc import connect
from anomalyhive.chain.signer import Signer, new_key
from anomalyhive.errors import BadSetting, Failure
from anomalyhive.node.config_text import config_text
from anomalyhive.node.home import NodeHome, checked_address
from anomalyhive.node.keystore import write_key
from anomalyhive.node.passwords import Passwords
from anomalyhive.node.settings import SETTINGS

OWNER_KEY = "ANOMALYHIVE_OWNER_KEY"
"""Variable with a private key to keep as the owner's, for who has one already."""

DEPLOYMENT = "deployment.json"

LOCAL = frozenset(CHAIN_IDS.values())
"""Chains of one's own: nothing in them is ever taken back, so nothing is to be waited for."""


@dataclass(frozen=True)
class Wanted:
    """What a new node is to be; ``owner`` is the address of one whose key is elsewhere."""

    endpoints: Sequence[str]
    record: Path
    roles: Sequence[str]
    tasks: Sequence[int]
    owner: str | None = None
    store: str | None = None


def make_node(
    home: NodeHome, wanted: Wanted, passwords: Passwords, environ: Mapping[str, str], tell: Callable[[str], None]
) -> Contracts:
    """Make a node's folder; the contracts that it takes part in. Raises BadSetting where there is a node already."""
    if home.config.exists():
        raise BadSetting(f"there is a node in {home.root} already: name another --home, or edit {home.config}")
    deployment = Deployment.read(wanted.record)
    web3 = connect(wanted.endpoints[0], patient=False)
    contracts = Contracts.at(web3, deployment)
    text = config_text(_settings(wanted, deployment.chain_id))
    owner = None if wanted.owner is None else checked_address(wanted.owner, "--owner")
    record = wanted.record.read_bytes()
    with home.held():
        _make_keys(home, owner, passwords, environ, tell)
        _write(home.root / DEPLOYMENT, record, 0o644)
        # Last of all: a folder without settings is no node yet, and the same command goes on.
        _write(home.config, text.encode(), 0o600)
    return contracts


def _settings(wanted: Wanted, chain_id: int) -> dict[str, Any]:
    """The settings to write, each checked as if it had been read."""
    values: dict[str, Any] = {
        "endpoints": list(wanted.endpoints),
        "chain_id": chain_id,
        "deployment": DEPLOYMENT,
        "roles": list(dict.fromkeys(wanted.roles)),
        "tasks": list(dict.fromkeys(wanted.tasks)),
        # Somebody has to: a round that nobody tallies pays nobody.
        "keeper": True,
    }
    if wanted.store is not None:
        values["store"] = wanted.store
    if chain_id in LOCAL:
        values["confirmations"] = 0
    for one in SETTINGS:
        if one.name in values:
            one.check(values[one.name], f"--{OPTIONS.get(one.name, one.name)}")
    return values


OPTIONS = {"endpoints": "endpoint", "roles": "role", "tasks": "task"}
"""Setting -> the option that gives one of its values."""


def _make_keys(
    home: NodeHome,
    owner: str | None,
    passwords: Passwords,
    environ: Mapping[str, str],
    tell: Callable[[str], None],
) -> None:
    if owner is not None:
        if home.owner.exists():
            raise BadSetting(f"{home.owner} is there already, and --owner {owner} is another: leave one out")
        home.name_outside_owner(owner)
    elif not home.owner.exists() and not home.outside_owner.exists():
        write_key(home.owner, _owner_key(environ), passwords.new(home.owner, owner=True))
        if passwords.shared():
            tell("the owner's key has the operator's password: who has the one has the other")
    missing = [path for path in (home.operator, home.salt) if not path.exists()]
    if missing:
        password = passwords.new(home.operator)
        for path in missing:
            write_key(path, new_key(), password)


def _owner_key(environ: Mapping[str, str]) -> bytes:
    """A new key, or that of the variable."""
    written = environ.get(OWNER_KEY, "")
    if not written:
        return new_key()
    try:
        key = bytes.fromhex(written.strip().removeprefix("0x"))
        Signer(Web3(), key)
    except (ValueError, BadSetting):
        # Not even as a cause: it would show what was written.
        raise BadSetting(f"{OWNER_KEY} is no private key: give 64 hexadecimal digits") from None
    return key


def _write(path: Path, content: bytes, mode: int) -> None:
    try:
        with appearing(path, mode) as file:
            file.write(content)
    except OSError as error:
        raise Failure(f"{path} cannot be written ({error.strerror}): make room or choose another --home") from error
