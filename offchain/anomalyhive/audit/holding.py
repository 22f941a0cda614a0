"""Where the content of a lineage is held: root by root, in which stores, and with which peers of a daemon.

A root is held where it is with all of its raw blocks; whether their bytes are right is what an audit reads.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

from anomalyhive.audit.replay import Hive, Task
from anomalyhive.chain.views import ZERO_DIGEST
from anomalyhive.content.cid import Codec, Link
from anomalyhive.content.codec import links_in
from anomalyhive.content.fetching import fetchable
from anomalyhive.content.kinds import Model, Spec
from anomalyhive.content.kubo import KuboStore
from anomalyhive.content.store import Store
from anomalyhive.errors import ContentCorrupt, ContentMissing

AT_ONCE = 16
"""Roots whose peers are looked for at the same time."""


@dataclass(frozen=True)
class Named:
    """A root of a lineage: what it is, of which task and round (0: of the whole task), and whose or which."""

    digest: bytes
    kind: str
    task: int
    round: int
    what: str = ""


@dataclass(frozen=True)
class Held:
    """Where a root is: the names of stores, and the peers that say they have it.

    ``fetched`` names daemons that got it from a peer which nobody named, where no store had it.
    """

    named: Named
    stores: tuple[str, ...]
    peers: tuple[str, ...]
    fetched: tuple[str, ...] = ()

    @property
    def lost(self) -> bool:
        """Whether nobody has it who could be asked."""
        return not (self.stores or self.peers or self.fetched)


def roots_of(hive: Hive, store: Store) -> list[Named]:
    """All roots of a hive's tasks, each once: those that events name, and those that specs and models link.

    What a spec or a model links is known only where ``store`` has it.
    """
    found: dict[bytes, Named] = {}
    for task in hive.tasks.values():
        for one in _of_task(task, store):
            found.setdefault(one.digest, one)
    return list(found.values())


def whereabouts(named: Sequence[Named], stores: Mapping[str, Store], seconds: float) -> list[Held]:
    """Where each root is, in the order given; daemons may ask their peers ``seconds`` for each.

    Raises StoreUnusable where a store does not work.
    """
    daemons = {name: one.within(seconds) for name, one in stores.items() if isinstance(one, KuboStore)}
    # The daemons asked are stores here, and no peers.
    selves = {one.identity() for one in daemons.values()}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = list(pool.map(partial(_look, stores, daemons, selves), named))
    lost = [one.named.digest for one in found if one.lost]
    fetched: dict[bytes, list[str]] = {digest: [] for digest in lost}
    for name, daemon in daemons.items() if lost else ():
        for digest, fault in fetchable(daemon, lost, seconds).items():
            if fault is None:
                fetched[digest].append(name)
    return [replace(one, fetched=tuple(fetched.get(one.named.digest, ()))) for one in found]


def _look(stores: Mapping[str, Store], daemons: Mapping[str, KuboStore], selves: set[str], named: Named) -> Held:
    link = Link(named.digest, Codec.DAG_CBOR)
    peers = {peer for daemon in daemons.values() for peer in daemon.providers(link)}
    holding = tuple(name for name, store in stores.items() if _holds(store, named.digest))
    return Held(named, holding, tuple(sorted(peers - selves)))


def _holds(store: Store, digest: bytes) -> bool:
    """Whether a store itself has a root with all of its raw blocks, none of them damaged as far as one sees."""
    if not store.has(digest, Codec.DAG_CBOR):
        return False
    try:
        block = store.get(digest, Codec.DAG_CBOR)
    except (ContentMissing, ContentCorrupt):
        return False
    with contextlib.suppress(ContentCorrupt):  # bytes that are no dag-cbor link nothing
        return all(store.has(*link) for link in links_in(block, Codec.DAG_CBOR) if link.codec is Codec.RAW)
    return True


def _of_task(task: Task, store: Store) -> Iterator[Named]:
    number = task.number
    yield Named(task.spec, "spec", number, 0)
    with contextlib.suppress(ContentMissing, ContentCorrupt):
        spec = Spec.fetch(store, task.spec)
        for shard, one in enumerate(spec.shards):
            if one.dataset is not None:
                yield Named(one.dataset, "dataset", number, 0, f"shard {shard}")
        if spec.origin is not None:
            yield Named(spec.origin.labels, "labels", number, 0)
            for fitting in spec.origin.detectors:
                yield Named(fitting.weights, "weights", number, 0, f"detector {fitting.name}")
            for chunk, digest in enumerate(spec.origin.partials):
                yield Named(digest, "partial", number, 0, f"chunk {chunk}")
    for round_ in task.rounds.values():
        for shard, submitted in sorted(round_.submissions.items()):
            yield Named(submitted.digest, "update", number, round_.number, f"shard {shard}")
        for seat, reveal in sorted(round_.reveals.items()):
            yield Named(reveal.digest, "verdict", number, round_.number, f"seat {seat}")
        if round_.model != ZERO_DIGEST:
            yield from _of_model(round_.model, number, round_.number, store)


def _of_model(digest: bytes, task: int, round_: int, store: Store) -> Iterator[Named]:
    """A model, its weights and its sum; with the first one, the model of round 0, which no event names."""
    yield Named(digest, "model", task, round_)
    with contextlib.suppress(ContentMissing, ContentCorrupt):
        model = Model.fetch(store, digest)
        yield Named(model.weights, "weights", task, round_)
        if model.sum is not None:
            yield Named(model.sum, "sum", task, round_)
        if model.parent is not None:
            parent = Model.fetch(store, model.parent)
            if parent.round == 0:
                yield Named(model.parent, "model", task, 0)
                yield Named(parent.weights, "weights", task, 0)
