"""Chunks that were ingested one by one: whether they are of one chain."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from anomalyhive.errors import BadTable
from anomalyhive.ingestion.chains import CHAINS
from anomalyhive.ingestion.evm.source import EvmSource
from anomalyhive.ingestion.pipeline import ingest
from anomalyhive.ingestion.transport import JsonRpc
from anomalyhive.metrics.chunks import find_chunks

from ..recordings import Recording
from ..serving import rpc, serving
from ..watching import Watch
from .conftest import COMMON, LENGTH

ETHEREUM = CHAINS["ethereum"]


def take(recording: Recording, blocks: range, out: Path, receipts: bool = True) -> None:
    def answer(method: str, params: Any) -> Any:
        return hex(ETHEREUM.chain_id or 0) if method == "eth_chainId" else recording(method, params)

    with serving(rpc(answer)) as served, JsonRpc([served.url]) as client:
        ingest(EvmSource(client, ETHEREUM, receipts), ETHEREUM, blocks, out, Watch(), unfinal=True)


@pytest.mark.parametrize(("cut", "fits"), [(COMMON, True), (COMMON + 1, False), (COMMON + 10, False)])
def test_chunk_that_does_not_go_on_where_the_one_before_ends_is_refused(
    cut: int, fits: bool, forks: tuple[Recording, Recording], tmp_path: Path
) -> None:
    take(forks[0], range(5, cut), tmp_path / "one")
    take(forks[0], range(cut, LENGTH), tmp_path / "two")
    assert len(find_chunks(tmp_path)) == 2
    take(forks[1], range(cut, LENGTH), tmp_path / "elsewhere" / "two")
    folders = tmp_path / "one", tmp_path / "elsewhere" / "two"
    if fits:
        assert len(find_chunks(*folders)) == 2
        return
    with pytest.raises(BadTable, match="of different forks or chains") as caught:
        find_chunks(*folders)
    assert str(tmp_path / "elsewhere" / "two") in str(caught.value)


def test_chunks_with_a_hole_between_them_are_not_neighbours(forks: tuple[Recording, Recording], tmp_path: Path) -> None:
    take(forks[0], range(5, COMMON + 5), tmp_path / "one")
    take(forks[1], range(COMMON + 8, LENGTH), tmp_path / "two")
    assert len(find_chunks(tmp_path)) == 2
