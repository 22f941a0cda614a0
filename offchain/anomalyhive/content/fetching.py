"""Which content can be had in the time that there is: many roots at once, under one deadline.

A daemon says at once what it has, and of what nobody has it never knows that. So blocks are asked for in passes, each
more patient than the one before: whoever withholds content holds up nobody else's.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias, runtime_checkable

from anomalyhive.content.cid import Codec, Link
from anomalyhive.content.codec import links_in
from anomalyhive.content.store import Store
from anomalyhive.errors import ContentCorrupt, ContentMissing

MOST_AT_ONCE = 64
"""Blocks that are asked for at the same time."""

FIRST_SHARE = 8
"""A block gets an eighth of the time in the first pass where few are missing; twice as much in each further one."""

SHORTEST_SECONDS = 3.0
"""Of a try, unless less is left: a daemon asks its neighbours first, and looks for others after a second."""

Fault: TypeAlias = ContentMissing | ContentCorrupt


@runtime_checkable
class Patient(Protocol):
    """A store that asks others for what it does not have, and can be told for how long."""

    def within(self, seconds: float) -> Store:
        """The same store, which gives up on a block after this time."""


def fetchable(
    store: Store, roots: Iterable[bytes], seconds: float, most_blocks: int | None = None
) -> Mapping[bytes, Fault | None]:
    """Which of these roots can be had within ``seconds``, each with the raw blocks that it links.

    root -> None where all of it can be had (from then on the store has it itself), else the first fault found. Roots
    that a root links are not followed. A root that links more than ``most_blocks`` raw blocks counts as had, and none
    of them is fetched: it is for its reader to refuse it. Raises StoreUnusable where the store itself does not work,
    which is nobody else's fault.

    A validator asks so before it judges, with the time that is left to wait: what is None can then be examined from the
    store, and what is missing is unavailable. ``most_blocks`` is what a vector of the plan's length takes.
    """
    found: dict[bytes, Fault | None] = dict.fromkeys(roots)
    wanted = _Wanted({Link(root, Codec.DAG_CBOR): {root} for root in found}, most_blocks)
    deadline, share = time.monotonic() + seconds, FIRST_SHARE
    while wanted.links:
        started = time.monotonic()
        crowd = max(1.0, len(wanted.links) / MOST_AT_ONCE)
        patience = max(seconds / (share * crowd), SHORTEST_SECONDS)
        progress = wanted.ask(store, patience, deadline)
        ended = time.monotonic()
        # One that says at once that nobody has a block is believed: a directory, a daemon that is offline.
        if not progress and (ended >= deadline or ended - started < min(patience, deadline - started) / 2):
            break
        share = max(1, share // 2)
    for root, fault in wanted.faults():
        found[root] = found[root] or fault
    return found


@dataclass
class _Wanted:
    """Blocks still to be had, each with the roots that want it, since they may share blocks."""

    links: dict[Link, set[bytes]]
    most_blocks: int | None
    _missing: dict[Link, ContentMissing] = field(default_factory=dict)
    _corrupt: list[tuple[set[bytes], ContentCorrupt]] = field(default_factory=list)

    def ask(self, store: Store, patience: float, deadline: float) -> bool:
        """Ask for every block once, for ``patience`` seconds each; True if any was had or found corrupt.

        What a root links is asked for as soon as the root is there: nothing waits for what nobody gives.
        """
        progress = False
        with ThreadPoolExecutor(MOST_AT_ONCE) as pool:
            # What was never asked for comes first: most of it is there.
            order = sorted(self.links, key=lambda link: link in self._missing)
            pending = {pool.submit(_ask, store, patience, deadline, link) for link in order}
            while pending:
                done, pending = wait(pending, return_when=FIRST_COMPLETED)
                for link, answer in (future.result() for future in done):
                    progress |= not isinstance(answer, ContentMissing)
                    new = self._take(link, answer)
                    pending |= {pool.submit(_ask, store, patience, deadline, raw) for raw in new}
        return progress

    def _take(self, link: Link, answer: Fault | set[Link]) -> list[Link]:
        """Note the answer of a block; return the blocks that are wanted from now on."""
        if isinstance(answer, ContentMissing):
            self._missing[link] = answer
            return []
        wanting = self.links.pop(link)
        if isinstance(answer, ContentCorrupt):
            self._corrupt.append((wanting, answer))
            return []
        if self.most_blocks is not None and len(answer) > self.most_blocks:
            return []
        new = [raw for raw in sorted(answer) if raw not in self.links]
        for raw in answer:
            self.links.setdefault(raw, set()).update(wanting)
        return new

    def faults(self) -> Iterator[tuple[bytes, Fault]]:
        """A root and what is wrong with it, for each fault."""
        for wanting, corrupt in self._corrupt:
            yield from ((root, corrupt) for root in wanting)
        for link, wanting in self.links.items():
            missing = self._missing.get(link) or ContentMissing(
                link.digest, "the store, nor was there time to ask more"
            )
            yield from ((root, missing) for root in wanting)


def _ask(store: Store, patience: float, deadline: float, link: Link) -> tuple[Link, Fault | set[Link]]:
    """A block's raw links, or why it is not to be had."""
    if isinstance(store, Patient):
        left = deadline - time.monotonic()
        if left <= 0:
            return link, ContentMissing(link.digest, "the store, and there was no time left to ask its peers")
        store = store.within(min(patience, left))
    try:
        found = links_in(store.get(*link), link.codec)
    except (ContentMissing, ContentCorrupt) as error:
        return link, error
    return link, {one for one in found if one.codec is Codec.RAW}
