"""Updates under signatures of EIP-712, as `IHive.submitUpdates` has them, by the keys of Anvil's accounts.

What is right is signed by the package; what is wrong in one thing, by the text of the interface, here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import brownie
import numpy as np
from eth_account import Account
from eth_account.hdaccount import key_from_seed, seed_from_mnemonic
from eth_utils.crypto import keccak
from logs import logged
from refusals import refused
from stages import points

from anomalyhive.chain.signed_update import UpdateOrder
from anomalyhive.commitments import commit
from rehearsal import Node, Round, Update

ANVIL_MNEMONIC = "test test test test test test test test test test test junk"

NEVER = 2**40 - 1
"""An expiry that no test reaches."""

FIELDS = {
    "task": "uint64",
    "round": "uint32",
    "shard": "uint16",
    "digest": "bytes32",
    "commitment": "bytes",
    "expiry": "uint40",
}
"""What is signed, in this order."""

TYPE = "SubmitUpdate"


@dataclass(frozen=True)
class Signed:
    """An update and a signature, which need not be one of it: ``r`` and ``vs`` are 256-bit numbers."""

    shard: int
    digest: bytes
    commitment: bytes
    expiry: int
    r: int
    vs: int

    @property
    def row(self) -> tuple[Any, ...]:
        """The contract's SignedUpdate."""
        halves = (self.r.to_bytes(32, "big"), self.vs.to_bytes(32, "big"))
        return self.shard, self.expiry, self.digest, points(self.commitment), *halves

    def but(self, **parts: Any) -> Signed:
        """The same with parts exchanged, under the signature of before."""
        return replace(self, **parts)


def message_of(key: tuple[int, int], update: Update, expiry: int = NEVER) -> Mapping[str, Any]:
    """What is signed of an update of a round, whose task and number are ``key``."""
    parts = (*key, update.shard, update.digest, update.commitment, expiry)
    return dict(zip(FIELDS, parts, strict=True))


def domain_of(hive: Any) -> Mapping[str, Any]:
    """Where a signature counts."""
    return {
        "name": "AnomalyHive",
        "version": "1",
        "chainId": brownie.web3.eth.chain_id,
        "verifyingContract": hive.address,
    }


def signed(
    domain: Mapping[str, Any],
    message: Mapping[str, Any],
    signer: Any,
    fields: Mapping[str, str] = FIELDS,
    type_: str = TYPE,
) -> Signed:
    """The message with a signature of an account of Anvil's; types are those of `IHive` unless others are given."""
    types = {type_: [{"name": name, "type": kind} for name, kind in fields.items()]}
    signature = Account.sign_typed_data(key_of(signer.address), dict(domain), types, dict(message))
    return of_message(message, signature.r, signature.s, signature.v - 27)


def of_message(message: Mapping[str, Any], r: int, s: int, parity: int) -> Signed:
    """The message with a signature in its parts; EIP-2098 has the parity in the highest bit."""
    parts = {name: message[name] for name in ("shard", "digest", "commitment", "expiry")}
    return Signed(**parts, r=r, vs=s | parity << 255)


class Desk:
    """Where the updates of a round are signed, each by the operator of its shard, and submitted by somebody else."""

    def __init__(self, hive: Any, round_: Round, trainers: Sequence[Node], sender: Any) -> None:
        self.hive, self.round, self.trainers, self.sender = hive, round_, trainers, sender

    def update(self, shard: int, value: int = 7) -> Update:
        """An update with a real commitment, by the trainer of the same number."""
        vector = np.array([shard, value], dtype=np.int64)
        return Update(shard, self.trainers[shard].number, keccak(vector.tobytes()), commit(vector))

    def sign(
        self, shard: int, within: Round | None = None, by: Any = None, expiry: int = NEVER, value: int = 7
    ) -> Signed:
        """The update of a shard, of this round or of another, by its operator or by somebody else; as nodes sign it."""
        key, one, signer = (within or self.round).key, self.update(shard, value), by or self.trainers[shard].operator
        order = UpdateOrder(*key, shard, one.digest, one.commitment, expiry)
        account = Account.from_key(key_of(signer.address))
        found = order.signed(account, brownie.web3.eth.chain_id, self.hive.address)
        halves = (int.from_bytes(found.r, "big"), int.from_bytes(found.vs, "big"))
        return Signed(found.shard, found.digest, found.commitment, found.expiry, *halves)

    def submit(self, items: Sequence[Signed], within: Round | None = None) -> Any:
        """The transaction of a batch."""
        return self.hive.submitUpdates(*(within or self.round).key, [one.row for one in items], {"from": self.sender})


def shards_of(transaction: Any) -> list[int]:
    """The shards whose updates counted, in order."""
    return [one["shard"] for one in logged(transaction, "UpdateSubmitted")]


def assert_void(desk: Desk, *items: Signed) -> None:
    """None of these counts, and the right one of the first item's shard still does."""
    with refused("NothingSubmitted", len(items)):
        desk.submit(items)
    assert shards_of(desk.submit([desk.sign(items[0].shard)])) == [items[0].shard]


@cache
def key_of(address: str) -> bytes:
    """The private key of one of Anvil's accounts."""
    seed = seed_from_mnemonic(ANVIL_MNEMONIC, passphrase="")
    for index in range(1000):
        key = key_from_seed(seed, f"m/44'/60'/0'/0/{index}")
        if Account.from_key(key).address == address:
            return key
    raise ValueError(f"{address} is none of the first 1000 accounts of Anvil")
