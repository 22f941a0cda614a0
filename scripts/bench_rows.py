"""Print how well LightGBM tells illicit accounts by their rows, on all accounts and on the era-matched ones.

    python scripts/bench_rows.py FOLDER [--engine duckdb]

FOLDER holds `transactions_NN_FIRST_LAST.parquet`, `token_transfers.parquet` and `labels.csv[.gz]` (address, flag).
Accounts are in one of five parts by a hash of their address; each part is tested on by a model of the other four, and
the mean is printed. Era-matched: those tested on whose first transaction is from 2017-03-01 to 2018-03-31. The last
rows show what a life alone tells, and how much the time of the first transaction would, which no feature may say.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import hashlib
import tempfile
from datetime import datetime, timezone
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
from lightgbm import LGBMClassifier
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from sklearn.metrics import average_precision_score

from anomalyhive.metrics.chunks import find_chunks
from anomalyhive.metrics.computing import bucket_rows
from anomalyhive.metrics.engines import DEFAULT_ENGINE, engine_named
from anomalyhive.metrics.features import AddressRows
from anomalyhive.metrics.store import read_store, write_store

FOLDS = 5
FROM, UNTIL = (int(datetime(*day, tzinfo=timezone.utc).timestamp()) for day in ((2017, 3, 1), (2018, 4, 1)))
WANTED = (0.98, 0.92)
Ints = NDArray[np.int64]


def labels_of(folder: Path) -> dict[str, int]:
    """Address -> flag."""
    path = folder / "labels.csv"
    text = path.read_bytes() if path.is_file() else gzip.decompress((folder / "labels.csv.gz").read_bytes())
    return {row["address"]: int(row["flag"]) for row in csv.DictReader(text.decode("utf-8").splitlines())}


def first_times(folder: Path) -> dict[str, int]:
    """Address -> time of its first transaction, which no feature says and only this measurement needs."""
    found: dict[str, int] = {}
    for chunk in find_chunks(folder):
        table = pq.read_table(chunk.transactions, columns=["from_address", "to_address", "block_timestamp"])
        for side in ("from_address", "to_address"):
            grouped = table.group_by(side).aggregate([("block_timestamp", "min")])
            pairs = zip(grouped.column(side).to_pylist(), pc.cast(grouped.column(1), "int64").to_pylist(), strict=True)
            for address, time in pairs:
                found[address] = min(time, found.get(address, time))
    return found


def fold_of(address: str) -> int:
    """The part that an address is tested in."""
    return int.from_bytes(hashlib.sha256(b"fold" + address.encode()).digest()[:8], "big") % FOLDS


def precision(features: Ints, labels: Ints, folds: Ints, matched: NDArray[np.bool_]) -> tuple[float, float]:
    """Mean average precision on all accounts tested on, and on the era-matched among them."""
    found = []
    for fold in range(FOLDS):
        train, test = folds != fold, folds == fold
        model = LGBMClassifier(verbose=-1, n_jobs=2, random_state=0)
        model.fit(features[train].astype(np.float64), labels[train])
        scores = np.asarray(model.predict(features[test].astype(np.float64), raw_score=True))
        era = matched[test]
        found.append(
            (average_precision_score(labels[test], scores), average_precision_score(labels[test][era], scores[era]))
        )
    whole, part = np.mean(found, axis=0)
    return float(whole), float(part)


def computed(folder: Path, engine: str, store: Path, accounts: dict[str, int]) -> AddressRows:
    """The rows of the labelled accounts, through a store as the command makes one."""
    write_store(store, bucket_rows(engine_named(engine), find_chunks(folder), 4, store.parent, accounts))
    return read_store(store)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--engine", default=DEFAULT_ENGINE)
    options = parser.parse_args()
    accounts = labels_of(options.folder)
    with tempfile.TemporaryDirectory() as scratch:
        rows = computed(options.folder, options.engine, Path(scratch) / "store", accounts)
    times = first_times(options.folder)
    labels = np.array([accounts[address] for address in rows.addresses], dtype=np.int64)
    first = np.array([times.get(address, 0) for address in rows.addresses], dtype=np.int64)
    folds = np.array([fold_of(address) for address in rows.addresses], dtype=np.int64)
    matched = (first >= FROM) & (first < UNTIL)
    shown = Table(title=f"{len(labels):,} accounts, {int(labels.sum()):,} illicit; {int(matched.sum()):,} era-matched")
    for name in ("LightGBM on", "average precision, all", "era-matched"):
        shown.add_column(name, justify="left" if name.startswith("L") else "right")
    life = rows.names.index("life")
    spans = [at for at, name in enumerate(rows.names) if name in ("life", "gap_most", "gap_least")]
    sets = {
        f"{len(rows.names)} features": rows.features,
        "without life and gaps in seconds": np.delete(rows.features, spans, axis=1),
        "life alone (cut at 30 days)": rows.features[:, [life]],
        "time of the first transaction alone (a leak)": first[:, None],
    }
    for name, features in sets.items():
        whole, part = precision(features, labels, folds, matched)
        shown.add_row(name, f"{whole:.4f}", f"{part:.4f}")
    shown.add_row("wanted", *(f"{one:.2f}" for one in WANTED))
    Console(width=110).print(shown)


if __name__ == "__main__":
    main()
