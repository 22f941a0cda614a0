"""The content of a run, damaged block by block and forged with all digests right."""

from __future__ import annotations

import itertools
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from anomalyhive.audit import Options, audit_lineage
from anomalyhive.content.cid import Codec, Link
from anomalyhive.content.directory import DirectoryStore
from anomalyhive.content.kinds import Dataset, Model, Spec, Update, Verdict, Weights
from test_audit.lineages import NODES, REVEALED, ROUNDS, Forger, Lineage, files_of, first, named


def test_audit_of_an_honest_lineage_holds_and_checks_everything(lineage: Lineage) -> None:
    report = lineage.audit()
    assert [str(failure) for _, failure in report.failures] == []
    counts = {check.name: check.count for check in report.checks}
    assert counts == {
        **counts,
        "contracts": 4,
        "blocks": len(files_of(lineage.store)),
        "events": len(lineage.record.events),
        "datasets": NODES,
        "updates": NODES * ROUNDS,
        # Two honest ones in each round, and the third one in the round in which it published.
        "openings": 2 * ROUNDS + 1,
        "verdicts": REVEALED * ROUNDS,
        "commits": REVEALED * ROUNDS,
        # In round 2 an update was unavailable, and validators may have weighed the others before that.
        "scores": 3,
        "medians": NODES * ROUNDS,
        "models": ROUNDS + 1,
        "parents": ROUNDS,
    }
    assert all(counts.values())
    assert report.as_json()["holds"] is True
    assert report.as_json()["models"] == ROUNDS + 1


def test_audit_with_one_byte_of_any_block_flipped_names_it(lineage: Lineage) -> None:
    for number, (link, file) in enumerate(files_of(lineage.store)):
        whole = file.read_bytes()
        at = number * 7919 % len(whole)
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << number % 8]) + whole[at + 1 :])
        try:
            assert named(lineage.audit(), link), link
        finally:
            file.write_bytes(whole)


def test_audit_without_any_one_block_names_it(lineage: Lineage) -> None:
    for link, file in files_of(lineage.store):
        whole = file.read_bytes()
        file.unlink()
        try:
            assert named(lineage.audit(), link), link
        finally:
            file.write_bytes(whole)


def test_audit_with_any_two_neighbouring_blocks_exchanged_names_both(lineage: Lineage) -> None:
    files = sorted(files_of(lineage.store), key=lambda one: one[1])
    for (link, file), (other, second) in itertools.pairwise(files):
        one, two = file.read_bytes(), second.read_bytes()
        file.write_bytes(two)
        second.write_bytes(one)
        try:
            report = lineage.audit()
            assert named(report, link), link
            assert named(report, other), other
        finally:
            file.write_bytes(one)
            second.write_bytes(two)


def test_audit_of_a_store_with_another_block_names_it(lineage: Lineage, tmp_path: Path) -> None:
    copy = shutil.copytree(lineage.store.path, tmp_path / "store")
    store = DirectoryStore(copy)
    link = Link(store.put_raw(b"nobody refers to this"), Codec.RAW)
    report = audit_lineage(lineage.record, store)
    assert named(report, link)
    assert len(report.failures) == 1


def test_audit_of_an_update_replaced_by_a_well_formed_one_fails(forger: Forger) -> None:
    digest = first(forger.record, "UpdateSubmitted", shard=0)["digest"]
    update = Update.fetch(forger.store, digest)
    forged = np.array(update.vector)
    forged[np.flatnonzero(forged)[0]] += 1
    new = replace(update, vector=forged).publish(forger.store)
    forger.replace_root(digest, new)
    found = forger.failures()
    assert any(new.hex() in what for what in found["openings"])
    assert any(new.hex() in what for what in found["vectors"])
    assert {"blocks", "sums", "models"} <= found.keys()


def test_audit_of_an_update_replaced_in_the_store_alone_names_the_lost_one(forger: Forger) -> None:
    digest = first(forger.record, "UpdateSubmitted", shard=0)["digest"]
    replace(Update.fetch(forger.store, digest), rows=1).publish(forger.store)
    forger.store.file_of(digest, Codec.DAG_CBOR).unlink()
    report = audit_lineage(forger.record, forger.store)
    assert named(report, Link(digest, Codec.DAG_CBOR))


@pytest.mark.parametrize("number", [1, ROUNDS])
def test_audit_of_a_model_with_other_weights_fails_and_names_it(forger: Forger, number: int) -> None:
    digest = first(forger.record, "RoundFinalized", round=number)["model"]
    model = Model.fetch(forger.store, digest)
    weights = Weights.fetch(forger.store, model.weights)
    state = {**weights.state, next(key for key, value in weights.state.items() if isinstance(value, int)): 7}
    new = replace(model, weights=replace(weights, state=state).publish(forger.store)).publish(forger.store)
    forger.replace_root(digest, new)
    assert any(new.hex() in what and "its parent and its sum give" in what for what in forger.failures()["models"])


def test_audit_of_a_model_that_skips_its_parent_fails(forger: Forger) -> None:
    digest = first(forger.record, "RoundFinalized", round=ROUNDS)["model"]
    model = Model.fetch(forger.store, digest)
    assert model.parent is not None
    genesis = Model.fetch(forger.store, model.parent).parent
    new = replace(model, parent=genesis).publish(forger.store)
    forger.replace_root(digest, new)
    assert any("names parent" in what for what in forger.failures()["parents"])


def test_audit_of_models_of_two_rounds_exchanged_fails(forger: Forger) -> None:
    one, two = (first(forger.record, "RoundFinalized", round=number)["model"] for number in (1, 2))
    swapped = {one: two, two: one}
    events = [
        replace(event, values={name: swapped.get(value, value) if isinstance(value, bytes) else value
                               for name, value in event.values.items()})
        for event in forger.record.events
    ]  # fmt: skip
    forger.record = replace(forger.record, events=events, answers=None)
    found = forger.failures()
    assert {"models", "parents"} <= found.keys()
    assert any("names round 2 where it is 1" in what for what in found["models"])


def test_audit_of_a_verdict_with_other_reasons_fails(forger: Forger) -> None:
    digest = first(forger.record, "VerdictRevealed", seat=0)["verdict"]
    new = replace(Verdict.fetch(forger.store, digest), reasons={}).publish(forger.store)
    forger.replace_root(digest, new)
    assert {"commits"} <= forger.failures().keys()


def test_audit_of_a_verdict_with_other_scores_fails(forger: Forger) -> None:
    digest = first(forger.record, "VerdictRevealed", seat=0)["verdict"]
    verdict = Verdict.fetch(forger.store, digest)
    new = replace(verdict, scores=bytes(len(verdict.scores))).publish(forger.store)
    forger.replace_root(digest, new)
    assert any("names scores" in what for what in forger.failures()["verdicts"])


def test_audit_of_other_rows_in_a_shard_fails(forger: Forger) -> None:
    spec_digest = first(forger.record, "TaskCreated")["spec"]
    spec = Spec.fetch(forger.store, spec_digest)
    assert spec.shards[0].dataset is not None
    rows = Dataset.fetch(forger.store, spec.shards[0].dataset)
    shard = replace(spec.shards[0], dataset=replace(rows, labels=1 - rows.labels).publish(forger.store))
    new = replace(spec, shards=(shard, *spec.shards[1:])).publish(forger.store)
    forger.replace_root(spec_digest, new)
    assert {"vectors", "models"} <= forger.failures().keys()


def test_audit_that_recomputes_nothing_counts_nothing_and_still_holds(lineage: Lineage) -> None:
    report = audit_lineage(lineage.record, lineage.store, Options(recompute=0))
    assert report.holds
    assert report.check("vectors").count == 0


def test_audit_that_recomputes_a_share_takes_other_updates_for_other_entropy(lineage: Lineage) -> None:
    counts = {
        audit_lineage(lineage.record, lineage.store, Options(4_000, bytes([seed]) * 32)).check("vectors").count
        for seed in range(8)
    }
    assert len(counts) > 1
    assert max(counts) < ROUNDS * NODES
