"""The dataframe engines that the same Narwhals code runs on, and how numbers get in and out.

What Narwhals cannot do alike is kept to one place: Dask has no window over groups in an order, so `previous` sorts the
whole frame there, shifts, and forgets what came from another group. The others use a window, which Spark and
DuckDB spread over groups.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import narwhals as nw
import pyarrow as pa
import pyarrow.parquet as pq

from anomalyhive.errors import BadSetting

Frame = nw.LazyFrame[Any]


@dataclass(frozen=True)
class Engine:
    """``load`` takes an Arrow table, ``scan`` a list of Parquet files; both give a lazy Narwhals frame.

    ``windows``: it shifts within groups. ``spreads``: it takes a table that outgrows the machine's memory.
    """

    name: str
    load: Callable[[pa.Table], Frame]
    scan: Callable[[Sequence[str]], Frame]
    windows: bool = True
    spreads: bool = False

    def collect(self, frame: Frame) -> pa.Table:
        """The rows as Arrow: text and int64."""
        table = frame.collect(backend="pyarrow").to_native()
        columns = []
        for name in table.column_names:
            column = table.column(name)
            kind = pa.string() if not pa.types.is_integer(column.type) and name == "address" else pa.int64()
            columns.append(column.cast(kind))
        return pa.table(columns, names=table.column_names)

    def previous(self, frame: Frame, columns: Sequence[str], groups: Sequence[str], order: str) -> Frame:
        """``columns`` of the row before, within ``groups`` in ``order``, as previous_NAME; null for the first."""
        if self.windows:
            return frame.with_columns(
                **{f"previous_{one}": nw.col(one).shift(1).over(*groups, order_by=order) for one in columns}
            )
        by = [*groups, order]
        shifted = frame.with_columns(
            **{f"previous_{one}": nw.col(one).shift(1).over(order_by=by) for one in (*columns, *groups)}
        )
        same = nw.all_horizontal(*(nw.col(f"previous_{one}") == nw.col(one) for one in groups), ignore_nulls=True)
        first = nw.col(f"previous_{groups[0]}").is_null()
        return shifted.with_columns(
            **{
                f"previous_{one}": nw.when(same & ~first).then(nw.col(f"previous_{one}")).otherwise(nw.lit(None))
                for one in columns
            }
        )


def _duckdb() -> Engine:
    import duckdb

    def load(table: pa.Table) -> Frame:
        return nw.from_native(duckdb.connect().from_arrow(table)).lazy()

    def scan(paths: Sequence[str]) -> Frame:
        return nw.from_native(duckdb.connect().read_parquet(list(paths))).lazy()

    return Engine("duckdb", load, scan)


def _polars() -> Engine:
    import polars

    def load(table: pa.Table) -> Frame:
        frame = polars.from_arrow(table)
        assert isinstance(frame, polars.DataFrame)
        return nw.from_native(frame.lazy())

    def scan(paths: Sequence[str]) -> Frame:
        return nw.from_native(polars.scan_parquet(list(paths)))

    return Engine("polars", load, scan)


def _spark() -> Engine:
    try:
        from anomalyhive.metrics.spark import session as started

        session = started()
    except ImportError as error:
        raise BadSetting("--engine spark needs the extra `scale`: pip install 'anomalyhive[scale]'") from error

    def lazy(frame: Any) -> Frame:
        found: Frame = nw.from_native(frame)
        return found

    def load(table: pa.Table) -> Frame:
        return lazy(session.createDataFrame(table))

    def scan(paths: Sequence[str]) -> Frame:
        return lazy(session.read.parquet(*paths))

    return Engine("spark", load, scan, spreads=True)


def _dask() -> Engine:
    try:
        import dask.dataframe as dd
        import pandas as pd  # type: ignore[import-untyped]
    except ImportError as error:
        raise BadSetting("--engine dask needs the extra `scale`: pip install 'anomalyhive[scale]'") from error
    kinds = {pa.int64(): pd.Int64Dtype(), pa.string(): pd.ArrowDtype(pa.string())}

    def lazy(frame: Any) -> Frame:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            found: Frame = nw.from_native(frame)
            return found

    def load(table: pa.Table) -> Frame:
        return lazy(
            dd.from_pandas(  # type: ignore[no-untyped-call]
                table.to_pandas(types_mapper=kinds.get), npartitions=2
            )
        )

    def read(path: str, first: int) -> Any:
        frame = pq.read_table(path).to_pandas(types_mapper=kinds.get)
        return frame.set_index(pd.RangeIndex(first, first + len(frame)))

    def scan(paths: Sequence[str]) -> Frame:
        # A frame that is sorted and joined with itself needs an index that is unique over all files.
        firsts = [0, *accumulate(pq.read_metadata(path).num_rows for path in paths)]
        divisions = (*firsts[:-1], max(firsts[-1] - 1, firsts[-2]))
        return lazy(dd.from_map(read, list(paths), firsts[:-1], divisions=divisions))  # type: ignore[no-untyped-call]

    return Engine("dask", load, scan, windows=False, spreads=True)


DEFAULT_ENGINE = "polars"
"""The faster of DuckDB and Polars by scripts/bench_metrics.py."""

ENGINES: dict[str, Callable[[], Engine]] = {"duckdb": _duckdb, "polars": _polars, "spark": _spark, "dask": _dask}
"""Name -> what makes it; an engine is imported when it is asked for."""


def engine_named(name: str) -> Engine:
    """The engine of that name. Raises BadSetting."""
    if name not in ENGINES:
        raise BadSetting(f"--engine {name!r} is unknown: choose one of {', '.join(ENGINES)}")
    return ENGINES[name]()
