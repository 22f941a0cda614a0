"""Make the small sample of raw transactions in data/ethereum-transactions from the full set of labelled accounts.

    python scripts/make_sample.py FOLDER [--out data/ethereum-transactions]

FOLDER holds `transactions_*.parquet`, `token_transfers.parquet` and `ethereum-etl-sample/labels.csv.gz`. The sample
is what those files hold of the accounts that the last one names, cut again into ten consecutive block ranges of about
equal size. The same folder gives the same bytes.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import itertools
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

CHUNKS = 10
KEYS = [("block_number", "ascending"), ("transaction_index", "ascending")]


def chosen(folder: Path) -> dict[str, str]:
    """Address -> flag of the accounts of the sample."""
    with gzip.open(folder / "ethereum-etl-sample" / "labels.csv.gz", "rt", encoding="utf-8") as stream:
        return {row["address"]: row["flag"] for row in csv.DictReader(stream)}


def of_accounts(path: Path, accounts: pa.Array) -> pa.Table:
    """The rows from or to the accounts."""
    table = pq.read_table(path)
    ours = [
        pc.is_in(table.column(side), pc.cast(accounts, pa.large_string())) for side in ("from_address", "to_address")
    ]
    return table.filter(pc.or_(*ours)).replace_schema_metadata(None)


def borders(transactions: pa.Table) -> list[int]:
    """First blocks of the ranges, and the block after the last."""
    blocks = transactions.column("block_number").to_pylist()
    starts = [blocks[index * len(blocks) // CHUNKS] for index in range(1, CHUNKS)]
    return [0, *starts, blocks[-1] + 1]


def write(table: pa.Table, path: Path) -> None:
    """Write Parquet without anything that depends on the machine."""
    pq.write_table(table, path, compression="zstd", compression_level=19)


def main() -> None:
    """Write the sample."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path, default=Path("data/ethereum-transactions"))
    options = parser.parse_args()
    labels = chosen(options.folder)
    accounts = pa.array(sorted(labels))
    options.out.mkdir(parents=True, exist_ok=True)
    whole = pa.concat_tables(
        of_accounts(path, accounts) for path in sorted(options.folder.glob("transactions_*.parquet"))
    )
    whole = whole.sort_by(KEYS)
    tokens = of_accounts(options.folder / "token_transfers.parquet", accounts).sort_by(KEYS)
    edges = borders(whole)
    # Token transfers may lie after the last transaction.
    edges[-1] = max(edges[-1], tokens.column("block_number").to_pylist()[-1] + 1)
    for index, (start, stop) in enumerate(itertools.pairwise(edges)):
        inside = pc.and_(
            pc.greater_equal(whole.column("block_number"), start), pc.less(whole.column("block_number"), stop)
        )
        write(whole.filter(inside), options.out / f"transactions_{index:02d}_{start}_{stop - 1}.parquet")
    write(
        tokens.select([name for name in tokens.column_names if name not in ("token_name", "token_symbol")]),
        options.out / "token_transfers.parquet",
    )
    text = "address,flag\n" + "".join(f"{address},{labels[address]}\n" for address in sorted(labels))
    (options.out / "labels.csv").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
