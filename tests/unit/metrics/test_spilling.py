"""What a spill gives back, bucket by bucket, is what was put in."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from anomalyhive.metrics.addresses import as_packed
from anomalyhive.metrics.chunks import Chunk
from anomalyhive.metrics.compact import NONE, Compact
from anomalyhive.metrics.engines import Engine
from anomalyhive.metrics.merging import merged
from anomalyhive.metrics.partial import Partial, merge, partials
from anomalyhive.metrics.spilling import Spill


@pytest.fixture(scope="module")
def parts(sample: list[Chunk], polars_engine: Engine) -> list[Partial]:
    """Two neighbours and one apart: the rows of the last two stand apart by their ranges."""
    found = [partials(polars_engine, one.events(), one.start, one.stop) for one in (sample[1], sample[2], sample[5])]
    return [found[0], merge(found[1:])]


@pytest.mark.parametrize("buckets", [1, 3, 500])
def test_buckets_of_a_spill_are_those_of_the_partials(tmp_path: Path, parts: list[Partial], buckets: int) -> None:
    with (tmp_path / "spill").open("w+b") as file:
        spill = Spill(file, buckets)
        for part in parts:
            spill.add(part.compact)
        for number in range(0, buckets, 1 + buckets // 20):
            held = [Partial.from_compact(one) for one in spill.bucket(number)]
            assert held == [part.bucket(number, buckets) for part in parts]


def test_columns_come_back_as_wide_as_they_were(tmp_path: Path, parts: list[Partial]) -> None:
    """Else a product of two of them would overflow in silence."""
    with (tmp_path / "spill").open("w+b") as file:
        spill = Spill(file, 1)
        spill.add(parts[0].compact)
        (held,) = spill.bucket(0)
    assert {column.dtype for column in (held.owners, held.starts, held.marks, *held.values.values())} == {
        np.dtype("i8")
    }


def test_spill_of_nobody_gives_nobody_back(tmp_path: Path, parts: list[Partial]) -> None:
    nobody = parts[0].compact.of(np.empty((0, 20), np.uint8))
    with (tmp_path / "spill").open("w+b") as file:
        spill = Spill(file, 2)
        spill.add(nobody)
        found = [len(merged(list(spill.bucket(number))).names) for number in range(2)]
    assert found == [0, 0]


def test_part_of_some_addresses_is_that_of_the_tables(parts: list[Partial]) -> None:
    some = parts[1].addresses.to_pylist()[::7]
    strange = ["0x" + "0" * 40, "0x" + "f" * 40]
    compact = parts[1].compact.of(as_packed(pa.array([*some, *strange])))
    assert Partial.from_compact(compact) == parts[1].of(some)
    assert isinstance(compact, Compact)
    assert len(NONE.of(as_packed(pa.array(some))).names) == 0
