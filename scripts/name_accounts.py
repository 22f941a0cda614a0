"""Make a list of labels for `anomalyhive federate --shards FOLDER --classes all` out of public name tags.

    python scripts/name_accounts.py FOLDER OUT [--labels FOLDER/labels.csv.gz] [--fewest 20]

FOLDER holds the chunks and a list of their accounts. OUT is a CSV: each address of the chunks that
data/address-categories has a category for, with it, and each account of the list that has none, with an empty one,
which is the class `unknown`. Categories of less than ``--fewest`` addresses are left out. The same folder gives the
same bytes.
"""

from __future__ import annotations

import argparse
import csv
import gzip
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq

from anomalyhive.metrics.chunks import find_chunks
from anomalyhive.raw.labelling import ADDRESS_COLUMN
from anomalyhive.tables.csvwriting import csv_text
from anomalyhive.tables.files import write_text

CATEGORIES = Path(__file__).parents[1] / "data" / "address-categories" / "categories.csv.gz"
CATEGORY_COLUMN = "category"


def rows_of(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file, plain or gzip."""
    with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def addresses_of(folder: Path) -> set[str]:
    """Senders and receivers of all transactions of the chunks."""
    return {
        address
        for chunk in find_chunks(folder)
        for column in pq.read_table(chunk.transactions, columns=["from_address", "to_address"]).columns
        for address in column.unique().to_pylist()
        if address is not None
    }


def main() -> None:
    """Write the list, and print how many addresses each class has."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--labels", type=Path)
    parser.add_argument("--fewest", type=int, default=20)
    options = parser.parse_args()
    seen = addresses_of(options.folder)
    tagged = {row[ADDRESS_COLUMN]: row[CATEGORY_COLUMN] for row in rows_of(CATEGORIES)}
    found = {address: tagged[address] for address in seen & tagged.keys()}
    counts = Counter(found.values())
    named = {address: name for address, name in found.items() if counts[name] >= options.fewest}
    listed = {row[ADDRESS_COLUMN].lower() for row in rows_of(options.labels or options.folder / "labels.csv.gz")}
    rows = sorted([*named.items(), *((address, "") for address in listed - tagged.keys())])
    write_text(options.out, csv_text([(ADDRESS_COLUMN, CATEGORY_COLUMN), *rows]))
    for name, count in Counter(name or "unknown" for _, name in rows).most_common():
        print(f"{count:>7,} {name}")


if __name__ == "__main__":
    main()
