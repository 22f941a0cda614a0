"""The header of a block: its fields, and the hash over them (section 4.3.4 of the Yellow Paper, EIPs where named)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from anomalyhive.ingestion.evm.keccak import keccak
from anomalyhive.ingestion.evm.rlp import encode
from anomalyhive.ingestion.evm.values import ADDRESS, BLOOM, HASH, NONCE, data, quantity, required

FIELDS = (
    ("parentHash", HASH),
    ("sha3Uncles", HASH),
    ("miner", ADDRESS),
    ("stateRoot", HASH),
    ("transactionsRoot", HASH),
    ("receiptsRoot", HASH),
    ("logsBloom", BLOOM),
    ("difficulty", 0),
    ("number", 0),
    ("gasLimit", 0),
    ("gasUsed", 0),
    ("timestamp", 0),
    ("extraData", None),
    ("mixHash", HASH),
    ("nonce", NONCE),
)
"""Name and width in bytes: 0 is a quantity, None any number of bytes."""

LATER_FIELDS = (
    ("baseFeePerGas", 0),  # EIP-1559, London
    ("withdrawalsRoot", HASH),  # EIP-4895, Shanghai
    ("blobGasUsed", 0),  # EIP-4844, Cancun
    ("excessBlobGas", 0),
    ("parentBeaconBlockRoot", HASH),  # EIP-4788
    ("requestsHash", HASH),  # EIP-7685, Prague
)
"""Those that forks appended, in their order: a header has the first so many of them.

Polygon's Bor has Ethereum's fields, with the producer's seal inside of extraData.
"""


def header_hash(block: Mapping[str, Any]) -> bytes:
    """Keccak-256 of the RLP of the header's fields. Raises Malformed."""
    return keccak(header_rlp(block))


def header_rlp(block: Mapping[str, Any]) -> bytes:
    """The RLP of the header's fields, which its hash is over. Raises Malformed."""
    fields = [_value(required(block, name), name, width) for name, width in FIELDS]
    fields += [_value(block[name], name, width) for name, width in LATER_FIELDS if block.get(name) is not None]
    return encode(fields)


def _value(value: Any, name: str, width: int | None) -> int | bytes:
    return quantity(value, name) if width == 0 else data(value, name, width)
