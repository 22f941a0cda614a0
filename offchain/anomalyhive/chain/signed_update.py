"""Updates that their operators sign and somebody else submits: `IHive.submitUpdates`."""

from __future__ import annotations

from dataclasses import dataclass

from eth_account.messages import SignableMessage, encode_typed_data
from eth_account.signers.local import LocalAccount

NAME, VERSION = "AnomalyHive", "1"
"""Of the hive's domain (EIP-712)."""

FIELDS = (
    ("task", "uint64"),
    ("round", "uint32"),
    ("shard", "uint16"),
    ("digest", "bytes32"),
    ("commitment", "bytes"),
    ("expiry", "uint40"),
)
TYPES = {"SubmitUpdate": [{"name": name, "type": kind} for name, kind in FIELDS]}
"""The message that an operator signs."""


@dataclass(frozen=True)
class SignedUpdate:
    """`IHiveTypes.SignedUpdate`: ``commitment`` is 96 bytes, ``r`` and ``vs`` are the signature as EIP-2098 has it."""

    shard: int
    expiry: int
    digest: bytes
    commitment: bytes
    r: bytes
    vs: bytes


@dataclass(frozen=True)
class UpdateOrder:
    """An update that its operator wants to be submitted, by anyone, before ``expiry`` (unix seconds)."""

    task: int
    round: int
    shard: int
    digest: bytes
    commitment: bytes
    expiry: int

    def message(self, chain_id: int, hive: str) -> SignableMessage:
        """What is signed: it holds on this chain and for the hive at this address only."""
        domain = {"name": NAME, "version": VERSION, "chainId": chain_id, "verifyingContract": hive}
        return encode_typed_data(domain, TYPES, {name: getattr(self, name) for name, _ in FIELDS})

    def signed(self, account: LocalAccount, chain_id: int, hive: str) -> SignedUpdate:
        """The update under a signature of the shard's operator."""
        signature = account.sign_message(self.message(chain_id, hive))
        # EIP-2098: s is in the lower half of its range, so its highest bit is free for the parity, v - 27.
        vs = (signature.v - 27) << 255 | signature.s
        return SignedUpdate(
            self.shard,
            self.expiry,
            self.digest,
            self.commitment,
            signature.r.to_bytes(32, "big"),
            vs.to_bytes(32, "big"),
        )
