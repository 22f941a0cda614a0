"""Fields of roots: what each may hold, at its edges and beyond."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from roots import put, root_of

from anomalyhive.content import (
    Codec,
    Dataset,
    DirectoryStore,
    Fitting,
    Labels,
    Link,
    Model,
    Origin,
    Spec,
    SpecShard,
    Verdict,
    Weights,
    digest_of,
    kind_of,
)
from anomalyhive.content.codec import Document, encode
from anomalyhive.core.learner import MOST_CLASSES
from anomalyhive.errors import BadInput, ContentCorrupt

SOME = digest_of(b"some")
NAMES = tuple(f"class {number}" for number in range(MOST_CLASSES))


RANGES: list[tuple[str, str, list[Any], list[Any]]] = [
    ("update", "chain", [1, (1 << 63) - 1], [0, -1, 1 << 63, True, "1", 1.0]),
    ("update", "hive", [bytes(20)], [bytes(19), bytes(21), "0x" + "00" * 20]),
    ("update", "task", [1], [0]),
    ("update", "round", [1, (1 << 32) - 1], [0, 1 << 32]),
    ("update", "shard", [0, 1023], [-1, 1024]),
    ("update", "author", [1, (1 << 32) - 1], [0, 1 << 32]),
    ("update", "owner", [bytes(20)], [bytes(32)]),
    ("update", "base", [None, SOME], [b"", bytes(31), "x"]),
    ("update", "rows", [0, 1 << 40], [-1, (1 << 40) + 1]),
    ("update", "vector", [np.zeros(0, np.int64)], [np.zeros((2, 2), np.int64), np.zeros(3), [1, 2]]),
    ("sum", "updates", [(SOME,)], [(), (SOME, SOME), (b"",), (SOME,) * 1025]),
    ("sum", "commitment", [bytes(96)], [bytes(48), bytes(97), "0x"]),
    ("sum", "vector", [np.zeros(0, np.int64)], [np.zeros((1, 1), np.int64)]),
    ("model", "round", [1], [0, -1]),
    ("model", "parent", [SOME], [None, b""]),
    ("model", "sum", [SOME], [None, bytes(33)]),
    ("model", "spec", [SOME], [None]),
    ("model", "weights", [SOME], [None, "weights"]),
    ("weights", "learner", ["a", "x" * 1000], ["", "x" * 1001, 5]),
    ("weights", "params", [{}, {"a": -(1 << 63)}], [{"a": 1.0}, {"a": True}, {"a": 1 << 63}, {"": 1}, [1]]),
    ("weights", "state", [{}], [[], 5, None]),
    ("verdict", "seat", [0, 19], [-1, 20]),
    ("verdict", "scores", [bytes(3), bytes(1024)], [b"", bytes(1025), "000"]),
    ("verdict", "reasons", [{}, {2: "x"}], [{3: "x"}, {-1: "x"}, {0: ""}, {0: "x" * 1001}, {"0": "x"}]),
    ("spec", "columns", [("a",)], [(), ("a", "a"), ("",), ["a"]]),
    ("spec", "mode", ["public"], ["", "open", None]),
    ("spec", "recheck", [0, 10_000], [-1, 10_001]),
    ("spec", "id", [None, "address"], ["", 5]),
    (
        "spec",
        "shards",
        [(SpecShard(1, SOME),) * 1024],
        [(), (SpecShard(-1, SOME),), (SpecShard(1, b""),), (SpecShard(1, None),), (SpecShard(1, SOME),) * 1025],
    ),
    ("spec", "origin", [None, Origin((SOME,) * 3, SOME)], []),
    ("partial", "chunk", [0, (1 << 14) - 1], [-1, 1 << 14, True]),
    ("partial", "source", [SOME], [b"", "x", None]),
    ("partial", "first", [0, 199], [-1, 200]),
    ("partial", "stop", [101], [100, 1 << 63]),
    ("partial", "statistics", [SOME], [bytes(31)]),
    ("partial", "buckets", [(b"",), (b"x",) * 1024], [(), (b"",) * 1025, ("x",)]),
    ("labels", "accounts", [("a", "b")], [("b", "a"), ("a", "a"), ("a",), (), ("", "a")]),
    (
        "labels",
        "labels",
        [np.array([0, 0])],
        [np.array([0, 2]), np.array([0, -1]), np.array([0]), np.array([[0], [1]])],
    ),
    ("labels", "classes", [(), ("a", "b"), NAMES], [("a",), ("a", "a"), (*NAMES, "more"), ["a", "b"]]),
    ("dataset", "columns", [("a", "b")], [("a",), ("a", "a")]),
    (
        "dataset",
        "labels",
        [np.array([0, 0, 0])],
        [np.array([0, 1, 64]), np.array([0, -1, 1]), np.array([0, 1]), np.array([[0], [1], [1]])],
    ),
    ("dataset", "ids", [None, ("x", "y", "y")], [("x",), ()]),
]


@pytest.mark.parametrize(("kind", "field", "good", "bad"), RANGES, ids=[f"{r[0]}.{r[1]}" for r in RANGES])
def test_field_is_accepted_at_its_edges_and_refused_beyond(
    kinds: dict[str, Any], kind: str, field: str, good: list[Any], bad: list[Any]
) -> None:
    for value in good:
        dataclasses.replace(kinds[kind], **{field: value})
    for value in bad:
        with pytest.raises(BadInput):
            dataclasses.replace(kinds[kind], **{field: value})


def test_model_of_round_0_has_neither_parent_nor_sum(kinds: dict[str, Any], store: DirectoryStore) -> None:
    genesis = dataclasses.replace(kinds["model"], round=0, parent=None, sum=None)
    assert Model.fetch(store, genesis.publish(store)) == genesis
    with pytest.raises(BadInput, match="parent must be null in round 0"):
        dataclasses.replace(genesis, parent=SOME)


def test_spec_in_private_mode_links_no_dataset(kinds: dict[str, Any], store: DirectoryStore) -> None:
    private = dataclasses.replace(kinds["spec"], mode="private", shards=(SpecShard(5, None), SpecShard(6, None)))
    assert Spec.fetch(store, private.publish(store)) == private
    with pytest.raises(BadInput, match=r"shards\[0\] must link its dataset in public mode"):
        dataclasses.replace(private, shards=(SpecShard(5, SOME),))


def test_spec_with_an_origin_is_published_with_it_and_fetched_with_it(
    kinds: dict[str, Any], store: DirectoryStore
) -> None:
    spec = dataclasses.replace(kinds["spec"], origin=Origin((SOME, digest_of(b"other")), SOME))
    digest = spec.publish(store)
    assert Spec.fetch(store, digest) == spec
    document = root_of(store, digest)
    for other in ({**document["origin"], "more": 1}, {"partials": []}, None, 5):
        with pytest.raises(ContentCorrupt, match="origin"):
            Spec.fetch(store, put(store, {**document, "origin": other}))
    for partials in ([], [5], [None], [Link(SOME, Codec.RAW)]):
        with pytest.raises(ContentCorrupt):
            Spec.fetch(
                store, put(store, {**document, "origin": {"labels": Link(SOME, Codec.DAG_CBOR), "partials": partials}})
            )


def test_spec_with_detectors_has_one_encoding_and_names_each_once(kinds: dict[str, Any], store: DirectoryStore) -> None:
    origin = Origin((SOME,), SOME, (Fitting("half_space_trees", SOME), Fitting("other", SOME)))
    spec = dataclasses.replace(kinds["spec"], origin=origin)
    digest = spec.publish(store)
    assert Spec.fetch(store, digest) == spec
    document = root_of(store, digest)
    one = document["origin"]["detectors"][0]
    for detectors in ([], None, [5], [{**one, "more": 1}], [{"name": "a"}], [{**one, "name": ""}], [one, one]):
        with pytest.raises(ContentCorrupt):
            Spec.fetch(store, put(store, {**document, "origin": {**document["origin"], "detectors": detectors}}))
    with pytest.raises(BadInput, match="twice"):
        Origin((SOME,), SOME, (Fitting("a", SOME),) * 2)
    bare = dataclasses.replace(spec, origin=Origin((SOME,), SOME)).publish(store)
    assert "detectors" not in root_of(store, bare)["origin"]


def test_labels_with_classes_are_published_with_them_and_those_without_keep_their_digest(
    kinds: dict[str, Any], store: DirectoryStore
) -> None:
    plain = kinds["labels"]
    named = dataclasses.replace(plain, labels=np.array([2, 0]), classes=("unknown", "exchange", "phishing"))
    digest = named.publish(store)
    assert digest.hex() == "79cbc77e79d88634de13adb9301ad0e132ce93913eccfc3dca33c33ad70d8cc5"
    found = Labels.fetch(store, digest)
    assert (found.accounts, found.classes, found.labels.tolist()) == (named.accounts, named.classes, [2, 0])
    document = root_of(store, digest)
    assert root_of(store, plain.publish(store)).keys() == document.keys() - {"classes"}
    for classes in ([], ["one"], ["two", "two"], ["only", "two"], "text", None, [1, 2, 3]):
        with pytest.raises(ContentCorrupt):
            Labels.fetch(store, put(store, {**document, "classes": classes}))


@pytest.mark.parametrize("kind", ["spec", "labels"])
def test_fetch_with_an_empty_list_of_classes_is_refused(
    store: DirectoryStore, kinds: dict[str, Any], kind: str
) -> None:
    """Left out and empty would be two digests of one thing."""
    document = root_of(store, kinds[kind].publish(store))
    with pytest.raises(ContentCorrupt, match="classes is an empty list"):
        type(kinds[kind]).fetch(store, put(store, {**document, "classes": []}))


def test_spec_in_private_mode_names_no_origin(kinds: dict[str, Any]) -> None:
    with pytest.raises(BadInput, match="names no origin"):
        dataclasses.replace(kinds["spec"], mode="private", shards=(SpecShard(5, None),), origin=Origin((SOME,), SOME))


def test_weights_do_not_depend_on_the_order_of_a_map(store: DirectoryStore) -> None:
    states: list[Any] = [{"a": 1, "b": np.arange(3)}, {"b": np.arange(3, dtype=np.int16), "a": 1}]
    assert len({Weights("boost", {}, state).publish(store) for state in states}) == 1


def test_weights_with_more_entries_than_allowed_are_refused_unread(store: DirectoryStore) -> None:
    """Each array is within the limits; together they are not. None of the blocks exists."""
    links: list[Document] = [Link(SOME, Codec.RAW)] * 256
    array: Document = {"shape": [1 << 25], "width": 2, "data": links}
    document: Document = {
        "kind": "weights",
        "version": 1,
        "learner": "boost",
        "params": {},
        "state": {"a": array, "b": array, "c": array},
    }
    with pytest.raises(ContentCorrupt, match="entries in arrays"):
        Weights.fetch(store, put(store, document))


@pytest.mark.parametrize("key", ["00", "01", "+1", " 1", "-0", "1024", "٣", "", "99999999999999999999"])
def test_verdict_with_a_reason_for_no_shard_is_refused(store: DirectoryStore, kinds: dict[str, Any], key: str) -> None:
    document = root_of(store, kinds["verdict"].publish(store))
    with pytest.raises(ContentCorrupt, match="shard"):
        Verdict.fetch(store, put(store, {**document, "reasons": {key: "x"}}))


def test_dataset_arrays_cannot_be_written_to(store: DirectoryStore, kinds: dict[str, Any]) -> None:
    for dataset in (kinds["dataset"], Dataset.fetch(store, kinds["dataset"].publish(store))):
        with pytest.raises(ValueError, match="read-only"):
            dataset.features[0, 0] = 1


def test_dataset_of_no_rows_is_one(store: DirectoryStore) -> None:
    empty = Dataset(("a", "b"), np.zeros((0, 2), np.int64), np.zeros(0, np.int64), ())
    fetched = Dataset.fetch(store, empty.publish(store))
    assert (fetched.rows, fetched.features.shape, fetched.ids) == (0, (0, 2), ())


def test_kind_of_what_has_none() -> None:
    assert kind_of(encode([1])) == kind_of(encode({})) == kind_of(encode({"kind": 5})) == "none"
    with pytest.raises(ContentCorrupt):
        kind_of(b"\xff")
