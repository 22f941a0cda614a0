"""What a node keeps of a lineage, and what it lets go of once later models made it obsolete.

A node keeps the last ``keep_models`` models, each with all that its round brought forth: weights, sum, updates,
verdicts; and always, however old, what any further round needs: the spec, what the spec links (datasets, partial
statistics, labels), and the root of every model (some 300 bytes), so that the way back to genesis can be walked.
0, the default, keeps everything.

An audit from genesis needs everything: where a node keeps less, somebody else must keep the rest, or have it in a CAR
file (`anomalyhive lineage import` brings it back). A node that keeps less can take part in rounds as before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from anomalyhive.content.cid import Codec
from anomalyhive.content.codec import decode
from anomalyhive.content.fetching import fetchable
from anomalyhive.content.kinds import Model
from anomalyhive.content.store import Store
from anomalyhive.content.walk import links
from anomalyhive.errors import BadSetting, ContentCorrupt, ContentFailure, ContentMissing

KEEP_ALL = 0
"""``keep_models`` of a node that lets go of nothing."""

MOST_BLOCKS = 2048
"""Raw blocks of a root that is kept, half a GiB: nobody makes a node keep more than the largest state that there is."""


MOST_BESIDE = 64
"""Raw blocks of a root beside the models: 16 MiB, more than any update that is worth to be held against its verdict."""

MOST_TRIES = 3
"""Passes in which peers are asked for what a node can do without: it may have been withheld, or lost, for ever."""


@runtime_checkable
class Keeping(Store, Protocol):
    """A store that keeps roots on request, each with the raw blocks that it links, and lets go of them on request."""

    def kept(self) -> set[bytes]:
        """Digests of the roots that are kept."""

    def keep(self, roots: Sequence[bytes]) -> None:
        """Keep roots and the raw blocks that they link."""

    def release(self, roots: Sequence[bytes]) -> int:
        """Let go of roots, and of their raw blocks that no other kept root links; return how many were let go."""


def retention_of(store: Store, keep_models: int) -> Retention | None:
    """The policy of a node with this store and setting; None where the store keeps all by itself.

    Raises BadSetting where it should keep less and cannot.
    """
    if isinstance(store, Keeping):
        return Retention(store, keep_models)
    if keep_models != KEEP_ALL:
        raise BadSetting(
            f"keep_models is {keep_models}, and a directory keeps all: write 0, or let a Kubo daemon be the store"
        )
    return None


@dataclass(frozen=True)
class Lineage:
    """A task of the node: its current model, and what the chain names beside the models.

    ``beside`` is round -> digests of verdicts, and of updates that were not accepted; also of rounds after ``head``.
    """

    head: bytes
    beside: Mapping[int, Sequence[bytes]]


@dataclass(frozen=True)
class Retained:
    """What a pass did: roots newly kept, roots let go of, and why others that should be kept could not be had."""

    kept: int
    released: int
    missing: Mapping[bytes, ContentFailure]


@dataclass(frozen=True)
class _Shares:
    """A lineage by what becomes of it: ``vital`` roots must stay, ``extra`` ones should; ``obsolete`` are models whose
    rounds are let go of, ``old_beside`` what the chain named in those rounds. ``place`` is any model of the task.
    """

    place: Model
    vital: set[bytes]
    extra: set[bytes]
    obsolete: Sequence[Model]
    old_beside: set[bytes]


@dataclass
class Retention:
    """A node's policy for all of its tasks; one object for as long as the process runs, since it remembers models."""

    store: Keeping
    keep_models: int = KEEP_ALL
    _models: dict[bytes, Model] = field(default_factory=dict)
    _linked: dict[bytes, frozenset[bytes]] = field(default_factory=dict)
    _tries: Counter[bytes] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        if self.keep_models < 0:
            raise BadSetting(f"keep_models is {self.keep_models}: give the number of models to keep, or 0 to keep all")

    def apply(self, lineages: Sequence[Lineage], seconds: float) -> Retained:
        """Keep and let go of what the policy says; ``lineages`` are those of all tasks of the node: they share content.

        ``seconds`` is how long peers may be asked at a time. What is to stay is kept before anything is let go of, and
        a pass that could not have all that recent models link lets go of nothing. A pass that was killed is finished by
        the next one. Raises ContentMissing or ContentCorrupt where a head or its spec cannot be had, StoreUnusable
        where the store does not work.
        """
        before = self.store.kept()
        missing: dict[bytes, ContentFailure] = {}
        shares = [self._share(one, before, missing) for one in lineages]
        vital = {root for one in shares for root in one.vital}
        self._have(vital - before, seconds, missing, MOST_BLOCKS)
        # What a sum links is known once the sum is had.
        held = self.store.kept()
        shares = [self._share(one, held, missing) for one in lineages]
        vital = {root for one in shares for root in one.vital}
        self._have(vital - held - missing.keys(), seconds, missing, MOST_BLOCKS)
        complete = not vital & missing.keys()
        extra = {root for one in shares for root in one.extra}
        self._have({one for one in extra - before if self._tries[one] < MOST_TRIES}, seconds, missing, MOST_BESIDE)
        self._tries.update(extra & missing.keys())
        after = self.store.kept()
        released = sum(self._release(one, vital | extra, after) for one in shares) if complete else 0
        return Retained(len(after - before), released, missing)

    def _share(self, lineage: Lineage, held: set[bytes], missing: dict[bytes, ContentFailure]) -> _Shares:
        models = self._walk(lineage.head, missing)
        count = len(models) if self.keep_models == KEEP_ALL else self.keep_models
        recent = [model for _, model in models[:count]]
        head, oldest = recent[0], recent[-1].round
        vital = {digest for digest, _ in models} | {head.spec} | self._links(head.spec)
        for model in recent:
            vital |= {model.weights} | self._made(model, held)
        extra = {root for round_, roots in lineage.beside.items() if round_ >= oldest for root in roots}
        old_beside = {root for round_, roots in lineage.beside.items() if round_ < oldest for root in roots}
        return _Shares(head, vital, extra, [model for _, model in models[count:]], old_beside)

    def _walk(self, head: bytes, missing: dict[bytes, ContentFailure]) -> list[tuple[bytes, Model]]:
        """The models from ``head`` back to genesis, or to the first one that nobody has, which is noted."""
        found: list[tuple[bytes, Model]] = []
        digest: bytes | None = head
        while digest is not None:
            if digest not in self._models:
                if digest in missing or self._tries[digest] >= MOST_TRIES:
                    break
                try:
                    self._models[digest] = Model.fetch(self.store, digest)
                except (ContentMissing, ContentCorrupt) as error:
                    if not found:
                        raise
                    missing[digest] = error
                    self._tries[digest] += 1
                    break
            found.append((digest, self._models[digest]))
            digest = self._models[digest].parent
        return found

    def _made(self, model: Model, held: set[bytes]) -> set[bytes]:
        """The sum that a model absorbed and the updates in it; the sum alone while it is not held."""
        if model.sum is None:
            return set()
        return {model.sum} | (self._links(model.sum) if model.sum in held else set())

    def _links(self, digest: bytes) -> frozenset[bytes]:
        """The roots that a root links, read once."""
        if digest not in self._linked:
            found = links(self.store, digest)
            self._linked[digest] = frozenset(link.digest for link in found if link.codec is Codec.DAG_CBOR)
        return self._linked[digest]

    def _have(self, roots: set[bytes], seconds: float, missing: dict[bytes, ContentFailure], most: int) -> None:
        """Fetch and keep roots of at most so many raw blocks; note those that cannot be had."""
        for root, fault in fetchable(self.store, sorted(roots), seconds, most).items():
            raws = [] if fault else [link for link in links(self.store, root) if link.codec is Codec.RAW]
            if len(raws) > most:
                fault = ContentCorrupt(root, f"it links {len(raws)} raw blocks, and more than {most} are not kept")
            if fault is None:
                self.store.keep([root])
            else:
                missing[root] = fault

    def _release(self, share: _Shares, staying: set[bytes], held: set[bytes]) -> int:
        """Let go of what old rounds brought forth, their sums last: a sum that is still held says what is left."""
        sums = {model.sum for model in share.obsolete if model.sum is not None} & held - staying
        gone = {model.weights for model in share.obsolete}
        gone |= {update for one in sums for update in self._links(one)}
        gone = (gone & held) - staying
        gone |= {one for one in (share.old_beside & held) - staying if self._belongs(one, share.place)}
        return self.store.release(sorted(gone)) + self.store.release(sorted(sums))

    def _belongs(self, digest: bytes, place: Model) -> bool:
        """Whether a root is an update or a verdict of this task: who submits may name any content as its update."""
        fields = decode(self.store.get(digest, Codec.DAG_CBOR))
        if not isinstance(fields, dict) or fields.get("kind") not in ("update", "verdict"):
            return False
        return all(fields.get(name) == getattr(place, name) for name in ("chain", "hive", "task"))
