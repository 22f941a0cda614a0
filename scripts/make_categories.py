"""Make data/address-categories: which kind of account an address is, by public name tags.

    .venv/bin/python scripts/make_categories.py LABELS TRANSACTIONS OUT

LABELS is the folder of tag lists, TRANSACTIONS that of the labelled accounts' transactions (see the README that
is written into OUT for both). Only addresses that occur there, as a labelled account or as the other side of one of its
transactions, are kept. The same folders give the same bytes.
"""

from __future__ import annotations

import csv
import gzip
import io
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import pyarrow.parquet

FEWEST = 20
"""Addresses that a class must have to be kept."""

RULES: Mapping[str, frozenset[str]] = {
    "mixer": frozenset({"tornado-cash", "mixer"}),
    "phishing": frozenset({"phish-hack", "phish-/-hack", "phishing", "scamming", "fake-phishing"}),
    "bridge": frozenset({"bridge"}),
    "mining": frozenset({"mining"}),
    "token sale": frozenset({"token-sale", "crowdfunding", "ico-wallets"}),
    "exchange": frozenset(
        {
            "exchange",
            "binance",
            "bitfinex",
            "bitmart",
            "bitmax",
            "bitstamp",
            "bittrex",
            "bybit",
            "cobinhood",
            "coinbase",
            "coinexchange",
            "cryptopia",
            "crypto-com",
            "ftx",
            "gate-io",
            "gemini",
            "hitbtc",
            "hotbit",
            "huobi",
            "kraken",
            "kucoin",
            "liqui-io",
            "mexc-global",
            "okex",
            "poloniex",
            "remitano",
            "upbit",
            "yobit-net",
        }
    ),
    "dex": frozenset(
        {
            "0x-protocol",
            "1inch",
            "airswap",
            "balancer",
            "bancor",
            "curve-fi",
            "dex",
            "etherdelta",
            "idex",
            "kyberswap",
            "paraswap",
            "sushiswap",
            "tokenlon",
            "uniswap",
        }
    ),
    "gambling": frozenset({"gambling"}),
    "yield farming": frozenset({"yield-farming"}),
}
"""Category -> tags in lower case, hyphens for spaces. Of several categories the first is the address's."""

SOURCES = (
    ("etherscan_labels.csv.gz", "address", "labels"),
    ("forta_phishing_scams.csv.gz", "address", "etherscan_labels"),
    ("labelled_ethereum_addresses.csv.gz", "Address", "Tags"),
)
"""File, its column of addresses and its column of tags."""

README = """# Address categories

`categories.csv.gz`: {rows:,} Ethereum addresses that occur in the labelled transactions, each with one category
(column `category`), whether it is a labelled account or the other side of a transaction (`role`), and the lists that
tag it (`sources`). Made by `scripts/make_categories.py`; the same lists give the same bytes.

| category | addresses | of them labelled accounts | tags |
|---|---:|---:|---|
{table}

An address with tags of several categories has the one that stands first. Categories of less than {fewest} addresses are
left out{left}. Tags are not exhaustive: no tag does not mean ordinary, and tokens bear the tags of their business.
Warning: nearly all phishing addresses are labelled accounts, whose whole history the transactions have; the others
are counterparties, of which only what they did with labelled accounts is there. That alone tells them apart.

## Sources and licence

- `etherscan_labels`: public name tags, brianleect/etherscan-labels @ 923aba72c7e2 (MIT).
- `forta_phishing_scams`: forta-network/labelled-datasets @ 40a9c2f2bd7e (MIT).
- `labelled_ethereum_addresses`: `data/ground_truth.csv` of smartnets/ml-ethereum-fraud @ 779737c91853 (MIT).
- The transactions that decide which addresses are kept: eltontay/Ethereum-Fraud-Detection @ cf786e9d8f7f (MIT).
"""


def tag_of(text: str) -> str:
    """A tag as the rules write it."""
    return text.strip().lower().replace(" ", "-")


def category_of(tags: set[str]) -> str | None:
    """The first category that has one of the tags."""
    return next((name for name, of_rule in RULES.items() if tags & of_rule), None)


def tags_by_address(folder: Path) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """Address -> its tags, and address -> the lists that have it."""
    tags: dict[str, set[str]] = {}
    lists: dict[str, set[str]] = {}
    for name, address, column in SOURCES:
        for row in _rows(folder / name):
            key = row[address].strip().lower()
            tags.setdefault(key, set()).update(tag_of(one) for one in row[column].split("|"))
            lists.setdefault(key, set()).add(name.removesuffix(".csv.gz"))
    return tags, lists


def addresses(folder: Path) -> tuple[set[str], set[str]]:
    """The labelled accounts, and every address of their transactions."""
    labelled = {row["address"].lower() for row in _rows(folder / "labels.csv.gz")}
    seen: set[str] = set()
    for path in sorted(folder.glob("transactions_*.parquet")):
        table = pyarrow.parquet.read_table(path, columns=["from_address", "to_address"])
        for column in table.columns:
            seen.update(one for one in column.unique().to_pylist() if one is not None)
    return labelled, seen


def categorised(labels: Path, transactions: Path) -> tuple[list[tuple[str, str, str, str]], Counter[str]]:
    """Rows of the file, ascending by address, and how many addresses each category that was left out has."""
    tags, lists = tags_by_address(labels)
    labelled, seen = addresses(transactions)
    rows = []
    for address in sorted(tags.keys() & (labelled | seen)):
        category = category_of(tags[address])
        if category is not None:
            role = "labelled" if address in labelled else "counterparty"
            rows.append((address, category, role, "|".join(sorted(lists[address]))))
    counts = Counter(row[1] for row in rows)
    return [row for row in rows if counts[row[1]] >= FEWEST], Counter(
        {name: count for name, count in counts.items() if count < FEWEST}
    )


def write(rows: list[tuple[str, str, str, str]], left: Counter[str], out: Path) -> None:
    """Write the file and its README."""
    out.mkdir(parents=True, exist_ok=True)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("address", "category", "role", "sources"))
    writer.writerows(rows)
    (out / "categories.csv.gz").write_bytes(gzip.compress(text.getvalue().encode(), compresslevel=9, mtime=0))
    lines = []
    for name, tags in RULES.items():
        own = [row for row in rows if row[1] == name]
        if own:
            labelled = sum(row[2] == "labelled" for row in own)
            lines.append(f"| {name} | {len(own):,} | {labelled:,} | {', '.join(sorted(tags))} |")
    omitted = ": " + ", ".join(f"{name} ({count})" for name, count in sorted(left.items())) if left else ""
    content = README.format(rows=len(rows), table="\n".join(lines), fewest=FEWEST, left=omitted)
    (out / "README.md").write_text(content, encoding="utf-8")
    print("\n".join(lines))


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    write(*categorised(Path(sys.argv[1]), Path(sys.argv[2])), Path(sys.argv[3]))
