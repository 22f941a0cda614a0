"""A transaction from its bytes, with or without witnesses (BIP-144), and the two hashes that name it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from anomalyhive.errors import BadInput
from anomalyhive.ingestion.bitcoin.cursor import Cursor, compact_size
from anomalyhive.ingestion.bitcoin.hashing import NO_HASH, sha256d, shown

NO_OUTPUT = 0xFFFFFFFF
"""The output that a coinbase claims to spend."""

LEAST_INPUT = 41
"""Bytes of an input with an empty script: 32 + 4 + 1 + 4."""

LEAST_OUTPUT = 9
"""Bytes of an output with an empty script: 8 + 1."""

WITNESS_SCALE = 4
"""Weight of a byte outside of the witnesses (BIP-141)."""


class Input(NamedTuple):
    """What is spent, by the hash as it is shown and the output's number, and ``witness`` as a count of items."""

    spent_hash: bytes
    spent_index: int
    script: bytes
    sequence: int
    witness: int = 0

    @property
    def is_coinbase(self) -> bool:
        """Whether it spends nothing."""
        return self.spent_index == NO_OUTPUT and self.spent_hash == NO_HASH


class Output(NamedTuple):
    """An amount in satoshi and the script that may spend it."""

    value: int
    script: bytes


@dataclass(frozen=True)
class Transaction:
    """A transaction; hashes as they are shown, sizes in bytes (``stripped`` without witnesses).

    ``reserved`` is the only item of the first input's witness where it has 32 bytes: a coinbase mixes it into the
    commitment to the witnesses.
    """

    txid: bytes
    wtxid: bytes
    version: int
    lock_time: int
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    size: int
    stripped: int
    reserved: bytes | None = None

    @property
    def is_coinbase(self) -> bool:
        """Whether it makes new coins."""
        return len(self.inputs) == 1 and self.inputs[0].is_coinbase

    @property
    def has_witness(self) -> bool:
        """Whether it was written with witnesses."""
        return self.size != self.stripped

    @property
    def weight(self) -> int:
        """Size with a byte outside of the witnesses counted four times."""
        return self.stripped * (WITNESS_SCALE - 1) + self.size

    @property
    def virtual_size(self) -> int:
        """A quarter of the weight, rounded up."""
        return -(-self.weight // WITNESS_SCALE)


def read_inputs(cursor: Cursor) -> list[Input]:
    """The inputs, without witnesses."""
    return [
        Input(shown(cursor.take(32)), cursor.u32(), cursor.blob(), cursor.u32())
        for _ in range(cursor.count(LEAST_INPUT))
    ]


def read_outputs(cursor: Cursor) -> tuple[Output, ...]:
    """The outputs."""
    return tuple(Output(cursor.i64(), cursor.blob()) for _ in range(cursor.count(LEAST_OUTPUT)))


def read_transaction(cursor: Cursor) -> Transaction:
    """The transaction at the cursor. Raises BadInput naming the place."""
    data, start = cursor.data, cursor.at
    version = cursor.i32()
    # A transaction always has inputs, so a count of zero marks the form with witnesses.
    segwit = data[cursor.at : cursor.at + 1] == b"\0"
    if segwit and cursor.take(2)[1] != 1:
        raise BadInput(f"byte {cursor.at - 1}: the flag {data[cursor.at - 1]} after no inputs is unknown")
    body = cursor.at
    inputs = read_inputs(cursor)
    outputs = read_outputs(cursor)
    body_end = cursor.at
    reserved = None
    if segwit:
        if not inputs:
            raise BadInput(f"byte {body}: a transaction with witnesses and no inputs")
        inputs, reserved = _with_witnesses(cursor, inputs)
    locked = cursor.take(4)
    whole = data[start : cursor.at]
    wtxid = txid = sha256d(whole)
    stripped = len(whole)
    if segwit:
        txid = sha256d(data[start : start + 4] + data[body:body_end] + locked)
        stripped = 8 + body_end - body
    return Transaction(
        shown(txid),
        shown(wtxid),
        version,
        int.from_bytes(locked, "little"),
        tuple(inputs),
        outputs,
        len(whole),
        stripped,
        reserved,
    )


def _with_witnesses(cursor: Cursor, inputs: list[Input]) -> tuple[list[Input], bytes | None]:
    """The inputs with their counts, and the first one's witness if it is one item of 32 bytes."""
    reserved = None
    counted = []
    for place, one in enumerate(inputs):
        items = [cursor.blob() for _ in range(cursor.count(1))]
        if place == 0 and len(items) == 1 and len(items[0]) == 32:
            reserved = items[0]
        counted.append(one._replace(witness=len(items)))
    if not any(one.witness for one in counted):
        raise BadInput(f"byte {cursor.at}: a transaction in the form with witnesses that has none")
    return counted, reserved


def write_parts(inputs: list[Input], outputs: list[Output]) -> bytes:
    """Inputs and outputs as they are serialized."""
    parts = [compact_size(len(inputs))]
    for one in inputs:
        parts += [shown(one.spent_hash), one.spent_index.to_bytes(4, "little"), compact_size(len(one.script))]
        parts += [one.script, one.sequence.to_bytes(4, "little")]
    parts.append(compact_size(len(outputs)))
    for output in outputs:
        parts += [output.value.to_bytes(8, "little", signed=True), compact_size(len(output.script)), output.script]
    return b"".join(parts)
