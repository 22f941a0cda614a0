"""A Zcash transaction of version 1 to 5 (section 7.1 of the protocol specification, ZIP-202, ZIP-225)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from anomalyhive.errors import BadInput
from anomalyhive.ingestion.bitcoin.cursor import Cursor
from anomalyhive.ingestion.bitcoin.hashing import sha256d, shown
from anomalyhive.ingestion.bitcoin.transaction import Input, Output, read_inputs, read_outputs
from anomalyhive.ingestion.zcash.txid import Orchard, Sapling, Shell, txid_of

OVERWINTER, SAPLING, NU5 = 0x03C48270, 0x892F2085, 0x26A7270A
"""Version groups of versions 3, 4 and 5."""

GROUPS = {3: OVERWINTER, 4: SAPLING, 5: NU5}

JOINSPLIT_REST = {False: 1802 - 16, True: 1698 - 16}
"""Bytes of a JoinSplit after its two amounts, with a PHGR13 proof and with a Groth16 proof (from version 4)."""

SPEND_V4, OUTPUT_V4, SPEND_V5, OUTPUT_V5, ACTION = 384, 948, 96, 756, 820
"""Bytes of a Sapling spend and output in either version, and of an Orchard action."""

PROOF, SIGNATURE, KEY = 192, 64, 32


class JoinSplit(NamedTuple):
    """What a JoinSplit takes out of the transparent amounts, and what it gives back, in zatoshi."""

    vpub_old: int
    vpub_new: int


@dataclass(frozen=True)
class ZcashTransaction:
    """A transaction: its open parts whole, of its shielded ones the counts and the balances in zatoshi.

    A balance is what leaves the pool: positive where shielded coins become open. Fields that a version does not have
    are None.
    """

    txid: bytes
    version: int
    group: int | None
    branch: int | None
    lock_time: int
    expiry: int | None
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    size: int
    joinsplits: tuple[JoinSplit, ...] = ()
    sapling_spends: int = 0
    sapling_outputs: int = 0
    sapling_balance: int = 0
    orchard_actions: int = 0
    orchard_balance: int = 0

    @property
    def is_coinbase(self) -> bool:
        """Whether it makes new coins."""
        return len(self.inputs) == 1 and self.inputs[0].is_coinbase

    @property
    def from_pools(self) -> int:
        """What comes out of the shielded pools, less what goes in."""
        sprout = sum(one.vpub_new - one.vpub_old for one in self.joinsplits)
        return sprout + self.sapling_balance + self.orchard_balance


def read_transaction(cursor: Cursor) -> ZcashTransaction:
    """The transaction at the cursor. Raises BadInput naming the place."""
    start = cursor.at
    header = cursor.u32()
    version, overwintered = header & 0x7FFFFFFF, bool(header >> 31)
    group = cursor.u32() if overwintered else None
    if (version not in (1, 2) and not overwintered) or (overwintered and GROUPS.get(version) != group):
        told = "" if group is None else f" of version group {group:08x}"
        raise BadInput(f"byte {start}: version {version}{told} of a transaction is unknown: versions 1 to 5 are read")
    if version == 5:
        return _read_v5(cursor, start)
    inputs, outputs = tuple(read_inputs(cursor)), read_outputs(cursor)
    lock_time = cursor.u32()
    one = ZcashTransaction(b"", version, group, None, lock_time, None, inputs, outputs, 0)
    if overwintered:
        one = replace(one, expiry=cursor.u32())
    if version == 4:
        balance = cursor.i64()
        spends = _skipped(cursor, SPEND_V4)
        made = _skipped(cursor, OUTPUT_V4)
        one = replace(one, sapling_balance=balance, sapling_spends=spends, sapling_outputs=made)
    if version >= 2:
        one = replace(one, joinsplits=_read_joinsplits(cursor, version == 4))
    if one.sapling_spends + one.sapling_outputs:
        cursor.take(SIGNATURE)
    raw = cursor.data[start : cursor.at]
    return replace(one, txid=shown(sha256d(raw)), size=len(raw))


def _skipped(cursor: Cursor, size: int) -> int:
    """How many items of that size there are; the cursor goes behind them."""
    count = cursor.count(size)
    cursor.take(count * size)
    return count


def _read_joinsplits(cursor: Cursor, groth: bool) -> tuple[JoinSplit, ...]:
    rest = JOINSPLIT_REST[groth]
    found = []
    for _ in range(cursor.count(16 + rest)):
        found.append(JoinSplit(cursor.i64(), cursor.i64()))
        cursor.take(rest)
    if found:
        cursor.take(KEY + SIGNATURE)
    return tuple(found)


def _read_v5(cursor: Cursor, start: int) -> ZcashTransaction:
    """The rest of a transaction of version 5, after its version group (ZIP-225)."""
    branch, lock_time, expiry = cursor.u32(), cursor.u32(), cursor.u32()
    head = cursor.data[start : cursor.at]
    inputs, outputs = tuple(read_inputs(cursor)), read_outputs(cursor)
    sapling = _read_sapling(cursor)
    orchard = _read_orchard(cursor)
    txid = txid_of(Shell(head, branch, inputs, outputs), sapling, orchard)
    return ZcashTransaction(
        shown(txid),
        5,
        NU5,
        branch,
        lock_time,
        expiry,
        inputs,
        outputs,
        cursor.at - start,
        (),
        len(sapling.spends),
        len(sapling.outputs),
        sapling.balance,
        len(orchard.actions),
        orchard.balance,
    )


def _read_sapling(cursor: Cursor) -> Sapling:
    spends = [cursor.take(SPEND_V5) for _ in range(cursor.count(SPEND_V5))]
    outputs = [cursor.take(OUTPUT_V5) for _ in range(cursor.count(OUTPUT_V5))]
    if not spends and not outputs:
        return Sapling()
    balance = cursor.i64()
    anchor = cursor.take(32) if spends else b""
    cursor.take((PROOF + SIGNATURE) * len(spends) + PROOF * len(outputs) + SIGNATURE)
    return Sapling(spends, outputs, balance, anchor)


def _read_orchard(cursor: Cursor) -> Orchard:
    actions = [cursor.take(ACTION) for _ in range(cursor.count(ACTION))]
    if not actions:
        return Orchard()
    flags = cursor.take(1)
    balance, anchor = cursor.i64(), cursor.take(32)
    cursor.blob()
    cursor.take(SIGNATURE * len(actions) + SIGNATURE)
    return Orchard(actions, flags, balance, anchor)
