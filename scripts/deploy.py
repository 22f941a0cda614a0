"""Deploy a hive with Brownie, on any EVM chain, at addresses known beforehand, and write down where it is.

Everything comes from the environment:

    ANOMALYHIVE_RPC_URL        the chain; under `brownie run` the network that Brownie is told of
    ANOMALYHIVE_DEPLOYER_KEY   private key (64 hex digits) that pays and receives all tokens
    ANOMALYHIVE_NETWORK        anvil, ganache, polygon, polygon-amoy, aurora or aurora-testnet: the chain must have its
                               chain id; without it any chain will do
    ANOMALYHIVE_DEPLOYMENT     file for the deployment record (deployments/NETWORK.json)
    ANOMALYHIVE_SALT           64 hex digits, for a second hive of the same deployer (the salt of all)
    ANOMALYHIVE_VERIFY_SUMS    true or false (that of an earlier record, else whether the chain has EIP-2537)
    ANOMALYHIVE_DEBUG          errors with their traceback, which may show the RPC URL

It may be started in any folder, and a file is named from there. It is also an ordinary Brownie script:
`brownie run scripts/deploy.py main --network polygon-main`.

Run again it sends nothing that has been done: it looks at the addresses, verifies what is there, deploys what is
missing, and writes the same record. See `anomalyhive.chain.create2` for where the addresses come from and on which
chains they are the same, and docs/deployment.md for the networks.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from web3 import Web3
from web3.exceptions import Web3Exception

from anomalyhive.chain.artifacts import CONTRACTS
from anomalyhive.chain.bytecode import Compiled, without_metadata
from anomalyhive.chain.create2 import PROXY, SALT, Plan
from anomalyhive.chain.deployment import Deployment
from anomalyhive.chain.deployment_record import SENT, Deployed, births_in, contradiction, load, write
from anomalyhive.chain.history import UNKNOWN, Birth, birth_of
from anomalyhive.chain.networks import BROWNIE, LEAST_TIP, NETWORKS, check_network, name_of
from anomalyhive.chain.proxy import Send, ensure_proxy
from anomalyhive.chain.rpc import adds_points, connect
from anomalyhive.chain.signer import Signer
from anomalyhive.chain.verification import check_codes, code_at
from anomalyhive.errors import AnomalyHiveError, BadSetting, ChainFailure
from anomalyhive.urls import conceal, redact

ROOT = Path(__file__).resolve().parents[1]

NETWORK = "anomalyhive"
"""What Brownie calls the chain of ANOMALYHIVE_RPC_URL."""

GAS_MARGIN_PERCENT = 25
"""Above the estimate."""


@dataclass(frozen=True)
class Settings:
    """What the environment asks for."""

    key: str
    network: str | None
    record: Path | None
    salt: bytes
    verify_sums: bool | None

    @classmethod
    def read(cls) -> Settings:
        """Raises BadSetting for what cannot be used."""
        record, sums = os.environ.get("ANOMALYHIVE_DEPLOYMENT"), os.environ.get("ANOMALYHIVE_VERIFY_SUMS", "")
        if sums not in ("", "true", "false"):
            raise BadSetting(f"ANOMALYHIVE_VERIFY_SUMS is {sums!r}: give true or false")
        return cls(
            key=required("ANOMALYHIVE_DEPLOYER_KEY"),
            network=os.environ.get("ANOMALYHIVE_NETWORK") or None,
            record=Path(record) if record else None,
            salt=salt_of(os.environ.get("ANOMALYHIVE_SALT", "")),
            verify_sums=sums == "true" if sums else None,
        )


def required(name: str) -> str:
    """A setting from the environment."""
    value = os.environ.get(name, "")
    if not value:
        raise BadSetting(f"{name} is not set: see the head of scripts/deploy.py")
    return value


def salt_of(text: str) -> bytes:
    """A salt as it is written; that of all deployments where none is."""
    try:
        salt = bytes.fromhex(text.removeprefix("0x")) if text else SALT
    except ValueError:
        salt = b""
    if len(salt) != 32:
        raise BadSetting(f"ANOMALYHIVE_SALT is {text!r}: give 64 hexadecimal digits")
    return salt


def connected(settings: Settings) -> tuple[Web3, str]:
    """The chain that Brownie is connected to, or is now, and the name of the network. Raises BadSetting."""
    from brownie import network
    from brownie._config import CONFIG
    from brownie.network.web3 import web3

    brownie: Any = web3
    named = settings.network
    if network.is_connected():
        active = str(network.show_active())
        named = named or BROWNIE.get(active, active if active in NETWORKS else None)
    else:
        # A network of the development kind, so that Brownie keeps no record of its own: ours is the one that counts.
        CONFIG.networks[NETWORK] = {
            "id": NETWORK, "name": NETWORK, "host": required("ANOMALYHIVE_RPC_URL"),
            "timeout": 60, "cmd": "external", "cmd_settings": {},
        }  # fmt: skip
        network.connect(NETWORK, launch_rpc=False)
    # Brownie remembers what it once read of a chain; what decides is read past it.
    url = str(brownie.provider.endpoint_uri)
    try:
        chain = connect(url)
    except ChainFailure as error:
        raise ChainFailure(f"no chain answers at {redact(url)}: see ANOMALYHIVE_RPC_URL") from error
    if named:
        check_network(named, chain.eth.chain_id)
    return chain, named or name_of(chain.eth.chain_id)


@contextlib.contextmanager
def inside(folder: Path) -> Iterator[None]:
    """Work in a folder for the block: Brownie reads what the sources import by paths from the working folder."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def check_build() -> None:
    """Raise ChainFailure where Brownie compiles to something else than what the package has, but for metadata."""
    from brownie import project

    loaded = project.get_loaded_projects()
    if loaded:
        sources: Any = loaded[0]
    else:
        with inside(ROOT):
            sources = project.load(str(ROOT), "AnomalyHiveProject")
    for name in CONTRACTS:
        built = bytes.fromhex(sources[name].bytecode.removeprefix("0x"))
        if without_metadata(built) != without_metadata(Compiled.of(name).creation):
            raise ChainFailure(f"{name} compiles to something else than what the package has: run `make abi`")


def fees(web3: Web3) -> dict[str, int]:
    """What to offer for gas: EIP-1559 where blocks have a base fee, which may double while we deploy.

    The tip is what the node advises, or the network's least. Where the base fee is 0, as Aurora's is, the node's price
    is all that there is to go by.
    """
    base = web3.eth.get_block("latest").get("baseFeePerGas")
    if not base:
        return {"gas_price": web3.eth.gas_price}
    tip = max(web3.eth.max_priority_fee, LEAST_TIP.get(web3.eth.chain_id, 0))
    return {"max_fee": 2 * base + tip, "priority_fee": tip}


def sender(web3: Web3, key: str) -> tuple[str, Send]:
    """The deployer's address, and how it sends. Raises BadSetting for a key that is none."""
    from brownie import accounts

    try:
        signer = Signer(web3, bytes.fromhex(key.strip().removeprefix("0x")))
    except (ValueError, BadSetting) as error:
        raise BadSetting("ANOMALYHIVE_DEPLOYER_KEY is no private key: give 64 hexadecimal digits") from error
    # What a killed run has sent may still be on its way: it counts, and is not sent again.
    signer.settle()
    account: Any = accounts.add(key)

    def send(to: str, wei: int, data: bytes) -> Any:
        call: Any = {"from": signer.address, "to": Web3.to_checksum_address(to), "value": wei, "data": data}
        gas = web3.eth.estimate_gas(call)
        gas += gas * GAS_MARGIN_PERCENT // 100 if data else 0
        offer = fees(web3)
        cost, balance = wei + gas * offer.get("max_fee", offer.get("gas_price", 0)), web3.eth.get_balance(call["from"])
        if balance < cost:
            raise ChainFailure(f"{signer.address} has {balance} wei and may need {cost}: fund it, then run this again")
        receipt: Any = account.transfer(to, wei, gas_limit=gas, data=data.hex() if data else "", **offer)
        if receipt.status != 1:
            raise ChainFailure(f"transaction {receipt.txid} to {to} failed")
        return receipt

    return signer.address, send


def ensure(web3: Web3, plan: Plan, name: str, send: Send, earlier: Birth) -> Birth:
    """Deploy a contract unless it is there; when that was."""
    address, data = plan.addresses[name], plan.salt + plan.creations[name]
    if code_at(web3, address):
        print(f"{name} is at {address} already")
        return earlier if earlier != UNKNOWN else birth_of(web3, address, data)
    receipt = send(PROXY, 0, data)
    if not code_at(web3, address):
        raise ChainFailure(f"transaction {receipt.txid} was mined, and nothing is at {address}")
    print(f"{name} is at {address} now")
    return Birth(int(receipt.block_number), int(receipt.gas_used), str(receipt.txid))


def deploy(web3: Web3, network: str, settings: Settings) -> None:
    """Deploy what is missing, verify all of it, and write the record."""
    path = settings.record or ROOT / "deployments" / f"{network}.json"
    chain_id, earlier = web3.eth.chain_id, load(path)
    deployer, send = sender(web3, settings.key)
    plan = Plan(deployer, decide_sums(web3, settings, earlier), settings.salt)
    if earlier is not None and (other := contradiction(earlier, chain_id, plan)):
        raise BadSetting(
            f"{path} is the record of another deployment ({other}): give another file in ANOMALYHIVE_DEPLOYMENT"
        )
    known = dict.fromkeys(SENT, UNKNOWN) if earlier is None else births_in(earlier)
    ensure_proxy(web3, send)
    births = {name: ensure(web3, plan, name, send, known[name]) for name in SENT}
    codes = {name: code_at(web3, address) for name, address in plan.addresses.items()}
    where = plan.addresses
    placed = Deployment(chain_id, plan.token, where["NodeRegistry"], plan.hive, 0, plan.verify_sums, {}, plan)
    faults = [f"{one.contract}: {fault}" for one in check_codes(placed, codes) for fault in one.faults]
    if faults:
        raise ChainFailure(f"what is on the chain is not what these sources compile to: {'; '.join(faults)}")
    record = Deployed(chain_id, network, plan, codes, births).as_json()
    if record != earlier:
        write(path, record)
    print(f"the deployment on {network} is in {path}")


def decide_sums(web3: Web3, settings: Settings, earlier: dict[str, Any] | None) -> bool:
    """Whether the hive adds commitments. Raises BadSetting where it should and the chain cannot."""
    wanted = settings.verify_sums
    if wanted is None and earlier is not None:
        wanted = bool(earlier.get("verifySums"))
    able = adds_points(web3)
    if wanted and not able:
        raise BadSetting("this chain has no EIP-2537, so no hive on it can verify sums: ANOMALYHIVE_VERIFY_SUMS=false")
    return able if wanted is None else wanted


def main() -> None:
    """Deploy on the network that is connected, or on the one that the environment names."""
    os.environ.setdefault("SOLCX_BINARY_PATH", str(ROOT / ".toolchain" / "solc"))
    try:
        settings = Settings.read()
        web3, network = connected(settings)
        check_build()
        deploy(web3, network, settings)
    except (AnomalyHiveError, Web3Exception, OSError, ValueError, json.JSONDecodeError) as error:
        if os.environ.get("ANOMALYHIVE_DEBUG"):
            raise
        raise SystemExit(f"error: {conceal(str(error), os.environ.get('ANOMALYHIVE_RPC_URL', ''))}") from None


if __name__ == "__main__":
    main()
    sys.exit(0)
