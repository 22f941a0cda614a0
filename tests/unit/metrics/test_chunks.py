"""Chunks in a folder: found in every layout, named by what they hold, refused where they are not what they say."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from anomalyhive.errors import BadInput, BadTable
from anomalyhive.ingestion.chains import CHAINS
from anomalyhive.ingestion.evm.schema import TOKEN_TRANSFERS, TRANSACTIONS
from anomalyhive.ingestion.shard.digest import canonical_digest
from anomalyhive.ingestion.shard.manifest import MANIFEST, Manifest
from anomalyhive.ingestion.shard.parquet import write_table
from anomalyhive.ingestion.shard.parts import Quarantined
from anomalyhive.metrics.chunks import Chunk, find_chunks
from anomalyhive.metrics.partial import merge, partials

SAMPLE = Path(__file__).resolve().parents[3] / "data" / "ethereum-transactions"


def batch(schema: pa.Schema, numbers: range, amount: int = 1) -> pa.RecordBatch:
    """A row a block: addresses where there are any, else small numbers."""
    rows: list[dict[str, Any]] = []
    for number in numbers:
        row: dict[str, Any] = {
            field.name: f"0x{number:040x}" if field.type == pa.string() else amount for field in schema
        }
        times = {"block_number": number, "block_timestamp": 1_500_000_000 + number, "transaction_index": 0}
        texts = {"input_selector": "0x", "value": "5"} if "value" in schema.names else {"input_selector": "0x"}
        rows.append({name: value for name, value in {**row, **times, **texts}.items() if name in schema.names})
    return pa.RecordBatch.from_pylist(rows, schema)


def ingested(
    place: Path, start: int, stop: int, chain: str = "ethereum", amount: int = 1, quarantined: int = 0
) -> Path:
    """A folder as an ingestion of these blocks leaves it."""
    place.mkdir(parents=True)
    tables = {
        name: write_table(place / f"{name}.parquet", name, schema, [batch(schema, range(start, stop), amount)])
        for name, schema in (("transactions", TRANSACTIONS), ("token_transfers", TOKEN_TRANSFERS))
    }
    gone = [Quarantined(start + one, ("transactions root: 1 was found", "gas: 2"), "{}") for one in range(quarantined)]
    Manifest.build(
        CHAINS[chain], CHAINS[chain].chain_id, range(start, stop), (None, None, bytes(32)), tables, gone
    ).write(place)
    return place


def forged(place: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    """The manifest with another content, and the digest that fits it."""
    fields = json.loads((place / MANIFEST).read_text())
    del fields["digest"]
    change(fields)
    (place / MANIFEST).write_text(json.dumps({**fields, "digest": canonical_digest(fields).hex()}))


def test_find_chunks_of_ingestions_are_ordered_by_their_blocks_and_named_by_their_rows(tmp_path: Path) -> None:
    ingested(tmp_path / "here" / "a", 20, 30)
    ingested(tmp_path / "here" / "b", 10, 20)
    found = find_chunks(tmp_path / "here")
    assert [(one.start, one.stop, one.rows) for one in found] == [(10, 20, 10), (20, 30, 10)]
    ingested(tmp_path / "there", 10, 20)
    (again,) = find_chunks(tmp_path / "there")
    assert again.source == found[0].source != found[1].source
    (other,) = find_chunks(ingested(tmp_path / "other", 10, 20, amount=2))
    assert other.source != again.source


def test_find_chunks_of_several_folders_are_those_of_all(tmp_path: Path) -> None:
    places = [ingested(tmp_path / str(start), start, start + 10) for start in (30, 10, 20)]
    assert [one.start for one in find_chunks(*places)] == [10, 20, 30]


def test_source_of_an_ingestion_does_not_depend_on_the_bytes_of_its_files(tmp_path: Path) -> None:
    place = ingested(tmp_path / "chunk", 10, 20)
    (before,) = find_chunks(place)
    events = before.events()
    # As another version of Parquet's library might write the same rows.
    path = place / "transactions.parquet"
    pq.write_table(pq.read_table(path), path, compression="gzip", row_group_size=3)
    (after,) = find_chunks(place)
    assert after.source == before.source
    assert after.events() == events


@pytest.mark.parametrize("name", ["transactions", "token_transfers"])
def test_events_of_an_ingestion_with_another_row_are_refused_by_the_digest(tmp_path: Path, name: str) -> None:
    place = ingested(tmp_path / "chunk", 10, 20)
    (chunk,) = find_chunks(place)
    path = place / f"{name}.parquet"
    pq.write_table(pq.read_table(path).slice(1), path)
    with pytest.raises(BadTable, match=rf"{name}\.parquet has rows of the digest .* ingest the chunk again"):
        chunk.events()
    pq.write_table(pa.table({"block_number": pa.array([1.5])}), path)
    with pytest.raises(BadTable, match=rf"{name}\.parquet is none of an ingestion"):
        chunk.events()
    path.unlink()
    with pytest.raises(BadTable, match="No such file"):
        chunk.events()


@pytest.mark.parametrize(("start", "stop"), [(11, 20), (10, 19)])
def test_ingestion_whose_tables_hold_blocks_that_its_manifest_does_not_name_is_refused(
    tmp_path: Path, start: int, stop: int
) -> None:
    place = ingested(tmp_path / "chunk", 10, 20)
    forged(place, lambda fields: fields.update(blocks={"start": start, "stop": stop}))
    with pytest.raises(BadTable, match=rf"holds the blocks 10 to 19, which are not all in {start}:{stop}: ingest"):
        find_chunks(place)[0].events()


def test_table_that_the_manifest_does_not_name_is_not_read(tmp_path: Path) -> None:
    place = ingested(tmp_path / "chunk", 10, 20)
    forged(place, lambda fields: fields["tables"].pop("token_transfers"))
    (chunk,) = find_chunks(place)
    assert chunk.token_transfers is None
    forged(place, lambda fields: fields["tables"].pop("transactions"))
    with pytest.raises(BadInput, match="names no table of transactions"):
        find_chunks(place)


def test_ingestion_with_quarantined_blocks_is_refused_with_their_number_and_where_the_reasons_are(
    tmp_path: Path,
) -> None:
    ingested(tmp_path / "whole", 10, 20)
    ingested(tmp_path / "torn", 20, 30, quarantined=3)
    words = r"torn lacks 3 of its blocks.*gas 3, transactions root 3.*torn/quarantine\.jsonl"
    with pytest.raises(BadInput, match=words):
        find_chunks(tmp_path)


def test_unfinished_ingestion_is_refused_and_not_passed_over(tmp_path: Path) -> None:
    ingested(tmp_path / "whole", 10, 20)
    (tmp_path / "begun").mkdir()
    (tmp_path / "begun" / "job.json").write_text("{}")
    with pytest.raises(BadTable, match="begun is an unfinished ingestion"):
        find_chunks(tmp_path)


def test_chunks_of_two_chains_are_refused(tmp_path: Path) -> None:
    ingested(tmp_path / "a", 10, 20)
    ingested(tmp_path / "b", 20, 30, "polygon")
    with pytest.raises(BadTable, match="of ethereum, id 1 and of polygon, id 137"):
        find_chunks(tmp_path)


def test_chunk_of_a_chain_without_statistics_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="blocks of bitcoin: statistics are of"):
        find_chunks(ingested(tmp_path / "a", 10, 20, "bitcoin"))


@pytest.mark.parametrize("text", ["", "[]", "null", "[" * 100_000, '{"blocks": 3}', '{"digest": "ab", "format": 1}'])
def test_manifest_that_does_not_hold_is_refused(text: str, tmp_path: Path) -> None:
    place = ingested(tmp_path / "chunk", 10, 20)
    (place / MANIFEST).write_text(text)
    with pytest.raises(BadInput, match=r"manifest\.json is no manifest"):
        find_chunks(place)


@pytest.mark.parametrize(
    "change",
    [
        lambda fields: fields.pop("blocks"),
        lambda fields: fields.update(blocks=3),
        lambda fields: fields.update(blocks={"start": 20, "stop": 10}),
        lambda fields: fields.update(blocks={"start": "10", "stop": "20"}),
        lambda fields: fields.update(blocks={"start": True, "stop": 20}),
        lambda fields: fields.update(blocks={"start": 0, "stop": 10**30}),
        lambda fields: fields.update(blocks={"start": -5, "stop": 10}),
        lambda fields: fields.update(tables=3),
        lambda fields: fields.update(tables={"transactions": 5}),
        lambda fields: fields.update(chain="dogecoin"),
        lambda fields: fields.update(chain=[]),
        lambda fields: fields.pop("quarantine"),
        lambda fields: fields.update(quarantine={"blocks": None, "reasons": {}}),
        lambda fields: fields.update(quarantine={"blocks": 0, "reasons": 5}),
    ],
)
def test_manifest_that_says_what_no_ingestion_writes_is_refused(
    tmp_path: Path, change: Callable[[dict[str, Any]], Any]
) -> None:
    place = ingested(tmp_path / "chunk", 10, 20)
    forged(place, change)
    with pytest.raises(BadInput, match=r"manifest\.json (does not say its chain|names the blocks)|which are none"):
        find_chunks(place)


def test_source_of_a_named_file_changes_with_its_bytes_and_its_blocks(tmp_path: Path) -> None:
    path = tmp_path / "transactions_00_5_9.parquet"
    path.write_bytes(b"one")
    sources = [find_chunks(tmp_path)[0].source]
    path.write_bytes(b"two")
    sources.append(find_chunks(tmp_path)[0].source)
    path.rename(tmp_path / "transactions_00_5_8.parquet")
    sources.append(find_chunks(tmp_path)[0].source)
    (tmp_path / "token_transfers.parquet").write_bytes(b"tokens")
    sources.append(find_chunks(tmp_path)[0].source)
    assert len(set(sources)) == 4


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["transactions_00_0_9.parquet", "transactions_01_9_19.parquet"], "9:10, which would count twice"),
        (["transactions_00_9_0.parquet"], "the blocks 9 up to and without 1, which are none"),
        (["transactions_00_0_9999999999999.parquet"], "which are none"),
        ([f"transactions_00_0_{'9' * 40}.parquet"], "does not say its blocks"),
        (["transactions_of_may.parquet"], "does not say its blocks"),
        (["transactions_00_0_9.parquet", "inner"], "beside ingested folders"),
        ([], "holds neither"),
    ],
)
def test_find_chunks_of_names_that_cannot_be_is_refused(tmp_path: Path, names: list[str], words: str) -> None:
    for name in names:
        if name == "inner":
            ingested(tmp_path / name, 10, 20)
        else:
            (tmp_path / name).touch()
    with pytest.raises(BadInput, match=words):
        find_chunks(tmp_path)


def test_find_chunks_that_share_a_block_are_refused(tmp_path: Path) -> None:
    ingested(tmp_path / "a", 0, 10)
    ingested(tmp_path / "b", 9, 20)
    with pytest.raises(BadInput, match="9:10, which would count twice"):
        find_chunks(tmp_path)


def test_find_chunks_of_an_absent_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="nowhere is no folder"):
        find_chunks(tmp_path / "nowhere")


def test_events_of_a_file_named_by_other_blocks_than_it_holds_are_refused(sample: list[Chunk], tmp_path: Path) -> None:
    shutil.copy(sample[2].transactions, tmp_path / f"transactions_00_{sample[2].start}_{sample[2].stop - 1000}.parquet")
    with pytest.raises(BadTable, match="name the file by the blocks that it holds"):
        find_chunks(tmp_path)[0].events()


def test_batches_cover_the_chunk_hold_each_transaction_once_and_merge_to_the_same_partial(
    sample: list[Chunk], polars_engine: Any
) -> None:
    chunk = sample[3]
    batches = list(chunk.batches(200))
    assert len(batches) > 3
    assert (batches[0].start, batches[-1].stop) == (chunk.start, chunk.stop)
    assert all(one.stop == other.start for one, other in pairwise(batches))
    assert sum(one.transactions for one in batches) == chunk.rows
    parts = [partials(polars_engine, one.events, one.start, one.stop) for one in batches]
    assert merge(parts) == partials(polars_engine, chunk.events(), chunk.start, chunk.stop)


def test_rows_of_no_block_are_refused_and_not_passed_over(sample: list[Chunk], tmp_path: Path) -> None:
    table = pq.read_table(sample[2].transactions)
    numbers = pa.array([None, *table.column("block_number").to_pylist()[1:]], pa.int64())
    place = table.schema.get_field_index("block_number")
    pq.write_table(table.set_column(place, "block_number", numbers), tmp_path / sample[2].transactions.name)
    with pytest.raises(BadTable, match="has 1 rows of no block: name the file"):
        find_chunks(tmp_path)[0].events()
