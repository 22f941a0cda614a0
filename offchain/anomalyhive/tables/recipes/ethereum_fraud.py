"""Ethereum accounts that the community reported as illicit, and others: the bundled data, leaks closed.

One row is one account with statistics of its transactions (Farrugia, Ellul & Azzopardi, "Detection of illicit
accounts over the Ethereum blockchain", Expert Systems with Applications 150, 2020). The file has flaws that
tell the label without telling fraud; each constant below names one and says why it must go. Columns keep
their names but for the spaces around them. Source and licence: data/ethereum-fraud/README.md.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from anomalyhive.errors import BadTable
from anomalyhive.tables.csvfile import read_table
from anomalyhive.tables.csvwriting import write_table
from anomalyhive.tables.groups import feature_bytes
from anomalyhive.tables.table import Table

PATH = Path(__file__).parents[4] / "data" / "ethereum-fraud" / "transactions_dataset.csv.gz"
"""The bundled file, in the project's root; an installed package without the project does not have it."""

SHA256 = "3f32152a93dd8a724dbb0368ee60d11c5c14ebeb720dc8ce88179ccd6796bc02"
"""Of the bundled file. Figures in documents and tests are of these bytes."""

LABEL = "FLAG"
"""1 for accounts that the community reported as illicit."""

ID = "Address"
"""The account. Never a feature: an address tells who somebody is, not what was done."""

ROW_NUMBERS = ("", "Index")
"""Positions in a file that is sorted by class: either column alone separates the classes without error."""

TOKEN_NAMES = ("ERC20 most sent token type", "ERC20_most_rec_token_type")
"""Names of tokens, free text. They go not only for want of numbers: that a name is missing tells the label,
since rows without one come from another extraction in which nearly all accounts are illicit."""

CONSTANT = (
    "ERC20 avg time between sent tnx",
    "ERC20 avg time between rec tnx",
    "ERC20 avg time between rec 2 tnx",
    "ERC20 avg time between contract tnx",
    "ERC20 min val sent contract",
    "ERC20 max val sent contract",
    "ERC20 avg val sent contract",
)
"""Zero in every row that has a value: they hold nothing but the gap of MISSING."""

MISSING = 0
"""What a missing ERC20 statistic is read as. All ERC20 columns are empty together in 651 rows, each of
them of class 1, so "is missing" is the label. Other rows without ERC20 transfers have zero there."""


def load(path: Path = PATH) -> Table:
    """The table: ids are addresses, no two rows are equal. Raises BadTable for a missing or other file."""
    _check_bytes(path)
    raw = read_table(path, label=LABEL, id=ID, drop=(*ROW_NUMBERS, *TOKEN_NAMES, *CONSTANT), missing=MISSING)
    named = Table(raw.ids, tuple(column.strip() for column in raw.columns), raw.features, raw.labels)
    return distinct_rows(named)


def write_csv(path: Path | str) -> None:
    """Write the clean table for ``anomalyhive federate --data``: Address, 38 features, FLAG."""
    write_table(load(), path, label=LABEL, id=ID)


def distinct_rows(table: Table) -> Table:
    """One row for each set of features, that of the lowest id; none where such rows disagree on the label.

    Near-empty accounts repeat by the hundred, nearly all illicit: copies on both sides of a split would be
    learned by heart and tested as if they were news, and they would weigh as much as hundreds of accounts.
    """
    ids = table.ids or [""] * len(table)
    alike: dict[bytes, list[int]] = {}
    for row, features in enumerate(feature_bytes(table)):
        alike.setdefault(features, []).append(row)
    return table.take(
        sorted(
            min(rows, key=lambda row: ids[row])
            for rows in alike.values()
            if len({int(table.labels[row]) for row in rows}) == 1
        )
    )


def _check_bytes(path: Path) -> None:
    """Raise BadTable unless the file is there and is the bundled one."""
    if not path.is_file():
        raise BadTable(
            f"the bundled data {path} is missing: run from a clone of the project, "
            "or restore it with: git checkout -- data/ethereum-fraud"
        )
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != SHA256:
        raise BadTable(
            f"the bundled data {path} has sha256 {found} instead of {SHA256}: "
            "restore it with: git checkout -- data/ethereum-fraud"
        )
