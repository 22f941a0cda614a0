"""The bytes of a block from a node's `getblock` with verbosity 2, so that everything is recomputed from them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from anomalyhive.errors import BadInput
from anomalyhive.ingestion.bitcoin.answers import amount, backwards, number, octets, part
from anomalyhive.ingestion.bitcoin.cursor import compact_size
from anomalyhive.ingestion.bitcoin.hashing import NO_HASH
from anomalyhive.ingestion.bitcoin.transaction import NO_OUTPUT, Input, Output, write_parts
from anomalyhive.ingestion.block import Block


@dataclass(frozen=True)
class Assembled:
    """A block's bytes, and the hashes of those transactions of which the node did not show every byte, by place."""

    raw: bytes
    claimed: Mapping[int, bytes] = field(default_factory=dict)


def assemble(answer: Any) -> Assembled:
    """The block of an answer whose transactions have their `hex`. Raises BadInput naming the value."""
    transactions = part(answer, "tx", list)
    pieces = [header_start(answer), number(answer, "time"), octets(answer, "bits", 4)[::-1], number(answer, "nonce")]
    pieces.append(compact_size(len(transactions)))
    for place, one in enumerate(transactions):
        try:
            pieces.append(octets(one, "hex"))
        except BadInput as error:
            raise BadInput(f"transaction {place}: {error}") from error
    return Assembled(b"".join(pieces))


def header_start(answer: Any) -> bytes:
    """Version, parent and merkle root; the first block's parent is not named."""
    parent = backwards(answer, "previousblockhash") if "previousblockhash" in answer else NO_HASH
    return number(answer, "version") + parent + backwards(answer, "merkleroot")


def inputs_of(transaction: Any) -> list[Input]:
    """The inputs that a transaction's `vin` names."""
    inputs = []
    for one in part(transaction, "vin", list):
        sequence = int.from_bytes(number(one, "sequence"), "little")
        if "coinbase" in one:
            inputs.append(Input(NO_HASH, NO_OUTPUT, octets(one, "coinbase"), sequence))
        else:
            place = int.from_bytes(number(one, "vout"), "little")
            script = octets(part(one, "scriptSig", dict), "hex")
            inputs.append(Input(octets(one, "txid", 32), place, script, sequence))
    return inputs


def outputs_of(transaction: Any) -> list[Output]:
    """The outputs that a transaction's `vout` names."""
    return [
        Output(amount(one, "value"), octets(part(one, "scriptPubKey", dict), "hex"))
        for one in part(transaction, "vout", list)
    ]


def parts_of(transaction: Any) -> bytes:
    """Inputs and outputs of a transaction's fields as they are serialized."""
    return write_parts(inputs_of(transaction), outputs_of(transaction))


def disagreements(answer: Any, block: Block) -> Iterator[str]:
    """What the node says of a block and the block's bytes do not."""
    row = block.rows["blocks"][0]
    told = {"hash": block.hash.hex(), "height": block.number, "size": len(block.raw)}
    told["nTx"] = len(block.rows["transactions"])
    for name, value in told.items():
        if name in answer and answer[name] != value:
            yield f"node: it says {name} {str(answer[name])[:80]}, the block {row[0]} has {value}"
