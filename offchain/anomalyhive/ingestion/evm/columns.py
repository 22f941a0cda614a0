"""Columns of values as a batch of a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa


def table(schema: pa.Schema, columns: Sequence[Sequence[Any]]) -> pa.RecordBatch:
    """One sequence a column, in the order of the schema."""
    arrays = [pa.array(values, field.type) for field, values in zip(schema, columns, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)
