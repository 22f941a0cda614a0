"""The history of an address: complete, and the same by every way."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from anomalyhive.errors import BadSetting
from anomalyhive.ingestion.evm.history import history
from anomalyhive.ingestion.evm.source import EvmSource
from anomalyhive.ingestion.pipeline import ingest
from anomalyhive.ingestion.transport import JsonRpc
from anomalyhive.metrics.chunks import find_chunks
from anomalyhive.metrics.features import NAMES, rows
from anomalyhive.metrics.partial import merge
from anomalyhive.raw.history import account_in, account_of
from anomalyhive.raw.joining import as_images, count_chunk

from ..watching import Watch
from .busy import CROWD, PAID_INSIDE, SENT_TO, SOLITARY, Busy, behind
from .conftest import ANVIL
from .searching import Heard, fetch, without_otterscan

NAMED = replace(ANVIL, name="ethereum")
"""The chain under a name that an ingested folder may have."""


@pytest.fixture(scope="module")
def chunks(busy: Busy, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The chain as three chunks that `anomalyhive ingest` writes."""
    folder = tmp_path_factory.mktemp("chunks")
    borders = [0, 7, 12, busy.stop]
    with JsonRpc([busy.chain.url]) as client:
        for start, stop in pairwise(borders):
            ingest(EvmSource(client, NAMED), NAMED, range(start, stop), folder / str(start), Watch(), unfinal=True)
    return folder


def who(busy: Busy, name: str) -> str:
    return {"paid inside": PAID_INSIDE, "sent to": SENT_TO, "solitary": SOLITARY}.get(name) or str(getattr(busy, name))


@pytest.mark.parametrize("name", ["owner", "other", "token", "sent to"])
def test_row_is_the_same_by_search_by_scan_from_a_folder_and_in_a_federation(
    busy: Busy, chunks: Path, name: str
) -> None:
    address, heard = who(busy, name), Heard()
    federated = merge([count_chunk(chunk, [address]) for chunk in find_chunks(chunks)])
    due = rows(federated).features
    assert due.shape == (1, len(NAMES))
    folder = account_in(chunks, address)
    searched = account_of(fetch(busy.chain.url, address, heard=heard))
    assert heard.passes == ["blocks", "tokens sent", "tokens received"]
    with behind(busy.chain, without_otterscan) as served:
        scanned = account_of(fetch(served.url, address, range(busy.stop), heard))
    assert heard.aside == {}
    for account in (folder, searched, scanned):
        assert np.array_equal(account.statistics(), due)
        assert np.array_equal(account.row(("sent", "life")), as_images(due, ("sent", "life")))
        assert (account.first, account.stop, account.chain_id) == (0, busy.stop, ANVIL.chain_id)
        assert account.transactions == folder.transactions
        assert account.token_transfers == folder.token_transfers


@pytest.mark.parametrize("blocks", [(0, 3), (1, 7), (5, 13), (12, 14), (14, 40)])
@pytest.mark.parametrize("name", ["owner", "token"])
def test_part_of_a_history_is_the_same_by_every_way(
    busy: Busy, chunks: Path, blocks: tuple[int, int], name: str
) -> None:
    address, part, heard = who(busy, name), range(*blocks), Heard()
    folder = account_in(chunks, address, part)
    searched = account_of(fetch(busy.chain.url, address, part, heard))
    with behind(busy.chain, without_otterscan) as served:
        scanned = account_of(fetch(served.url, address, part, heard))
    assert heard.aside == {}
    order = [("place", "ascending"), ("track", "ascending"), ("token_received", "ascending")]
    assert searched.events.sort_by(order).equals(scanned.events.sort_by(order))
    assert folder.events.sort_by(order).equals(scanned.events.sort_by(order))
    if len(folder.events):
        assert np.array_equal(searched.statistics(), folder.statistics())


def test_history_has_all_that_happened_to_an_address(busy: Busy) -> None:
    account = account_of(fetch(busy.chain.url, busy.other))
    assert account.transactions == 3 + 1 + 2 + CROWD + 1
    assert account.token_transfers == 1
    made = fetch(busy.chain.url, busy.token)
    assert made.transactions.column("receipt_contract_address")[0].as_py() == busy.token


@pytest.mark.parametrize("name", ["solitary", "paid inside"])
def test_history_of_an_address_without_transactions_of_its_own_is_empty(busy: Busy, name: str) -> None:
    found = fetch(busy.chain.url, who(busy, name))
    assert len(found.transactions) == len(found.token_transfers) == found.set_aside == 0


def test_node_without_search_wants_the_blocks_named(busy: Busy) -> None:
    with behind(busy.chain, without_otterscan) as served, pytest.raises(BadSetting, match=r"--blocks A:B"):
        fetch(served.url, busy.owner)


def test_blocks_beyond_the_last_are_refused(busy: Busy) -> None:
    with pytest.raises(BadSetting, match=rf"--blocks 0:{busy.stop + 1} ends beyond {busy.stop}"):
        fetch(busy.chain.url, busy.owner, range(busy.stop + 1))


def test_tables_of_a_history_have_ingestions_columns(busy: Busy) -> None:
    found = fetch(busy.chain.url, busy.owner)
    assert found.transactions.schema == history.TRANSACTIONS
    assert found.token_transfers.schema == history.TRANSFERS
    assert isinstance(found.transactions, pa.Table)
