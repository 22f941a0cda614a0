"""Federations on raw transactions: real accounts in chunks of blocks, on Anvil, audited and tampered with."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from federations import Outcome, Quiet, run
from rawruns import SAMPLE, cut_again, forge, raw, spec_of
from test_audit.lineages import Forger

from anomalyhive.audit import audit_run, opened_chain, read_record
from anomalyhive.audit.export.auditing import audit_export
from anomalyhive.audit.export.writing import export_lineage
from anomalyhive.chain.deployment import Deployment
from anomalyhive.content.directory import DirectoryStore
from anomalyhive.content.kinds import Dataset, Labels, Partial, Spec
from anomalyhive.content.kinds.fields import kind_of
from anomalyhive.errors import AnomalyHiveError, BadInput, ContentFailure
from anomalyhive.federation.gathering import digest_of_input, gather
from anomalyhive.federation.report import build_report
from anomalyhive.federation.session import opened
from anomalyhive.metrics.chunks import find_chunks
from anomalyhive.raw.joining import Joiner


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    return run(raw(), tmp_path_factory.mktemp("raw") / "run")


@pytest.fixture(scope="module")
def spec(public: Outcome) -> Spec:
    return spec_of(public)


@pytest.fixture
def forger(public: Outcome, tmp_path: Path) -> Forger:
    copy = shutil.copytree(public.folder / "store", tmp_path / "store")
    with opened_chain(public.folder) as web3:
        record = read_record(web3, Deployment.read(public.folder / "chain" / "deployment.json"))
    return Forger(record, DirectoryStore(copy))


def test_audit_of_a_run_on_chunks_makes_every_row_and_every_partial_again(public: Outcome) -> None:
    report = audit_run(public.folder, chunks=find_chunks(SAMPLE))
    assert [str(one) for _, one in report.failures] == []
    assert report.check("rows").count == 3
    assert report.check("chunks").count == len(find_chunks(SAMPLE))


def test_audit_of_an_export_goes_down_to_the_blocks_that_it_learned_from(public: Outcome, tmp_path: Path) -> None:
    path, store = tmp_path / "lineage.car", DirectoryStore(public.folder / "store", read_only=True)
    with opened_chain(public.folder) as web3:
        export_lineage(web3, Deployment.read(public.folder / "chain" / "deployment.json"), store, path)
    report = audit_export(path, chunks=find_chunks(SAMPLE))
    assert [str(one) for _, one in report.failures] == []
    assert (report.check("rows").count, report.check("chunks").count) == (3, len(find_chunks(SAMPLE)))
    fewer = audit_export(path, chunks=find_chunks(SAMPLE)[1:])
    assert not fewer.check("chunks").holds


def test_audit_without_chunks_makes_the_rows_alone(public: Outcome) -> None:
    report = public.audit()
    assert report.holds
    assert "chunks" not in {check.name for check in report.checks}
    assert report.check("rows").count == 3


def test_audit_with_other_chunks_names_the_partial(public: Outcome, tmp_path: Path) -> None:
    assert not audit_run(public.folder, chunks=find_chunks(cut_again(tmp_path / "cut", 4))).holds
    other = Path(shutil.copytree(SAMPLE, tmp_path / "other"))
    path = find_chunks(other)[2].transactions
    path.chmod(0o644)
    pq.write_table(pq.read_table(path).slice(5), path)
    failures = audit_run(public.folder, chunks=find_chunks(other)).check("chunks").failures
    assert ["is not what chunk 2 gives" in str(one) for one in failures] == [True]


def test_weights_and_datasets_of_another_cut_of_the_same_blocks_are_the_same(
    public: Outcome, spec: Spec, tmp_path: Path
) -> None:
    outcome = run(raw(shards=str(cut_again(tmp_path / "cut", 4))), tmp_path / "run")
    other = spec_of(outcome)
    assert other.shards == spec.shards
    assert other.origin is not None
    assert spec.origin is not None
    assert len(other.origin.partials) == 4
    assert other.origin.labels == spec.origin.labels
    assert outcome.weights == public.weights


def test_accounts_kept_for_the_test_are_in_no_block(public: Outcome) -> None:
    shared = gather(public.settings, Quiet().stage)
    test = set(shared.test.ids or ())
    assert test
    content = b"".join(path.read_bytes() for path in (public.folder / "store").rglob("*") if path.is_file())
    assert not [name for name in test if name.encode() in content or bytes.fromhex(name[2:]) in content]
    assert all(name.encode() in content for table in shared.shards for name in table.ids or ())


def test_audit_of_a_tampered_dataset_names_it(forger: Forger) -> None:
    def change(spec: Spec) -> Spec:
        assert spec.shards[1].dataset is not None
        dataset = Dataset.fetch(forger.store, spec.shards[1].dataset)
        features = np.array(dataset.features)
        features[0, 0] += 1
        shard = replace(spec.shards[1], dataset=replace(dataset, features=features).publish(forger.store))
        return replace(spec, shards=(spec.shards[0], shard, *spec.shards[2:]))

    assert any("of shard 1" in what and "differs" in what for what in forge(forger, change)["rows"])


def test_audit_of_a_wrong_label_names_the_account(forger: Forger) -> None:
    def change(spec: Spec) -> Spec:
        assert spec.origin is not None
        labels = Labels.fetch(forger.store, spec.origin.labels)
        turned = np.array(labels.labels)
        turned[7] ^= 1
        return replace(spec, origin=replace(spec.origin, labels=replace(labels, labels=turned).publish(forger.store)))

    assert any("has the label" in what and "is due" in what for what in forge(forger, change)["rows"])


def _with_partial(forger: Forger, spec: Spec, change: Callable[[Partial], Partial]) -> Spec:
    assert spec.origin is not None
    changed = change(Partial.fetch(forger.store, spec.origin.partials[1])).publish(forger.store)
    partials = (spec.origin.partials[0], changed, *spec.origin.partials[2:])
    return replace(spec, origin=replace(spec.origin, partials=partials))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda one: replace(one, buckets=(one.buckets[1], one.buckets[0], *one.buckets[2:])), "another bucket"),
        (lambda one: replace(one, buckets=(one.buckets[0][:-1], *one.buckets[1:])), "bucket 0"),
        (lambda one: replace(one, chunk=5), "chunk 5"),
        (lambda one: replace(one, first=one.first + 1), "covers the blocks"),
        (lambda one: replace(one, buckets=one.buckets[:-1]), "in 2 buckets"),
        (lambda one: replace(one, statistics=bytes(32)), "by the statistics 0000"),
    ],
)
def test_audit_of_a_tampered_partial_says_what_is_wrong_with_it(
    forger: Forger, change: Callable[[Partial], Partial], words: str
) -> None:
    found = forge(forger, lambda spec: _with_partial(forger, spec, change))
    assert any(words in what for what in found["rows"]), found["rows"]


@pytest.mark.parametrize("column", ["block_number", "first_time", "last_place", "nonce", "gas_price"])
def test_task_that_learns_from_a_column_that_tells_the_era_is_refused(spec: Spec, forger: Forger, column: str) -> None:
    told = replace(spec, columns=(column, *spec.columns[1:]))
    with pytest.raises(ContentFailure, match=f"there is no statistic '{column}'"):
        Joiner.open(told, forger.store).shard(0)


def test_audit_of_a_partial_left_out_finds_other_rows(forger: Forger) -> None:
    def change(spec: Spec) -> Spec:
        assert spec.origin is not None
        return replace(spec, origin=replace(spec.origin, partials=spec.origin.partials[:-1]))

    assert forge(forger, change)["rows"]


def test_private_run_on_chunks_publishes_neither_rows_nor_accounts_and_holds(tmp_path: Path) -> None:
    settings = raw(private=True, test_fraction="0.2", validators=1, nodes=3, era="2017-03-01:2018-03-31")
    outcome = run(settings, tmp_path / "run")
    assert outcome.audit().holds
    blocks = [path.read_bytes() for path in (outcome.folder / "store").rglob("*") if path.is_file()]
    kinds = {kind_of(block) for block in blocks if b"version" in block}
    assert kinds.isdisjoint({"dataset", "partial", "labels"})
    shared = gather(settings, Quiet().stage)
    assert shared.raw is not None
    assert shared.raw.whole is not None
    own = {name for table in shared.own for name in table.ids or ()}
    taught = {name for table in shared.shards for name in table.ids or ()}
    assert own
    assert own.isdisjoint(taught)
    assert (own | taught).isdisjoint(shared.test.ids or ())
    with opened(settings, outcome.folder, Quiet()) as session:
        report = build_report(session, {})
    # What a node of its own chunks alone gives up: beside the federation the same accounts with their whole histories.
    assert report["whole"]["rows"] == len(shared.raw.whole)
    for one in (report["whole"], report["era"]["whole"], report["era"], report["pooled"]):
        assert 0 < one["average_precision"] <= 1
    assert report["whole"]["average_precision"] != report["pooled"]["average_precision"]


def test_era_names_the_test_rows_that_first_acted_in_it() -> None:
    shared = gather(raw(era="2017-03-01:2018-03-31"), Quiet().stage)
    assert shared.raw is not None
    assert shared.raw.era
    assert len(shared.raw.era) < len(shared.test)
    transactions = pa.concat_tables(pq.read_table(one.transactions) for one in find_chunks(SAMPLE))
    for name in np.array(shared.test.ids)[list(shared.raw.era)]:
        mine = pc.or_(pc.equal(transactions["from_address"], name), pc.equal(transactions["to_address"], name))
        first_time = pc.min(transactions.filter(pc.fill_null(mine, False))["block_timestamp"]).as_py()
        assert 1488326400 <= first_time < 1522540800


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ({"nodes": 11, "private": True}, ["--nodes 11", "10 chunks"]),
        ({"drop": ("height",)}, ["--drop 'height'", "sent"]),
        ({"era": "2017"}, ["--era '2017'", "FROM:TO"]),
        ({"era": "2018-01-02:2018-01-01"}, ["ends before it begins"]),
        ({"label": "fraud"}, ["'fraud'", "flag"]),
        ({"id": "flag"}, ["is no address", "--id"]),
        ({"labels": str(SAMPLE / "nothing.csv")}, ["nothing.csv does not exist"]),
    ],
)
def test_settings_that_do_not_fit_the_chunks_are_refused_by_name(chosen: dict[str, Any], words: Sequence[str]) -> None:
    with pytest.raises(BadInput) as refused:
        gather(raw(**chosen), Quiet().stage)
    assert all(word in str(refused.value) for word in words), str(refused.value)


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ({"data": "x.csv"}, "exclude each other"),
        ({"labels": None}, "--labels"),
        ({"missing": 0}, "--missing goes with --data"),
        ({"split": "label"}, "--split goes with --data"),
        ({"shards": None}, "nothing to learn from"),
        ({"shards": None, "data": "x.csv"}, "--labels goes with --shards"),
    ],
)
def test_settings_that_mix_tables_and_chunks_are_refused(chosen: dict[str, Any], words: str) -> None:
    with pytest.raises(AnomalyHiveError, match=words):
        raw(**chosen)


def test_digest_of_input_is_another_for_other_chunks_or_labels(tmp_path: Path) -> None:
    copy = Path(shutil.copytree(SAMPLE, tmp_path / "copy"))
    settings = raw(shards=str(copy), labels=str(copy / "labels.csv"))
    assert digest_of_input(settings) == digest_of_input(raw())
    find_chunks(copy)[0].transactions.unlink()
    assert digest_of_input(settings) != digest_of_input(raw())
