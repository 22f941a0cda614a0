"""Who signs for an address: a key that is here, or a wallet elsewhere that is given what to sign."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from web3 import Web3

from anomalyhive.chain.fees import FeeLimits
from anomalyhive.chain.journaled import JournaledSigner
from anomalyhive.chain.signer import Call, Mined, Signer
from anomalyhive.errors import ChainFailure
from anomalyhive.node.asking import base_fee
from anomalyhive.node.home import NodeHome
from anomalyhive.node.keystore import address_in, read_key
from anomalyhive.node.locks import sole_process
from anomalyhive.node.passwords import Passwords

HEADROOM = 2
"""The most that a signer offers for gas is twice the base fee, and the tip."""


@dataclass(frozen=True)
class Unsigned:
    """A transaction for another wallet: where to, the data as hex, wei, the chain, and in words what it does."""

    chain_id: int
    sender: str
    to: str
    data: str
    words: str
    value: int = 0


class Hand(Protocol):
    """Does calls of contracts as one address."""

    @property
    def address(self) -> str:
        """Whose calls these are."""

    def do(self, call: Call, words: str) -> Mined | None:
        """Do a call, or have it done elsewhere: then there is nothing mined yet."""

    def pay(self, to: str, wei: int, words: str) -> Mined | None:
        """Send the chain's own coin."""


@dataclass(frozen=True)
class KeyHand:
    """A key that is here. ``max_fee`` is the most that it pays, in wei for a unit of gas; ``tell`` hears of all."""

    signer: Signer
    max_fee: int
    tell: Callable[[str], None]

    @property
    def address(self) -> str:
        """The address of the key."""
        return self.signer.address

    def do(self, call: Call, words: str) -> Mined:
        """Send it and wait until it is mined. Raises ChainFailure before it costs more than it may."""
        self._check_fee()
        return self._told(self.signer.transact(call), words)

    def pay(self, to: str, wei: int, words: str) -> Mined:
        """Send coin and wait until that is mined; as `do`."""
        self._check_fee()
        return self._told(self.signer.transfer(to, wei), words)

    def _told(self, mined: Mined, words: str) -> Mined:
        self.tell(f"{words} ({mined.gas:,} gas, block {mined.block:,})")
        return mined

    def _check_fee(self) -> None:
        base = base_fee(self.signer.web3)
        if HEADROOM * base > self.max_fee:
            raise ChainFailure(
                f"the base fee is {base} wei, so that {HEADROOM * base} may have to be offered, and max_fee_wei is "
                f"{self.max_fee}: wait, or raise it"
            )


@dataclass(frozen=True)
class PaperHand:
    """A wallet elsewhere: ``tell`` hears of each transaction that it is to sign."""

    address: str
    chain_id: int
    tell: Callable[[Unsigned], None]

    def do(self, call: Call, words: str) -> None:
        """Write it down for the wallet."""
        # With all of this given, nothing is asked of the chain, which might refuse what only an earlier call allows.
        options: Any = {"gas": 0, "gasPrice": 0, "nonce": 0, "value": 0, "chainId": self.chain_id}
        built: Any = call.build_transaction(options)
        self.tell(Unsigned(self.chain_id, self.address, built["to"], Web3.to_hex(hexstr=built["data"]), words))

    def pay(self, to: str, wei: int, words: str) -> None:
        """Write it down for the wallet."""
        self.tell(Unsigned(self.chain_id, self.address, to, "0x", words, wei))


@dataclass(frozen=True)
class Words:
    """Who hears what was done, and what another wallet is to do."""

    done: Callable[[str], None]
    unsigned: Callable[[Unsigned], None]


@contextlib.contextmanager
def operator_hand(
    home: NodeHome, web3: Web3, chain_id: int, limits: FeeLimits, passwords: Passwords, words: Words
) -> Iterator[Hand]:
    """The operator's hand, through the node's journal. Raises KeyInUse while the node runs."""
    with sole_process(home.root, address_in(home.operator)):
        key = read_key(home.operator, passwords.known(home.operator))
        signer = JournaledSigner(web3, key, home.journal, limits, chain_id=chain_id)
        try:
            yield KeyHand(signer, limits.max_fee, words.done)
        finally:
            signer.close()


def owner_hand(home: NodeHome, web3: Web3, chain_id: int, max_fee: int, passwords: Passwords, words: Words) -> Hand:
    """The hand of a node's owner."""
    if not home.owner.exists():
        return PaperHand(home.owner_address(), chain_id, words.unsigned)
    key = read_key(home.owner, passwords.known(home.owner, owner=True))
    return KeyHand(Signer(web3, key), max_fee, words.done)
