"""A run with cheaters in it, exported: what the file holds, and what an audit of it says with and without a chain."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import federations
import pytest
from test_tampering.exports import Parts
from test_tampering.sealing import with_field, with_header
from tests.outside import ipfs_program, needs_kubo
from web3 import Web3

from anomalyhive.audit import ChainRecord, audit_lineage, audit_run, opened_chain, read_record
from anomalyhive.audit.blocks import Inventory
from anomalyhive.audit.export.auditing import audit_export, audited_export
from anomalyhive.audit.export.writing import Written, export_lineage
from anomalyhive.audit.live import audit_live
from anomalyhive.audit.replay.shapes import plain
from anomalyhive.audit.report import Findings
from anomalyhive.chain.deployment import Deployment
from anomalyhive.chain.verification import deployment_at
from anomalyhive.content.cid import Codec
from anomalyhive.content.codec import encode
from anomalyhive.content.directory import DirectoryStore
from anomalyhive.content.opening import Several
from anomalyhive.content.restoring import restore
from anomalyhive.errors import ChainFailure
from test_audit.exotic import Change, Refusal, changed
from test_audit.lineages import REVEALED, ROUNDS, few_columns, named
from wild.swarm import Swarm


@pytest.fixture(scope="module")
def web3(run: Path) -> Iterator[Web3]:
    with opened_chain(run) as chain:
        yield chain


@pytest.fixture(scope="module")
def deployment(run: Path) -> Deployment:
    return Deployment.read(run / "chain" / "deployment.json")


@pytest.fixture(scope="module")
def store(run: Path) -> DirectoryStore:
    return DirectoryStore(run / "store", read_only=True)


@pytest.fixture(scope="module")
def record(web3: Web3, deployment: Deployment) -> ChainRecord:
    return read_record(web3, deployment)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("exported") / "lineage.car"


@pytest.fixture(scope="module")
def written(web3: Web3, deployment: Deployment, store: DirectoryStore, path: Path) -> Written:
    return export_lineage(web3, deployment, store, path)


def failures(report: object) -> list[str]:
    return [f"{check}: {failure}" for check, failure in report.failures]  # type: ignore[attr-defined]


@pytest.mark.usefixtures("written")
def test_audit_of_an_export_finds_what_the_audit_of_the_run_does(run: Path, path: Path) -> None:
    exported, kept = audit_export(path), audit_run(run)
    assert failures(exported) == failures(kept) == []
    counts = {one.name: one.count for one in exported.checks}
    # One seat never revealed its verdict.
    assert counts["log"] > 40
    assert counts["commits"] == ROUNDS * REVEALED
    assert counts["state"] == 0
    assert {name: count for name, count in counts.items() if name not in ("log", "state")} == {
        one.name: one.count for one in kept.checks if one.name != "state"
    }


@pytest.mark.usefixtures("written")
def test_audited_export_gives_the_events_times_salts_and_code_that_the_chain_gives(
    path: Path, record: ChainRecord, web3: Web3
) -> None:
    with audited_export(path) as found:
        assert [plain(one) for one in found.record.events] == [plain(one) for one in record.events]
        assert (found.record.times, found.record.salts) == (record.times, record.salts)
        assert found.record.code == record.code
        for hash_, call in found.calls.items():
            assert call.gas == web3.eth.get_transaction_receipt(Web3.to_hex(hash_))["gasUsed"]
        assert found.calls.keys() == {one.transaction for one in record.events}


def test_export_written_again_is_the_same_file(
    written: Written, web3: Web3, deployment: Deployment, store: DirectoryStore, path: Path, tmp_path: Path
) -> None:
    again = export_lineage(web3, replace(deployment, block=0), store, tmp_path / "again.car")
    assert again == written
    assert (tmp_path / "again.car").read_bytes() == path.read_bytes()
    assert [one.name for one in tmp_path.iterdir()] == ["again.car"]
    assert (written.missing, written.told, written.unproven) == ((), (), ())


def test_export_by_the_address_of_the_hive_alone_is_the_same_file(
    written: Written, web3: Web3, deployment: Deployment, store: DirectoryStore, tmp_path: Path
) -> None:
    found = deployment_at(web3, deployment.hive)
    assert export_lineage(web3, found, store, tmp_path / "again.car").root == written.root


def test_export_of_another_chain_is_refused(
    web3: Web3, deployment: Deployment, store: DirectoryStore, tmp_path: Path
) -> None:
    with pytest.raises(ChainFailure, match="on chain 5, and this is 31337"):
        export_lineage(web3, replace(deployment, chain_id=5), store, tmp_path / "none.car")
    assert list(tmp_path.iterdir()) == []


def test_export_of_a_hive_that_is_not_there_is_refused(
    web3: Web3, deployment: Deployment, store: DirectoryStore, tmp_path: Path
) -> None:
    nobody = "0x" + "12" * 20
    with pytest.raises(ChainFailure, match="has no event of the hive"):
        export_lineage(
            web3, replace(deployment, token=nobody, registry=nobody, hive=nobody), store, tmp_path / "none.car"
        )
    assert list(tmp_path.iterdir()) == []


def test_export_without_a_block_that_is_due_says_so_and_its_audit_names_the_block(
    web3: Web3, deployment: Deployment, store: DirectoryStore, record: ChainRecord, tmp_path: Path
) -> None:
    shutil.copytree(store.path, tmp_path / "store")
    poor = DirectoryStore(tmp_path / "store")
    verdict = next(one.values["verdict"] for one in record.events if one.name == "VerdictRevealed")
    file = poor.file_of(verdict, Codec.DAG_CBOR)
    file.unlink()
    found = export_lineage(web3, deployment, poor, tmp_path / "poor.car")
    assert [link.digest for link in found.missing] == [verdict]
    report = audit_export(tmp_path / "poor.car")
    assert any(verdict.hex() in str(one) and "is missing" in str(one) for one in report.check("blocks").failures)


@pytest.mark.usefixtures("written")
def test_audit_of_an_export_against_its_chain_asks_for_the_state_too(path: Path, web3: Web3) -> None:
    report = audit_export(path, web3=web3)
    assert failures(report) == []
    assert report.check("state").count > 50


@pytest.mark.usefixtures("written")
def test_chain_made_anew_to_its_last_block_is_found_by_the_chain_alone(path: Path, web3: Web3, tmp_path: Path) -> None:
    parts = Parts.of(path)
    records = parts.records()
    last = records[-1]
    forged = with_header(last, with_field(last.header, "extraData", b"another chain"))  # type: ignore[union-attr]
    rewritten = parts.with_records([*records[:-1], forged]).write(tmp_path / "rewritten.car")
    offline = audit_export(rewritten)
    # Nothing in a file contradicts its last block: its hash is what a reader has to compare.
    assert offline.holds
    assert [one.hash for one in offline.rests_on] == [forged.hash]
    asked = audit_export(rewritten, web3=web3)
    assert any("in the export, and on the chain it has" in one for one in failures(asked))


@pytest.mark.usefixtures("written")
def test_audit_live_reads_only_what_the_lineage_needs_and_holds(
    web3: Web3, deployment: Deployment, store: DirectoryStore, tmp_path: Path
) -> None:
    shutil.copytree(store.path, tmp_path / "store")
    shared = DirectoryStore(tmp_path / "store")
    shared.put_raw(b"somebody else's")
    report = audit_live(web3, deployment, shared).report
    assert failures(report) == []
    assert report.check("state").count > 50
    assert report.check("blocks").count <= len(list(store.digests()))


def test_audit_live_of_content_that_lies_in_two_stores_holds_and_in_one_alone_does_not(
    web3: Web3, deployment: Deployment, store: DirectoryStore, tmp_path: Path
) -> None:
    halves = [DirectoryStore(tmp_path / name) for name in ("one", "other")]
    for at, link in enumerate(store.digests()):
        block = store.get(*link)
        halves[at % 2].put_raw(block) if link.codec is Codec.RAW else halves[at % 2].put_root(block)
    assert failures(audit_live(web3, deployment, Several(tuple(halves))).report) == []
    assert not audit_live(web3, deployment, halves[0]).report.holds


def test_audit_live_with_any_one_block_missing_or_damaged_names_it(
    web3: Web3, deployment: Deployment, store: DirectoryStore, record: ChainRecord, tmp_path: Path
) -> None:
    copy = DirectoryStore(shutil.copytree(store.path, tmp_path / "store"))
    asked = replace(record, answers=None)
    for link in random.Random(3).sample(list(copy.digests()), 12):
        file, whole = copy.file_of(*link), copy.get(*link)
        file.unlink()
        for damage in (b"", whole[:-1] + bytes([whole[-1] ^ 1])):
            if damage:
                file.write_bytes(damage)
            report = audit_lineage(asked, copy, inventory=Inventory(copy, Findings(), listed=False))
            assert named(report, link), (link, damage[:1])
        file.unlink()
        copy.put_raw(whole) if link.codec is Codec.RAW else copy.put_root(whole)
    assert audit_lineage(asked, copy, inventory=Inventory(copy, Findings(), listed=False)).holds


def test_export_of_a_chain_of_another_kind_is_proven_too(tmp_path: Path) -> None:
    folder = federations.run(few_columns(nodes=2, validators=1, rounds=1, chain="ganache"), tmp_path / "run").folder
    where = Deployment.read(folder / "chain" / "deployment.json")
    with opened_chain(folder) as chain:
        found = export_lineage(chain, where, DirectoryStore(folder / "store", read_only=True), tmp_path / "one.car")
    assert (found.told, found.unproven) == ((), ())
    assert failures(audit_export(tmp_path / "one.car")) == []


def without_fields(block: int) -> Change:
    """A chain that keeps to itself of one block's headers what its hash is over."""

    def change(method: str, params: Any, result: Any) -> Any:
        if method == "eth_getBlockByNumber" and params[0] == hex(block):
            return {**result, "extraData": "0x07"}
        return result

    return change


def test_block_that_cannot_be_recomputed_stands_as_told_and_only_the_chain_confirms_it(
    web3: Web3, deployment: Deployment, store: DirectoryStore, record: ChainRecord, tmp_path: Path
) -> None:
    block = next(one.block for one in record.events if one.name == "VerdictRevealed")
    found = export_lineage(changed(web3, without_fields(block)), deployment, store, tmp_path / "told.car")
    assert found.told == ((block, "the fields of its header do not give its hash"),)
    offline = failures(audit_export(tmp_path / "told.car"))
    assert len(offline) == 1
    assert f"block {block} stands as a node told it" in offline[0]
    assert failures(audit_export(tmp_path / "told.car", web3=web3)) == []


def test_logs_of_a_told_block_that_the_chain_does_not_have_are_found(
    web3: Web3, deployment: Deployment, store: DirectoryStore, record: ChainRecord, tmp_path: Path
) -> None:
    block = next(one.block for one in record.events if one.name == "Approval")

    def change(method: str, params: Any, result: Any) -> Any:
        if method == "eth_getLogs" and params[0]["fromBlock"] == hex(block):
            return [{**log, "data": log["data"][:-1] + "7"} for log in result]
        return without_fields(block)(method, params, result)

    export_lineage(changed(web3, change), deployment, store, tmp_path / "lied.car")
    assert any("has other logs on the chain" in one for one in failures(audit_export(tmp_path / "lied.car", web3=web3)))


@pytest.mark.usefixtures("written")
def test_export_from_a_node_without_receipts_by_block_is_the_same_file(
    web3: Web3, deployment: Deployment, store: DirectoryStore, path: Path, tmp_path: Path
) -> None:
    def change(method: str, params: Any, result: Any) -> Any:
        return Refusal("no such method") if method == "eth_getBlockReceipts" else result

    export_lineage(changed(web3, change), deployment, store, tmp_path / "same.car")
    assert (tmp_path / "same.car").read_bytes() == path.read_bytes()


def test_export_from_a_node_without_proofs_says_so_and_its_audit_does_not_hold(
    web3: Web3, deployment: Deployment, store: DirectoryStore, tmp_path: Path
) -> None:
    def change(method: str, params: Any, result: Any) -> Any:
        return Refusal("no such method") if method == "eth_getProof" else result

    found = export_lineage(changed(web3, change), deployment, store, tmp_path / "unproven.car")
    assert found.unproven == ("token", "registry", "rules", "hive")
    assert [one.split(":")[0] for one in failures(audit_export(tmp_path / "unproven.car"))] == ["contracts"] * 4
    # A chain that can be asked says what the code is.
    assert failures(audit_export(tmp_path / "unproven.car", web3=web3)) == []


def test_export_from_a_node_that_leaves_out_a_receipt_names_the_block(
    web3: Web3, deployment: Deployment, store: DirectoryStore, record: ChainRecord, tmp_path: Path
) -> None:
    block = record.events[-1].block

    def change(method: str, params: Any, result: Any) -> Any:
        return result[1:] if method == "eth_getBlockReceipts" and params[0] == hex(block) else result

    found = export_lineage(changed(web3, change), deployment, store, tmp_path / "short.car")
    assert found.told == ((block, "its receipts do not give the root in its header"),)


@pytest.mark.parametrize(
    ("method", "result"),
    [
        ("eth_getBlockByNumber", None),
        ("eth_getBlockByNumber", {"hash": "0x12", "number": 7}),
        ("eth_getLogs", [7]),
        ("eth_getLogs", [{"blockNumber": "seven"}]),
        ("eth_getBlockReceipts", "none"),
        ("eth_getCode", 7),
    ],
)
def test_export_from_a_node_that_answers_nonsense_is_refused_in_words(
    web3: Web3, deployment: Deployment, store: DirectoryStore, tmp_path: Path, method: str, result: Any
) -> None:
    def change(asked: str, params: Any, given: Any) -> Any:
        return result if asked == method else given

    with pytest.raises(ChainFailure):
        export_lineage(changed(web3, change), deployment, store, tmp_path / "none.car")
    assert list(tmp_path.iterdir()) == []


@needs_kubo
@pytest.mark.usefixtures("written")
def test_audit_live_on_daemons_walks_what_the_lineage_needs_and_exports_the_same_file(
    web3: Web3, deployment: Deployment, store: DirectoryStore, path: Path, tmp_path: Path
) -> None:
    with Swarm(tmp_path / "swarm", 2, ipfs_program()) as swarm:
        holder = swarm[0].store()
        assert restore(holder, path).incomplete == ()
        stranger = holder.put_root(encode({"kind": "somebody's", "version": 1}))
        # The other daemon has nothing: its peer gives it what it is asked for. One update was never published.
        asked = swarm[1].store(timeout=5)
        report = audit_live(web3, deployment, asked).report
        assert failures(report) == []
        assert report.check("blocks").count <= len(list(store.digests()))
        assert not swarm[1].store().has(stranger, Codec.DAG_CBOR)
        export_lineage(web3, deployment, asked, tmp_path / "same.car")
        assert (tmp_path / "same.car").read_bytes() == path.read_bytes()
