"""The recorded blocks of Bitcoin and Zcash, and tables as bitcoin-etl has them."""

from __future__ import annotations

import bz2
import gzip
import json
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from anomalyhive.ingestion.block import Block

RESOURCES = Path(__file__).parents[2] / "resources"

BITCOIN_HEIGHTS = {
    "block169482.dat.gz": 169_482,
    "block227836.dat.gz": 227_836,
    "block363703.dat.gz": 363_703,
    "block_00000000000000000000_0c835b2a.raw.gz": 702_861,
}

ETL_FOLDERS = {
    "bitcoin": ("block_0", "block_1", "block_with_transactions", "block_without_transactions"),
    "zcash": ("block_0", "block_with_shielded_addresses", "block_with_value_balance"),
}


def bitcoin_raw(name: str) -> bytes:
    return gzip.decompress((RESOURCES / "bitcoin/raw" / name).read_bytes())


def first_blocks() -> Iterator[tuple[int, bytes]]:
    """Blocks 1 to 255 of Bitcoin."""
    data = bz2.decompress((RESOURCES / "bitcoin/raw/blocks1-256.bz2").read_bytes())
    at, number = 0, 1
    while at < len(data):
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        yield number, data[at + 8 : at + 8 + size]
        at, number = at + 8 + size, number + 1


def zcash_raws() -> dict[int, bytes]:
    """Height -> block."""
    raws = {}
    for path in sorted((RESOURCES / "zcash/raw").iterdir()):
        data = gzip.decompress(path.read_bytes())
        height = int("".join(re.findall(r"-(\d+)", path.name.partition("main")[2])))
        raws[height] = bytes.fromhex(data.decode()) if ".txt" in path.name else data
    return raws


def parsed(path: Path) -> Any:
    """Recorded JSON as the client parses it."""
    return json.loads(path.read_bytes(), parse_float=Decimal)


def recorded(chain: str, folder: str) -> Callable[[str, Any], Any]:
    """A node that has the recorded answers, and no blocks as bytes."""
    where = RESOURCES / chain / "bitcoin-etl" / folder
    genesis = {"bitcoin": "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f"}.get(
        chain, "00040fe8ec8471911baa1db1266ea15dd06b4a8a5c453883c000b031973dce08"
    )

    def method(name: str, params: Any) -> Any:
        if name == "getblockhash" and params[0] == 0:
            return genesis
        if name == "getblock" and params[1] != 2:
            return {"error": {"code": -8, "message": "blocks are not served as bytes"}}
        path = where / f"rpc_response_{name}_{'_'.join(map(str, params))}.json"
        if not path.is_file():
            return {"error": {"code": -5, "message": f"{path.name} was not recorded"}}
        # Numbers keep their digits on the wire: 50.00000000 stays what it is.
        return json.loads(path.read_bytes())

    return method


def expected(chain: str, folder: str, table: str) -> list[dict[str, Any]]:
    path = RESOURCES / chain / "bitcoin-etl" / folder / f"expected_{table}.json"
    return [json.loads(line) for line in path.read_text().splitlines()]


def named(block: Block, schemas: Any, table: str) -> list[dict[str, Any]]:
    """The rows of a table by column."""
    return [dict(zip(schemas[table].names, row, strict=True)) for row in block.rows[table]]


def as_etl_blocks(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Our blocks under bitcoin-etl's names; stripped size and weight are null where a chain has no witnesses."""
    return [
        {
            "hash": one["hash"],
            "size": one["size"],
            "stripped_size": one.get("stripped_size"),
            "weight": one.get("weight"),
            "number": one["block_number"],
            "version": one["version"],
            "merkle_root": one["merkle_root"],
            "timestamp": one["block_timestamp"],
            "nonce": one["nonce"] if isinstance(one["nonce"], str) else f"{one['nonce']:x}",
            "bits": f"{one['bits']:08x}",
            "coinbase_param": one["coinbase_param"].hex(),
            "transaction_count": one["transaction_count"],
        }
        for one in blocks
    ]


def as_etl_output(one: dict[str, Any]) -> dict[str, Any]:
    return {
        "index": one["output_index"],
        "script_hex": one["script"].hex(),
        "required_signatures": one["required_signatures"],
        "type": one["type"],
        "addresses": [] if one["address"] is None else [one["address"]],
        "value": one["value"],
    }


def as_etl_input(one: dict[str, Any]) -> dict[str, Any]:
    return {
        "index": one["input_index"],
        "spent_transaction_hash": one["spent_transaction_hash"],
        "spent_output_index": one["spent_output_index"],
        "script_hex": one["script"].hex(),
        "sequence": one["sequence"],
        "required_signatures": None,
        "type": one["type"],
        "addresses": [],
        "value": one["value"],
    }


def without(rows: list[dict[str, Any]], *names: str) -> list[dict[str, Any]]:
    return [{name: value for name, value in row.items() if name not in names} for row in rows]
