"""A range of blocks while the chain moves, the node lies, the process dies and the disk forgets."""

from __future__ import annotations

import copy
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from anomalyhive.errors import BadInput, BadSetting, ChainFailure
from anomalyhive.ingestion.evm.source import EvmSource
from anomalyhive.ingestion.pending import PartSize
from anomalyhive.ingestion.pipeline import ingest
from anomalyhive.ingestion.shard.manifest import Manifest
from anomalyhive.ingestion.transport import JsonRpc

from ..clock import Clock
from ..recordings import Recording
from ..serving import Answer, Reply, rpc, serving
from ..watching import Watch
from .conftest import ANVIL, COMMON, LENGTH

ALL = range(LENGTH)
SMALL = PartSize(rows=1, blocks=8)
"""A part a block that has rows: parts are what the tests look at."""

Forks = tuple[Recording, Recording]


def take(answer: Answer, out: Path, watch: Watch | None = None, size: PartSize = SMALL, **settings: Any) -> Manifest:
    patience = Clock().patience()
    with serving(answer) as served, JsonRpc([served.url], patience=patience, **settings) as client:
        return ingest(EvmSource(client, ANVIL), ANVIL, ALL, out, watch or Watch(), size=size)


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture(scope="module")
def whole(forks: Forks, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """The folders of the two forks, each read from a node that knows no other."""
    folders = [tmp_path_factory.mktemp(name) for name in ("one", "two")]
    for recording, folder in zip(forks, folders, strict=True):
        take(rpc(recording), folder, size=PartSize())
    return files(folders[0]), files(folders[1])


def test_folder_holds_tables_manifest_and_quarantine_and_nothing_else(whole: Any) -> None:
    tables = {f"{name}.parquet" for name in json.loads(whole[0]["manifest.json"])["tables"]}
    assert whole[0].keys() == {*tables, "manifest.json", "quarantine.jsonl"}
    assert whole[0]["blocks.parquet"] != whole[1]["blocks.parquet"]


@pytest.mark.parametrize("size", [PartSize(1, 1), PartSize(5, 3), PartSize(10**6, 7), PartSize()])
def test_bytes_do_not_depend_on_the_size_of_parts(size: PartSize, forks: Forks, whole: Any, tmp_path: Path) -> None:
    take(rpc(forks[0]), tmp_path, size=size)
    assert files(tmp_path) == whole[0]


@pytest.mark.parametrize("size", [PartSize(1, 1), PartSize(10**6, 7), PartSize()])
@pytest.mark.parametrize("moment", [COMMON - 5, COMMON, COMMON + 1, COMMON + 17, LENGTH - 1])
def test_reorganisation_is_rolled_back_to_the_fork(
    moment: int, size: PartSize, forks: Forks, whole: Any, tmp_path: Path
) -> None:
    """The node changes to the other fork as soon as it is asked for a certain block."""
    current = [forks[0]]

    def answer(method: str, params: Any) -> Any:
        if method == "eth_getBlockByNumber" and int(params[0], 16) == moment:
            current[0] = forks[1]
        return current[0](method, params)

    watch = Watch()
    take(rpc(answer), tmp_path, watch, size, workers=1, batch=1)
    assert files(tmp_path) == whole[1]
    assert not watch.set_aside
    if moment > COMMON:
        (fork,) = watch.forks
        assert COMMON - size.blocks <= fork <= COMMON - 1


def test_reorganisation_of_the_last_block_is_noticed_at_the_end(forks: Forks, whole: Any, tmp_path: Path) -> None:
    current, asked = [forks[0]], [0]

    def answer(method: str, params: Any) -> Any:
        result = current[0](method, params)
        if method == "eth_getBlockReceipts" and int(params[0], 16) == LENGTH - 1:
            current[0] = forks[1]
        asked[0] += 1
        return result

    watch = Watch()
    take(rpc(answer), tmp_path, watch, workers=1)
    assert files(tmp_path) == whole[1]
    assert watch.forks


def test_endpoints_on_different_chains_fail_in_the_end(forks: Forks, tmp_path: Path) -> None:
    turn = [0]

    def answer(method: str, params: Any) -> Any:
        turn[0] += method == "eth_getBlockByNumber"
        return forks[turn[0] % 2](method, params)

    with pytest.raises(ChainFailure, match="all endpoints are of one network"):
        take(rpc(answer), tmp_path, workers=1, batch=1)
    assert not (tmp_path / "manifest.json").exists()


def test_errors_of_every_kind_on_the_way_change_nothing(forks: Forks, whole: Any, tmp_path: Path) -> None:
    count = [0]

    def answer(path: str, asked: Any, headers: Mapping[str, str]) -> Any:
        count[0] += 1
        good = json.dumps(rpc(forks[0])(path, asked, headers)).encode()
        return {
            2: Reply(b"", 429, {"Retry-After": "3"}),
            3: Reply(good, cut=len(good) // 2),
            4: Reply(b"<html>bad gateway</html>", 502),
            5: Reply(good[:-7]),
            7: Reply(b'{"jsonrpc":"2.0","id":null,"error":{"code":-32005,"message":"limit exceeded"}}'),
        }.get(count[0] % 11, Reply(good))

    watch = Watch()
    take(answer, tmp_path, watch, workers=2, batch=5)
    assert files(tmp_path) == whole[0]
    assert not watch.set_aside


def test_node_without_receipts_by_block_gives_the_same(forks: Forks, whole: Any, tmp_path: Path) -> None:
    old = copy.copy(forks[0])
    old.by_block = False
    take(rpc(old), tmp_path)
    assert files(tmp_path) == whole[0]


def test_node_without_receipts_by_block_beside_one_that_is_away_gives_the_same(
    forks: Forks, whole: Any, tmp_path: Path
) -> None:
    old = copy.copy(forks[0])
    old.by_block = False
    patience = Clock().patience()
    with serving(rpc(old)) as served, JsonRpc(["http://127.0.0.1:1", served.url], patience=patience) as client:
        ingest(EvmSource(client, ANVIL), ANVIL, ALL, tmp_path, Watch())
    assert files(tmp_path) == whole[0]


CHILD = """
import sys
from pathlib import Path
from anomalyhive.ingestion.chains import Chain
from anomalyhive.ingestion.evm.source import EvmSource
from anomalyhive.ingestion.pending import PartSize
from anomalyhive.ingestion.pipeline import ingest
from anomalyhive.ingestion.transport import JsonRpc
from ingestion.watching import Watch

chain = Chain("anvil", "evm", int(sys.argv[4]), "gwei", 4)
with JsonRpc([sys.argv[1]], workers=1, batch=2) as client:
    ingest(EvmSource(client, chain), chain, range(int(sys.argv[3])), Path(sys.argv[2]), Watch(), size=PartSize(1, 2))
"""


@pytest.mark.parametrize("moment", [1, 9, COMMON, LENGTH - 1])
def test_killed_run_is_resumed_without_gap_or_duplicate(moment: int, forks: Forks, whole: Any, tmp_path: Path) -> None:
    """SIGKILL in the middle of an answer; the next run asks for what is missing alone and ends with the same bytes."""
    children: list[subprocess.Popen[bytes]] = []

    def answer(method: str, params: Any) -> Any:
        if method == "eth_getBlockByNumber" and int(params[0], 16) == moment and children[0].poll() is None:
            children[0].send_signal(signal.SIGKILL)
            children[0].wait()
        return forks[0](method, params)

    unit_tests = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join([unit_tests, *sys.path])
    with serving(rpc(answer)) as served:
        arguments = [served.url, str(tmp_path), str(LENGTH), str(ANVIL.chain_id)]
        children.append(
            subprocess.Popen([sys.executable, "-c", CHILD, *arguments], env={**os.environ, "PYTHONPATH": path})
        )
        assert children[0].wait(60) == -signal.SIGKILL
    assert not (tmp_path / "manifest.json").exists()
    watch = Watch()
    take(rpc(forks[0]), tmp_path, watch)
    assert files(tmp_path) == whole[0]
    assert watch.numbers == list(range(watch.resumed_at[0], LENGTH))
    # Two requests of eight blocks may be under way, and answered ones not yet written.
    assert moment - 24 <= watch.resumed_at[0] <= moment


def interrupted(forks: Forks, out: Path, stop: int = 40) -> None:
    """A run that ended at a block the node did not have."""
    short = copy.copy(forks[0])
    short.blocks = {number: block for number, block in short.blocks.items() if number < stop}
    with pytest.raises(ChainFailure, match="does not have the block yet"):
        take(rpc(short), out, workers=1, batch=2)


def test_part_that_the_disk_lost_is_read_again(forks: Forks, whole: Any, tmp_path: Path) -> None:
    interrupted(forks, tmp_path)
    parts = sorted((tmp_path / ".parts").iterdir())
    victim = parts[len(parts) // 2] / "transactions.arrow"
    victim.write_bytes(victim.read_bytes()[:-1] + b"\x00")
    watch = Watch()
    take(rpc(forks[0]), tmp_path, watch)
    assert watch.resumed_at == [int(victim.parent.name)]
    assert files(tmp_path) == whole[0]


def test_unfinished_folder_of_another_range_is_refused(forks: Forks, tmp_path: Path) -> None:
    interrupted(forks, tmp_path)
    with serving(rpc(forks[0])) as served, JsonRpc([served.url]) as client:
        source = EvmSource(client, ANVIL)
        with pytest.raises(BadSetting, match="another unfinished ingestion"):
            ingest(source, ANVIL, range(1, LENGTH), tmp_path, Watch())
        with pytest.raises(BadSetting, match="another unfinished ingestion"):
            ingest(EvmSource(client, ANVIL, receipts=False), ANVIL, ALL, tmp_path, Watch())


def test_finished_folder_is_not_read_again(forks: Forks, tmp_path: Path) -> None:
    first = take(rpc(forks[0]), tmp_path)
    before = files(tmp_path)
    watch = Watch()
    assert take(rpc(forks[0]), tmp_path, watch).digest == first.digest
    assert files(tmp_path) == before
    assert not watch.numbers
    with pytest.raises(BadInput, match=r"ends with block 59 of the hash .* the chain was reorganised"):
        take(rpc(forks[1]), tmp_path)
    with (
        serving(rpc(forks[0])) as served,
        JsonRpc([served.url]) as client,
        pytest.raises(BadSetting, match="holds anvil 0:60 already"),
    ):
        ingest(EvmSource(client, ANVIL), ANVIL, range(1, LENGTH), tmp_path, Watch())


def test_manifest_that_was_changed_is_refused(forks: Forks, tmp_path: Path) -> None:
    take(rpc(forks[0]), tmp_path)
    path = tmp_path / "manifest.json"
    path.write_text(path.read_text().replace('"rows": 60', '"rows": 61'))
    with pytest.raises(BadInput, match=r"manifest\.json is no manifest of this version, or was changed"):
        take(rpc(forks[0]), tmp_path)


def lying(recording: Recording, block: int, **fields: Any) -> Recording:
    made = copy.copy(recording)
    made.blocks = dict(recording.blocks)
    made.blocks[block] = {**made.blocks[block], **fields}
    return made


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "gasLimit": ({"gasLimit": "0x1"}, "header hash"),
    "miner": ({"miner": "0x" + "99" * 20}, "header hash"),
    "requestsHash": ({"requestsHash": None}, "header hash"),
    "extraData": ({"extraData": "0x0"}, "value"),
    "timestamp": ({"timestamp": "soon"}, "value"),
    "signed": ({"gasLimit": "-0x5"}, "value"),
    "underscore": ({"gasLimit": "0x1_0"}, "value"),
    "wide": ({"timestamp": "0x8000000000000000"}, "value"),
    "number": ({"number": "0x3039"}, "number"),
    "hash": ({"hash": "0x12"}, "value"),
    "no hash": ({"hash": None}, "value"),
    "size": ({"size": None}, "value"),
    "transactions": ({"transactions": None}, "value"),
    "hashes only": ({"transactions": ["0x" + "12" * 32]}, "value"),
    "fewer transactions": ({"transactions": []}, "receipt count"),
}


@pytest.mark.parametrize("name", WRONG)
def test_block_that_does_not_hold_is_quarantined_with_the_reason(name: str, forks: Forks, tmp_path: Path) -> None:
    fields, kind = WRONG[name]
    recording = lying(forks[0], 20, **fields)

    def answer(method: str, params: Any) -> Any:
        return (recording if method == "eth_getBlockByNumber" else forks[0])(method, params)

    watch = Watch()
    manifest = take(rpc(answer), tmp_path, watch)
    assert [number for number, _ in watch.set_aside] == [20]
    assert manifest.fields["quarantine"] == {"blocks": 1, "reasons": {kind: 1}}
    (line,) = (tmp_path / "quarantine.jsonl").read_text().splitlines()
    entry = json.loads(line)
    assert (entry["block_number"], entry["reasons"]) == (20, list(watch.set_aside[0][1]))
    assert "block" in json.loads(entry["raw"])
    for table in manifest.rows:
        numbers = pq.read_table(tmp_path / f"{table}.parquet").column("block_number").to_pylist()
        assert 20 not in numbers
        assert numbers == sorted(numbers)
    assert manifest.rows["blocks"] == LENGTH - 1


def test_receipt_whose_gas_does_not_add_up_quarantines_its_block(forks: Forks, tmp_path: Path) -> None:
    recording = copy.copy(forks[0])
    (hash_,) = [one["hash"] for one in recording.blocks[20]["transactions"]]
    recording.receipts = {**recording.receipts, hash_: {**recording.receipts[hash_], "gasUsed": "0x1"}}
    watch = Watch()
    manifest = take(rpc(recording), tmp_path, watch)
    assert [number for number, _ in watch.set_aside] == [20]
    assert manifest.fields["quarantine"]["reasons"] == {"gas used": 1}


def test_block_that_was_wrong_once_is_read_again_and_kept(forks: Forks, whole: Any, tmp_path: Path) -> None:
    wrong = lying(forks[0], 20, gasUsed="0x1")
    asked = [0]

    def answer(method: str, params: Any) -> Any:
        asked[0] += method == "eth_getBlockByNumber" and int(params[0], 16) == 20
        return (wrong if asked[0] == 1 else forks[0])(method, params)

    take(rpc(answer), tmp_path)
    assert files(tmp_path) == whole[0]


def test_block_of_another_chain_is_quarantined_for_its_parent(forks: Forks, tmp_path: Path) -> None:
    """A whole block, its own hash in order, that does not follow: the node insists."""
    recording = copy.copy(forks[0])
    recording.receipts = {**forks[1].receipts, **forks[0].receipts}
    recording.blocks = {**forks[0].blocks, 45: forks[1].blocks[45]}
    watch = Watch()
    manifest = take(rpc(recording), tmp_path, watch)
    assert [(number, [reason.partition(":")[0] for reason in reasons]) for number, reasons in watch.set_aside] == [
        (45, ["parent hash"]),
        (46, ["parent hash"]),
    ]
    assert manifest.quarantined == 2
