"""What a row of bitcoin-etl's files holds, each value checked before anything is made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from anomalyhive.errors import BadInput
from anomalyhive.ingestion.bitcoin.answers import number, octets, part
from anomalyhive.ingestion.bitcoin.hashing import NO_HASH, hash_of_text
from anomalyhive.ingestion.bitcoin.transaction import NO_OUTPUT, Input, Output
from anomalyhive.ingestion.files.folder import Cells
from anomalyhive.ingestion.transport.client import parse

SHIELDED = "shielded"
"""Type of what bitcoin-etl makes of Zcash's shielded parts: no inputs and outputs, so they are left out here."""

LAST_SEQUENCE = 0xFFFFFFFF
LARGEST = (1 << 63) - 1

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Exported:
    """A transaction as the files have it; ``owners`` are type, address and value of the outputs that it spends."""

    txid: bytes
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    owners: tuple[tuple[Any, Any, Any], ...]
    is_coinbase: bool
    version: bytes
    lock_time: bytes
    cells: Cells


def transaction_of(cells: Cells, param: bytes) -> Exported:
    """A row of transactions. Raises BadInput naming the value."""
    spent = [one for one in listed(cells, "inputs") if one.get("type") != SHIELDED]
    made = [one for one in listed(cells, "outputs") if one.get("type") != SHIELDED]
    is_coinbase = cells.get("is_coinbase") == "true"
    if cells.get("is_coinbase") not in ("true", "false"):
        raise BadInput(f"'is_coinbase' is {str(cells.get('is_coinbase'))[:80]!r}, not true or false")
    if is_coinbase and spent:
        raise BadInput(f"'inputs' of a coinbase are {str(spent)[:80]!r}, and it spends nothing")
    inputs = (Input(NO_HASH, NO_OUTPUT, param, LAST_SEQUENCE),) if is_coinbase else tuple(_input(one) for one in spent)
    return Exported(
        hash_of_text(cells.get("hash"), "hash of a transaction"),
        inputs,
        tuple(Output(_amount(one), octets(one, "script_hex")) for one in made),
        () if is_coinbase else tuple(_owner(one) for one in spent),
        is_coinbase,
        number({"version": signed(cells, "version")}, "version"),
        number({"lock_time": whole(cells, "lock_time", 32)}, "lock_time"),
        cells,
    )


def _input(one: Values) -> Input:
    place, sequence = (
        int.from_bytes(number(one, name), "little") for name in ("spent_output_index", "sequence")
    )  # fmt: skip
    return Input(octets(one, "spent_transaction_hash", 32), place, octets(one, "script_hex"), sequence)


def _owner(one: Values) -> tuple[Any, Any, Any]:
    """What the files say of the output that is spent; all null in an export that was not enriched."""
    if one.get("value") is None:
        return None, None, None
    addresses = part(one, "addresses", list) if one.get("addresses") is not None else []
    address = addresses[0] if len(addresses) == 1 and isinstance(addresses[0], str) else None
    kind = one.get("type")
    return kind if isinstance(kind, str) else None, address, _amount(one)


def _amount(one: Values) -> int:
    """An amount in the smallest unit; its bounds are the rules' to judge."""
    value = part(one, "value", int)
    if not -LARGEST <= value <= LARGEST:
        raise BadInput(f"'value' is {value}, more than a column takes")
    return int(value)


def listed(cells: Cells, name: str) -> list[Values]:
    """Inputs or outputs, which stand in one cell as JSON."""
    text = cells.get(name)
    try:
        found = [] if text is None else parse(text.encode())
    except ValueError as error:
        raise BadInput(f"{name!r} is {str(text)[:80]!r}, no JSON") from error
    found = [] if found is None else found
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise BadInput(f"{name!r} is {str(text)[:80]!r}, no list of objects")
    return found


def parts_listed(cells: Cells) -> int:
    """How many inputs and outputs a row lists, shielded ones too."""
    return len(listed(cells, "inputs")) + len(listed(cells, "outputs"))


def nonce_of(text: str) -> bytes:
    """Bitcoin's nonce, written without leading zeros."""
    if not text:
        raise BadInput("'nonce' is '', not 4 bytes in hex")
    return octets({"nonce": text.rjust(8, "0")}, "nonce", 4)


def whole(cells: Cells, name: str, bits: int = 63) -> int:
    """A cell as an integer from 0. Raises BadInput."""
    value = signed(cells, name)
    if not 0 <= value < 1 << bits:
        raise BadInput(f"{name!r} is {value}, outside 0 to 2^{bits}")
    return value


def signed(cells: Cells, name: str) -> int:
    """A cell as an integer. Raises BadInput."""
    text = str(cells.get(name))
    digits = text.removeprefix("-")
    if not digits.isascii() or not digits.isdigit() or len(digits) > 19:
        raise BadInput(f"row {cells.get('#')}: {name!r} is {text[:80]!r}, no whole number")
    return int(text)
