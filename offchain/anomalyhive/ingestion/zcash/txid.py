"""The hash of a transaction of version 5: a tree of BLAKE2b-256 without proofs and signatures (ZIP-244)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

from anomalyhive.ingestion.bitcoin.cursor import compact_size
from anomalyhive.ingestion.bitcoin.hashing import shown
from anomalyhive.ingestion.bitcoin.transaction import Input, Output


@dataclass(frozen=True)
class Shell:
    """The serialized fields up to the inputs, the consensus branch, and the open parts."""

    head: bytes
    branch: int
    inputs: Sequence[Input]
    outputs: Sequence[Output]


@dataclass(frozen=True)
class Sapling:
    """Spends (96 bytes each), outputs (756), the balance in zatoshi and the anchor."""

    spends: Sequence[bytes] = ()
    outputs: Sequence[bytes] = ()
    balance: int = 0
    anchor: bytes = b""


@dataclass(frozen=True)
class Orchard:
    """Actions (820 bytes each), flags, the balance in zatoshi and the anchor."""

    actions: Sequence[bytes] = ()
    flags: bytes = b""
    balance: int = 0
    anchor: bytes = b""


def txid_of(shell: Shell, sapling: Sapling, orchard: Orchard) -> bytes:
    """The hash as it is computed: section "TxId Digest"."""
    person = b"ZcashTxHash_" + shell.branch.to_bytes(4, "little")
    parts = (_digest(b"ZTxIdHeadersHash", shell.head), _transparent(shell), _sapling(sapling), _orchard(orchard))
    return _digest(person, b"".join(parts))


def _digest(person: bytes, data: bytes) -> bytes:
    return blake2b(data, digest_size=32, person=person).digest()


def _transparent(shell: Shell) -> bytes:
    if not shell.inputs and not shell.outputs:
        return _digest(b"ZTxIdTranspaHash", b"")
    spent = b"".join(shown(one.spent_hash) + one.spent_index.to_bytes(4, "little") for one in shell.inputs)
    sequences = b"".join(one.sequence.to_bytes(4, "little") for one in shell.inputs)
    made = b"".join(
        one.value.to_bytes(8, "little", signed=True) + compact_size(len(one.script)) + one.script
        for one in shell.outputs
    )
    parts = (
        _digest(b"ZTxIdPrevoutHash", spent),
        _digest(b"ZTxIdSequencHash", sequences),
        _digest(b"ZTxIdOutputsHash", made),
    )
    return _digest(b"ZTxIdTranspaHash", b"".join(parts))


def _sapling(sapling: Sapling) -> bytes:
    """Spends are cv, nullifier, rk; outputs cv, cmu, ephemeral key, 580 bytes for the receiver, 80 for the sender."""
    if not sapling.spends and not sapling.outputs:
        return _digest(b"ZTxIdSaplingHash", b"")
    spends = outputs = b""
    if sapling.spends:
        spends = _digest(b"ZTxIdSSpendCHash", b"".join(one[32:64] for one in sapling.spends)) + _digest(
            b"ZTxIdSSpendNHash", b"".join(one[:32] + sapling.anchor + one[64:] for one in sapling.spends)
        )
    if sapling.outputs:
        outputs = b"".join(
            (
                _digest(b"ZTxIdSOutC__Hash", b"".join(one[32:148] for one in sapling.outputs)),
                _digest(b"ZTxIdSOutM__Hash", b"".join(one[148:660] for one in sapling.outputs)),
                _digest(b"ZTxIdSOutN__Hash", b"".join(one[:32] + one[660:] for one in sapling.outputs)),
            )
        )
    balance = sapling.balance.to_bytes(8, "little", signed=True)
    parts = (_digest(b"ZTxIdSSpendsHash", spends), _digest(b"ZTxIdSOutputHash", outputs), balance)
    return _digest(b"ZTxIdSaplingHash", b"".join(parts))


def _orchard(orchard: Orchard) -> bytes:
    """Actions are cv, nullifier, rk, cmx, ephemeral key, 580 bytes for the receiver, 80 for the sender."""
    if not orchard.actions:
        return _digest(b"ZTxIdOrchardHash", b"")
    parts = (
        _digest(b"ZTxIdOrcActCHash", b"".join(one[32:64] + one[96:212] for one in orchard.actions)),
        _digest(b"ZTxIdOrcActMHash", b"".join(one[212:724] for one in orchard.actions)),
        _digest(b"ZTxIdOrcActNHash", b"".join(one[:32] + one[64:96] + one[724:] for one in orchard.actions)),
        orchard.flags,
        orchard.balance.to_bytes(8, "little", signed=True),
        orchard.anchor,
    )
    return _digest(b"ZTxIdOrchardHash", b"".join(parts))
