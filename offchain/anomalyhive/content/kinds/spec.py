"""What a task learns: the root that the sponsor names when the task is created."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from anomalyhive.content.codec import Document
from anomalyhive.content.kinds import checks
from anomalyhive.content.kinds.fields import Fields, exact_keys, opened_root, publish_root, root_digest, root_link
from anomalyhive.content.store import Store
from anomalyhive.core.learner import MOST_CLASSES
from anomalyhive.errors import BadInput

_KEYS = frozenset({"name", "learner", "params", "columns", "label", "id", "mode", "shards", "recheck"})
_OPTIONAL = frozenset({"origin", "classes"})
"""Keys that are absent where there is nothing to say, so that a spec has one encoding only."""

_ORIGIN_KEYS = frozenset({"partials", "labels"})
_FITTING_KEYS = frozenset({"name", "weights"})
_SHARD_KEYS = frozenset({"rows", "dataset"})

MODES = ("public", "private")
"""public: the rows are content that anyone recomputes from; private: no node shows its rows."""


@dataclass(frozen=True)
class SpecShard:
    """One shard: its number of rows, and the digest of its dataset root (None in private mode)."""

    rows: int
    dataset: bytes | None


@dataclass(frozen=True)
class Fitting:
    """A detector that gives the rows a column of its name, and the digest of the weights by which it does."""

    name: str
    weights: bytes

    def __post_init__(self) -> None:
        checks.text("the name of a detector", self.name)
        checks.digest(f"detector {self.name[:80]}", self.weights)


@dataclass(frozen=True)
class Origin:
    """What the datasets of a task were made of: bucket j of all ``partials``, joined with ``labels``, is shard j.

    Digests of roots; the partials in the order of their chunks. There are as many buckets as shards. The columns of the
    ``detectors`` stand behind those of the statistics, in this order.
    """

    partials: tuple[bytes, ...]
    labels: bytes
    detectors: tuple[Fitting, ...] = ()

    def __post_init__(self) -> None:
        checks.integer("the number of partials", len(self.partials), 1, checks.MOST_CHUNKS)
        for index, partial in enumerate(self.partials):
            checks.digest(f"partials[{index}]", partial)
        checks.digest("labels", self.labels)
        if self.detectors:
            checks.names("detectors", tuple(one.name for one in self.detectors))

    def as_document(self) -> Document:
        """What stands for it in the root."""
        fitted: list[Document] = [{"name": one.name, "weights": root_link(one.weights)} for one in self.detectors]
        return {
            "partials": [root_link(one) for one in self.partials],
            "labels": root_link(self.labels),
            # Absent where there are none, so that such specs keep their digests.
            **({"detectors": fitted} if fitted else {}),
        }


@dataclass(frozen=True)
class Spec:
    """``recheck`` is the share of updates that a validator recomputes, in basis points (10000 is all).

    ``origin`` says what the shards' datasets were made of; None where they come from a table.
    ``classes`` names the labels 0, 1, …; it is empty where the labels are 0 and 1 themselves.
    """

    name: str
    learner: str
    params: Mapping[str, int]
    columns: tuple[str, ...]
    label: str
    id: str | None
    mode: str
    shards: tuple[SpecShard, ...]
    recheck: int
    origin: Origin | None = None
    classes: tuple[str, ...] = ()

    @property
    def label_classes(self) -> int:
        """How many classes the labels tell apart."""
        return len(self.classes) or 2

    def __post_init__(self) -> None:
        for field in ("name", "learner", "label"):
            checks.text(field, getattr(self, field))
        checks.parameters("params", self.params)
        checks.names("columns", self.columns)
        if self.id is not None:
            checks.text("id", self.id)
        if self.mode not in MODES:
            raise BadInput(f"mode is {str(self.mode)[:80]!r}, neither public nor private")
        checks.integer("recheck", self.recheck, 0, 10_000)
        if self.classes:
            checks.integer("the number of classes", len(checks.names("classes", self.classes)), 2, MOST_CLASSES)
        checks.integer("the number of shards", len(self.shards), 1, checks.MOST_SHARDS)
        for index, shard in enumerate(self.shards):
            self._check_shard(index, shard)
        if self.origin is not None and self.mode == "private":
            raise BadInput("a private task names no origin: its rows are with their holders alone")

    def _check_shard(self, index: int, shard: SpecShard) -> None:
        checks.integer(f"shards[{index}].rows", shard.rows, 0, checks.MOST_ROWS)
        if (shard.dataset is None) != (self.mode == "private"):
            raise BadInput(f"shards[{index}] must link its dataset in public mode, and not in private mode")
        if shard.dataset is not None:
            checks.digest(f"shards[{index}].dataset", shard.dataset)

    def publish(self, store: Store) -> bytes:
        """Put the root; return its digest. Datasets are published before."""
        shards: list[Document] = [{"rows": shard.rows, "dataset": root_link(shard.dataset)} for shard in self.shards]
        return publish_root(
            store,
            "spec",
            {
                "name": self.name,
                "learner": self.learner,
                "params": dict(self.params),
                "columns": list(self.columns),
                "label": self.label,
                "id": self.id,
                "mode": self.mode,
                "shards": shards,
                "recheck": self.recheck,
                **({} if self.origin is None else {"origin": self.origin.as_document()}),
                # Absent where labels are 0 and 1, so that such specs keep their digests.
                **({"classes": list(self.classes)} if self.classes else {}),
            },
        )

    @classmethod
    def fetch(cls, store: Store, digest: bytes) -> Spec:
        """The spec behind a digest, checked; its datasets are not fetched."""
        with opened_root(store, digest, "spec", _KEYS, _OPTIONAL) as fields:
            return cls(
                name=fields.text("name"),
                learner=fields.text("learner"),
                params=fields.integers("params"),
                columns=fields.texts("columns"),
                label=fields.text("label"),
                id=None if fields.raw("id") is None else fields.text("id"),
                mode=fields.text("mode"),
                shards=tuple(_read_shard(i, item) for i, item in enumerate(fields.items("shards"))),
                recheck=fields.integer("recheck"),
                origin=_read_origin(fields.raw("origin")) if "origin" in fields else None,
                classes=fields.optional_texts("classes"),
            )


def _read_shard(index: int, item: Document) -> SpecShard:
    shard = Fields(exact_keys(f"shards[{index}]", item, _SHARD_KEYS))
    return SpecShard(shard.integer("rows"), shard.root_or_none("dataset"))


def _read_origin(item: Document) -> Origin:
    origin = Fields(exact_keys("origin", item, _ORIGIN_KEYS, frozenset({"detectors"})))
    partials = origin.items("partials")
    detectors = origin.items("detectors") if "detectors" in origin else []
    if "detectors" in origin and not detectors:
        raise BadInput("origin has an empty list of detectors: one without any leaves the key out")
    return Origin(
        tuple(root_digest(f"origin.partials[{index}]", one) for index, one in enumerate(partials)),
        origin.root("labels"),
        tuple(_read_fitting(index, one) for index, one in enumerate(detectors)),
    )


def _read_fitting(index: int, item: Document) -> Fitting:
    fitting = Fields(exact_keys(f"origin.detectors[{index}]", item, _FITTING_KEYS))
    return Fitting(fitting.text("name"), fitting.root("weights"))
