"""Coin for gas: where a federation's keys get it from, and how much of it.

On a chain of one's own it costs nothing. On another one it comes from the key in `FUNDER_VARIABLE` or from an
account that the chain's node has unlocked, and each key gets what its transactions will need and no more.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

from web3 import Web3
from web3.exceptions import Web3RPCError

from anomalyhive.chain.localchain import LocalChain
from anomalyhive.chain.rpc import answering
from anomalyhive.chain.signer import Signer
from anomalyhive.chain.views import Role
from anomalyhive.errors import BadSetting
from anomalyhive.federation.crew import Member

Pay: TypeAlias = Callable[[str, int], None]
"""Sees to it that an address can pay for so much gas."""

FUNDER_VARIABLE = "ANOMALYHIVE_FUNDER_KEY"

LOCAL_COIN = 100 * 10**18
"""Wei that a key has on a chain of one's own."""

HEADROOM = 3
"""The base fee may triple before anybody runs out of coin."""

RECEIPT_SECONDS = 180

# Gas, from the figures that `make gas` prints, rounded up by half or more.
FOUNDING_GAS = 15_000_000
"""The contracts, 7.6 million; the task and its escrow."""

ENLISTING_GAS = 100_000
"""Tokens for a node to stake."""

KEEPING_GAS = 500_000
"""A round opened, tallied or cancelled, for the first few updates; each one more costs `TALLYING_GAS`."""

TALLYING_GAS = 15_000

OWNING_GAS = 400_000
"""A node's approval and registration."""

JOINING_GAS = 400_000
"""A slot, and the first claim."""

ROUND_GAS = {Role.TRAIN: 120_000, Role.VALIDATE: 320_000}
"""A round of a node, with its claim."""


def local_pay(chain: LocalChain) -> Pay:
    """Coin on a chain of one's own."""
    return lambda address, gas: chain.fund(address, LOCAL_COIN)  # noqa: ARG005 - there is more than any gas costs


def funder(web3: Web3) -> Pay | None:
    """Who pays on a chain that is not ours: the key in the environment, else an unlocked account of the node.

    None where there is neither. Raises BadSetting for a key that is none.
    """
    written = os.environ.get(FUNDER_VARIABLE, "")
    if written:
        signer = _signer(web3, written)
        return _topping_up(web3, lambda address, wei: _ignore(signer.transfer(address, wei)))
    accounts = _unlocked(web3)
    if not accounts:
        return None
    return _topping_up(web3, lambda address, wei: _send_unlocked(web3, accounts[0], address, wei))


def required(pay: Pay | None) -> Pay:
    """The payer. Raises BadSetting where there is none."""
    if pay is None:
        raise BadSetting(f"nobody pays for gas on this chain: put a funded private key into {FUNDER_VARIABLE}")
    return pay


def provide(pay: Pay, sponsor: Signer, members: Iterable[Member], rounds: int) -> None:
    """See to it that everybody can pay for what there is to do in so many rounds; the founding is the sponsor's."""
    members = list(members)
    keeping = KEEPING_GAS + TALLYING_GAS * len(members)
    pay(sponsor.address, FOUNDING_GAS + ENLISTING_GAS * len(members) + keeping * rounds)
    for member in members:
        pay(member.owner.address, OWNING_GAS)
        pay(member.operator.address, JOINING_GAS + ROUND_GAS[member.role] * rounds)


def _signer(web3: Web3, written: str) -> Signer:
    try:
        return Signer(web3, bytes.fromhex(written.strip().removeprefix("0x")))
    except (ValueError, BadSetting) as error:
        raise BadSetting(f"{FUNDER_VARIABLE} is no private key: give 64 hexadecimal digits") from error


def _topping_up(web3: Web3, send: Callable[[str, int], None]) -> Pay:
    """Pay what an address lacks for the gas at the present price, with headroom."""
    with answering("its price of gas"):
        price = web3.eth.gas_price

    def pay(address: str, gas: int) -> None:
        with answering(f"the balance of {address}"):
            balance = web3.eth.get_balance(Web3.to_checksum_address(address))
        if balance < gas * price:
            send(address, HEADROOM * gas * price - balance)

    return pay


def _unlocked(web3: Web3) -> list[str]:
    """Accounts that the chain's node signs for; none where it keeps no keys and does not know the question."""
    with answering("eth_accounts"):
        try:
            return [str(account) for account in web3.eth.accounts]
        except Web3RPCError:
            return []


def _send_unlocked(web3: Web3, payer: str, address: str, wei: int) -> None:
    with answering(f"a transfer of {wei} wei from {payer} to {address}"):
        transaction: Any = {"from": payer, "to": Web3.to_checksum_address(address), "value": wei}
        sent = web3.eth.send_transaction(transaction)
        web3.eth.wait_for_transaction_receipt(sent, timeout=RECEIPT_SECONDS, poll_latency=0.05)


def _ignore(_: object) -> None:
    return None
