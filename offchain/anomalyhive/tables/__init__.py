"""Tables: CSV files as integers, who gets which rows, and the bundled data.

First stage of the data's way: what a node learns from enters here, and nothing behind this package
sees a decimal.
"""

from anomalyhive.tables.csvfile import read_table
from anomalyhive.tables.csvwriting import write_table
from anomalyhive.tables.holdout import CarveOut, HoldOut, carve_out, hold_out
from anomalyhive.tables.splits import split_rows
from anomalyhive.tables.table import Table

__all__ = [
    "CarveOut",
    "HoldOut",
    "Table",
    "carve_out",
    "hold_out",
    "read_table",
    "split_rows",
    "write_table",
]
