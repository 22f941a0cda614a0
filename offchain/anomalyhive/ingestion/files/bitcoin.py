"""A bitcoin-etl folder as blocks of Bitcoin or Zcash: the same tables, and null where the files say nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as pa

from anomalyhive.errors import BadInput
from anomalyhive.ingestion.bitcoin import schema as bitcoin_schema
from anomalyhive.ingestion.bitcoin.answers import number, octets
from anomalyhive.ingestion.bitcoin.decode import input_rows, output_rows
from anomalyhive.ingestion.bitcoin.hashing import NO_HASH, hash_of_text, sha256d, shown
from anomalyhive.ingestion.bitcoin.header import work_faults
from anomalyhive.ingestion.bitcoin.networks import BITCOIN, ZCASH, Network, network_of
from anomalyhive.ingestion.bitcoin.rules import common_faults
from anomalyhive.ingestion.bitcoin.transaction import write_parts
from anomalyhive.ingestion.block import Block, Row, Unreadable
from anomalyhive.ingestion.chains import Chain
from anomalyhive.ingestion.files.exported import Exported, listed, nonce_of, parts_listed, signed, transaction_of, whole
from anomalyhive.ingestion.files.folder import Cells, Folder
from anomalyhive.ingestion.zcash import schema as zcash_schema

KEYS = {"blocks": "number", "transactions": "block_number"}
"""Table -> where bitcoin-etl has the block's number; inputs and outputs stand inside of the transactions."""


def _open(schemas: Mapping[str, pa.Schema]) -> dict[str, pa.Schema]:
    """The tables that follow from blocks and transactions, every column nullable but the number of the block."""
    return {
        table: pa.schema([one.with_nullable(one.name != "block_number") for one in columns])
        for table, columns in schemas.items()
        if table != "joinsplits"
    }


FILE_SCHEMAS = {"bitcoin": _open(bitcoin_schema.SCHEMAS), "zcash": _open(zcash_schema.SCHEMAS)}
"""Chain -> table -> schema."""


class BitcoinFiles:
    """A `Source` over a folder of bitcoin-etl's JSON lines, CSV or Parquet files.

    The files leave out the parent's hash: it is the one of the block before, where the files have it. Raises BadTable
    naming file or row, BadSetting where block 0 is there and that of no network of the chain.
    """

    def __init__(self, chain: Chain, path: Path) -> None:
        self._folder = Folder(path, KEYS)
        self._chain = chain
        try:
            missing = [table for table in KEYS if table not in self._folder.columns]
            if missing:
                raise BadInput(f"{path} has no table {missing[0]}: bitcoin-etl exports {' and '.join(KEYS)} together")
            first = self.hash_of(0)
            mainnet = BITCOIN if chain.name == "bitcoin" else ZCASH
            self._network: Network = network_of(chain.name, first) if first else mainnet
        except BaseException:
            self._folder.close()
            raise

    @property
    def schemas(self) -> Mapping[str, pa.Schema]:
        """Those of the chain, but for what the files never hold."""
        return FILE_SCHEMAS[self._chain.name]

    @property
    def chain_id(self) -> int | str | None:
        """None: files may be of any network."""
        return None

    def head(self) -> int:
        """The number of the last block with anything in the files."""
        return self._folder.last()

    def hash_of(self, number: int) -> bytes:
        """The hash of a block, empty where the files have none."""
        for _, (row, *_rest) in self._folder.by_block("blocks", range(number, number + 1)):
            return hash_of_text(row.get("hash"), f"hash of block {number}")
        return b""

    def blocks(self, numbers: range) -> Iterator[Block | Unreadable]:
        """The blocks with these numbers."""
        parent = NO_HASH if numbers.start == 0 else self.hash_of(numbers.start - 1)
        streams = {table: self._folder.by_block(table, numbers) for table in KEYS}
        waiting = {table: next(stream, None) for table, stream in streams.items()}
        for at in numbers:
            given: dict[str, list[Cells]] = {table: [] for table in KEYS}
            for table, stream in streams.items():
                first = waiting[table]
                if first is not None and first[0] == at:
                    given[table] = first[1]
                    waiting[table] = next(stream, None)
            made = self._read(at, parent, given["blocks"], given["transactions"])
            parent = made.hash if isinstance(made, Block) else b""
            yield made

    def close(self) -> None:
        """Close the files."""
        self._folder.close()

    def _read(self, at: int, parent: bytes, given: list[Cells], rows: list[Cells]) -> Block | Unreadable:
        if len(given) != 1:
            return Unreadable(at, f"block: the files have {len(given)} rows for it, and 1 is expected")
        try:
            return self._block(at, parent, given[0], rows)
        except BadInput as error:
            return Unreadable(at, f"value: {error}", repr([given, rows]).encode())

    def _block(self, at: int, parent: bytes, cells: Cells, rows: list[Cells]) -> Block:
        digest, root = (hash_of_text(cells.get(name), name) for name in ("hash", "merkle_root"))
        timestamp, bits = whole(cells, "timestamp", 32), int.from_bytes(octets(cells, "bits", 4), "big")
        param = octets(cells, "coinbase_param") if cells.get("coinbase_param") else b""
        transactions = [transaction_of(one, param) for one in rows]
        if not transactions:
            raise BadInput("a block has a transaction at least, its coinbase")
        faults = [
            *_place_faults(cells, rows),
            *work_faults(digest, bits, self._network),
            *common_faults(at, root, transactions, self._network),
        ]
        if self._chain.name == "bitcoin":
            faults += _sealing_faults(cells, parent, digest, transactions)
        where = (at, timestamp)
        made: dict[str, list[Row]] = {
            "blocks": [self._block_row(where, parent, cells, (bits, param, len(rows)))],
            "transactions": [self._row(where, place, one) for place, one in enumerate(transactions)],
            "inputs": [row for place, one in enumerate(transactions) for row in self._inputs((*where, place), one)],
            "outputs": output_rows(where, transactions, self._network),
        }
        return Block(at, digest, parent, made, tuple(faults), repr([cells, rows]).encode() if faults else b"")

    def _block_row(self, where: Row, parent: bytes, cells: Cells, known: tuple[int, bytes, int]) -> Row:
        bits, param, count = known
        zcash = self._chain.name == "zcash"
        nonce = cells.get("nonce") or ""
        values = {
            **dict(zip(("block_number", "block_timestamp"), where, strict=True)),
            **{name: cells[name] for name in ("hash", "merkle_root")},
            "parent_hash": parent.hex() or None,
            "version": int.from_bytes(number({"version": signed(cells, "version")}, "version"), "little", signed=True),
            "bits": bits,
            "nonce": octets(cells, "nonce", 32).hex() if zcash else int.from_bytes(nonce_of(nonce), "big"),
            "coinbase_param": param,
            "transaction_count": count,
        }
        for name in ("size", "stripped_size", "weight"):
            values[name] = None if cells.get(name) is None else whole(cells, name)
        return tuple(values.get(one.name) for one in self.schemas["blocks"])

    def _row(self, where: Row, place: int, one: Exported) -> Row:
        known = [value for _, _, value in one.owners]
        spent = None if None in known else sum(known)
        made = sum(output.value for output in one.outputs)
        shielded = len(one.outputs) + len(one.owners) != parts_listed(one.cells)
        values = {
            "transaction_index": place,
            **dict(zip(("block_number", "block_timestamp"), where, strict=True)),
            "hash": one.txid.hex(),
            "version": int.from_bytes(one.version, "little", signed=self._chain.name == "bitcoin"),
            "lock_time": int.from_bytes(one.lock_time, "little"),
            "is_coinbase": one.is_coinbase,
            "input_count": 0 if one.is_coinbase else len(one.inputs),
            "output_count": len(one.outputs),
            "input_value": spent,
            "output_value": made,
            # What goes into the shielded parts or comes out of them is no fee.
            "fee": 0 if one.is_coinbase else (None if spent is None or shielded else spent - made),
        }
        for name in ("size", "virtual_size"):
            values[name] = None if one.cells.get(name) is None else whole(one.cells, name)
        return tuple(values.get(column.name) for column in self.schemas["transactions"])

    def _inputs(self, where: Row, one: Exported) -> Iterator[Row]:
        unknown = (None,) if self._chain.name == "bitcoin" else ()  # how many items a witness has
        for row, owner in zip(input_rows(where, one), one.owners, strict=True):
            yield (*row, *unknown, *owner)


def _place_faults(cells: Cells, rows: Sequence[Cells]) -> Iterator[str]:
    """What does not agree between a block and the rows of its transactions."""
    count = cells.get("transaction_count")
    if count is not None and count != str(len(rows)):
        yield f"transaction count: the block says {count}, the files have {len(rows)}"
    for place, one in enumerate(rows):
        if one.get("index") not in (None, str(place)) or one.get("block_hash") not in (None, cells.get("hash")):
            yield (
                f"transaction: {str(one.get('hash'))[:80]!r} at place {place} says it is number "
                f"{str(one.get('index'))[:20]} of block {str(one.get('block_hash'))[:80]}"
            )
        for name, parts in (("input_count", "inputs"), ("output_count", "outputs")):
            found = len(listed(one, parts))
            if one.get(name) not in (None, str(found)):
                yield f"transaction: {place} says {name} {str(one.get(name))[:20]}, the files have {found}"


def _sealing_faults(cells: Cells, parent: bytes, digest: bytes, transactions: Sequence[Exported]) -> Iterator[str]:
    """What does not hold of Bitcoin's hashes: of the header where its parent is known, and of all but the coinbase."""
    if parent:
        header = number({"version": signed(cells, "version")}, "version") + shown(parent)
        header += shown(hash_of_text(cells.get("merkle_root"), "merkle_root"))
        header += number({"timestamp": whole(cells, "timestamp", 32)}, "timestamp")
        header += octets(cells, "bits", 4)[::-1] + nonce_of(cells.get("nonce") or "")[::-1]
        if (found := shown(sha256d(header))) != digest:
            yield f"header hash: the fields and the parent give {found.hex()}, the files say {digest.hex()}"
    for place, one in enumerate(transactions):
        if not one.is_coinbase:
            written = one.version + write_parts([*one.inputs], [*one.outputs]) + one.lock_time
            if (found := shown(sha256d(written))) != one.txid:
                yield f"transaction hash: the fields of {place} give {found.hex()}, the files say {one.txid.hex()}"
