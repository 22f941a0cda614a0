"""The command `ingest` as a person types it."""

from __future__ import annotations

from pathlib import Path

import pytest

from anomalyhive.cli import run
from anomalyhive.ingestion.shard.manifest import Manifest

from .recordings import RESOURCES, Recording
from .serving import rpc, serving

FOLDER = RESOURCES / "evm" / "ethereum-etl" / "test_stream" / "blocks_1755634_1755635"
FIRST = 1755634


def arguments(url: str, folder: Path, **changed: str) -> list[str]:
    given = {"chain": "ethereum", "source": url, "blocks": f"{FIRST}:{FIRST + 2}", "out": str(folder), **changed}
    return ["ingest", *(word for name, value in given.items() for word in (f"--{name}", value))]


def recording() -> Recording:
    made = Recording.of_folder(FOLDER, 1)
    made.head = FIRST + 1 + 64
    return made


def test_ingest_says_what_it_wrote_and_the_digest(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with serving(rpc(recording())) as served:
        url = f"{served.url}/v3/k3y"
        assert run(arguments(url, tmp_path)) == 0
        said = capfd.readouterr().out
        manifest = Manifest.read(tmp_path)
        assert manifest is not None
        assert f"digest {manifest.digest}" in said
        assert "2 blocks, 2 transactions, 0 withdrawals, 2 receipts, 2 logs, 1 token transfers" in said
        assert "k3y" not in said
        before = len(served.requests)
        assert run(arguments(url, tmp_path)) == 0  # again: there is nothing to do
        assert f"digest {manifest.digest}" in capfd.readouterr().out
        assert len(served.requests) == before + 2  # which chain it is, and whether it still has the last block


def test_ingest_without_receipts_has_no_tables_of_them(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with serving(rpc(recording())) as served:
        assert run([*arguments(served.url, tmp_path), "--no-receipts"]) == 0
    assert "2 blocks, 2 transactions, 0 withdrawals in" in capfd.readouterr().out
    assert not (tmp_path / "logs.parquet").exists()


def test_ingest_tells_of_blocks_in_quarantine(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    lying = recording()
    lying.blocks[FIRST + 1] = {**lying.blocks[FIRST + 1], "miner": "0x" + "12" * 20}
    with serving(rpc(lying)) as served:
        assert run(arguments(served.url, tmp_path)) == 0
    said = capfd.readouterr().out
    assert f"block {FIRST + 1} is quarantined: header hash: the fields give" in said
    assert "1 block is in no table" in said


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"chain": "dogecoin"}, "--chain 'dogecoin' is unknown"),
        ({"blocks": "5"}, "--blocks '5' is not A:B"),
        ({"blocks": "5:5"}, "--blocks 5:5 holds no block"),
        ({"blocks": "-1:5"}, "--blocks '-1:5' is not A:B"),
        ({"blocks": "1:²"}, "is not A:B"),
        ({"blocks": f"{FIRST}:{FIRST + 3}"}, f"ends beyond {FIRST + 2}: its last block is {FIRST + 65}"),
        ({"source": "nowhere"}, "--source 'nowhere' is neither a folder nor a URL"),
        ({"source": "user:s3cret@nowhere/k3y"}, "--source '…@nowhere' is neither a folder nor a URL"),
        ({"source": ""}, "--source '' is neither a folder nor a URL"),
        ({"source": "http://"}, "is no http(s) URL"),
        ({"chain": "polygon"}, "are of chain id 1, polygon has 137"),
        ({"workers": "0"}, "--workers 0 is outside 1 to 64"),
        ({"batch": "0"}, "--batch 0 is outside 1 to 1000"),
        ({"out": __file__}, "is no folder"),
    ],
)
def test_ingest_of_what_cannot_be_is_refused(
    changed: dict[str, str], said: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with serving(rpc(recording())) as served:
        assert run(arguments(served.url, tmp_path / "out", **changed)) == 2
    told = capfd.readouterr().err
    assert said in told
    assert "s3cret" not in told
    assert not (tmp_path / "out").exists()
