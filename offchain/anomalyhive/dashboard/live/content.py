"""Content as the dashboard shows it: read from a store where there is one, and remembered, for it never changes."""

from __future__ import annotations

import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from anomalyhive.content.directory import DirectoryStore
from anomalyhive.content.fetching import Patient
from anomalyhive.content.kinds import Model, Spec, Update, Verdict
from anomalyhive.content.opening import Several
from anomalyhive.content.store import Store
from anomalyhive.dashboard.live.roundbook import RoundBook
from anomalyhive.errors import AnomalyHiveError
from anomalyhive.texts import one_line

REMEMBERED = 8192
"""Summaries of roots kept, some hundred bytes each."""

BLOCK_SECONDS = 3.0
"""For how long a daemon may look for a block: somebody waits for an answer, and asks again."""

MISSED_SECONDS = 15.0
"""For so long nobody is asked again for what could not be had: a daemon looks for it as long as it may."""

T = TypeVar("T")


@dataclass(frozen=True)
class UpdateSummary:
    """An update: ``rows`` summed, ``length`` of its vector, and the sum of the absolute values of its entries."""

    rows: int
    length: int
    magnitude: int


@dataclass
class RememberedContent:
    """Roots of a store by digest; None stands for what nobody has, or what is not what it should be."""

    store: Callable[[], Store | None]
    _known: OrderedDict[tuple[str, bytes], Any] = field(default_factory=OrderedDict)
    _missed: dict[tuple[str, bytes], float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def of(cls, store: Store | None) -> RememberedContent:
        """The content of a store, or one that has nothing."""
        return cls(lambda: None if store is None else brisk(store))

    @classmethod
    def at(cls, path: Path) -> RememberedContent:
        """The content of a directory that may come to be later, as that of a run does."""
        opened: list[Store] = []

        def store() -> Store | None:
            if not opened and path.is_dir():
                opened.append(DirectoryStore(path, read_only=True))
            return opened[0] if opened else None

        return cls(store)

    def spec(self, digest: bytes) -> Spec | None:
        """The spec of a task."""
        return self._remembered("spec", digest, lambda store: Spec.fetch(store, digest))

    def model(self, digest: bytes) -> Model | None:
        """A model's root."""
        return self._remembered("model", digest, lambda store: Model.fetch(store, digest))

    def update(self, digest: bytes) -> UpdateSummary | None:
        """What is in an update."""

        def read(store: Store) -> UpdateSummary:
            update = Update.fetch(store, digest)
            # The absolute value of the least int64 is none; as objects, the sum cannot overflow either.
            magnitude = int(sum(abs(int(one)) for one in update.vector[update.vector != 0]))
            return UpdateSummary(update.rows, int(np.shape(update.vector)[0]), magnitude)

        return self._remembered("update", digest, read)

    def reasons(self, book: RoundBook) -> dict[int, str]:
        """Shard -> why its update counts nothing, as most validators of the round say it."""
        counted: dict[int, Counter[str]] = {}
        for reveal in book.reveals.values():
            for shard, reason in (self._verdict(reveal.digest) or {}).items():
                counted.setdefault(shard, Counter())[reason] += 1
        return {
            shard: min(told.items(), key=lambda item: (-item[1], item[0]))[0]
            for shard, told in counted.items()
            if not book.medians.get(shard)
        }

    def _verdict(self, digest: bytes) -> Mapping[int, str] | None:
        def read(store: Store) -> Mapping[int, str]:
            said = Verdict.fetch(store, digest).reasons
            return {shard: one_line(reason) for shard, reason in said.items()}

        return self._remembered("verdict", digest, read)

    def _remembered(self, kind: str, digest: bytes, read: Callable[[Store], T]) -> T | None:
        key = (kind, digest)
        with self._lock:
            if key in self._known:
                self._known.move_to_end(key)
                found: T = self._known[key]
                return found
            if time.monotonic() - self._missed.get(key, -MISSED_SECONDS) < MISSED_SECONDS:
                return None
        try:
            store = self.store()
            if store is None:
                return None
            made = read(store)
        except AnomalyHiveError:  # it may come yet, from whoever has it
            with self._lock:
                if len(self._missed) >= REMEMBERED:
                    self._missed.clear()
                self._missed[key] = time.monotonic()
            return None
        with self._lock:
            self._known[key] = made
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return made


def brisk(store: Store) -> Store:
    """The store, which gives up soon on what it does not have."""
    if isinstance(store, Several):
        return Several(tuple(brisk(one) for one in store.stores))
    return store.within(BLOCK_SECONDS) if isinstance(store, Patient) else store
