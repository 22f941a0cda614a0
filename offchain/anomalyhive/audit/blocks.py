"""The blocks of a store: each is what its name says, all that the lineage needs are there, and no others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from anomalyhive.audit.report import Findings
from anomalyhive.content.cid import Codec, Link, cid_text
from anomalyhive.content.codec import links_in
from anomalyhive.content.store import Store
from anomalyhive.content.watched import WatchedStore
from anomalyhive.errors import ContentCorrupt, ContentFailure, ContentMissing


class Inventory:
    """What a store has, read once and hashed; and what a lineage refers to, gathered while it is replayed.

    Of the blocks only digests and links are kept.
    """

    def __init__(self, store: Store, findings: Findings, listed: bool = True) -> None:
        """Of a store that is not ``listed``, only what the lineage needs is read: it may hold much else."""
        self.findings = findings
        self._store = store
        self._listed = listed
        self._links: dict[Link, tuple[Link, ...]] = {}
        self._damaged: set[Link] = set()
        self._shapeless: dict[Link, str] = {}
        self._needed: dict[Link, str] = {}
        self._alone: dict[Link, str] = {}
        self._allowed: set[Link] = set()

    def read(self, tell: Callable[[int, int], None]) -> None:
        """Hash every block; ``tell`` hears how many of how many are done."""
        try:
            found = list(self._store.digests())
        except ContentFailure as error:
            self.findings.fail("blocks", str(error))
            return
        for done, link in enumerate(found, 1):
            self.findings.count("blocks")
            self._links[link] = self._read(link)
            tell(done, len(found))

    def adopt(self, links: Mapping[Link, tuple[Link, ...]], shapeless: Mapping[Link, str]) -> None:
        """Take over what was read and hashed before: block -> what it links, and the roots that are no dag-cbor."""
        self.findings.count("blocks", len(links))
        self._links.update(links)
        self._shapeless.update({link: reason for link, reason in shapeless.items() if link in links})

    def watched(self) -> Store:
        """The store, for the audit to read from; what it reads of one that is not listed need not be read again."""
        return self._store if self._listed else WatchedStore(self._store, self._saw, self._saw_damage)

    def _saw(self, link: Link, block: bytes) -> None:
        if link not in self._links:
            self.findings.count("blocks")
            self._links[link] = self._linked(link, block)

    def _saw_damage(self, link: Link, reason: str) -> None:
        self._fail(link, f"is corrupt: {reason}")
        self._damaged.add(link)
        self._links.setdefault(link, ())

    def _is_there(self, link: Link) -> bool:
        """Whether the store has a block; one that is not listed is asked now."""
        if link in self._links or self._listed:
            return link in self._links
        try:
            block = self._store.get(link.digest, link.codec)
        except ContentMissing:
            return False
        except ContentCorrupt as error:
            self._saw_damage(link, error.reason)
        except ContentFailure as error:
            self._fail(link, f"cannot be read: {error}")
            self._damaged.add(link)
            self._links[link] = ()
        else:
            self._saw(link, block)
        return True

    def _read(self, link: Link) -> tuple[Link, ...]:
        try:
            block = self._store.get(link.digest, link.codec)
        except ContentMissing:
            self._fail(link, "is listed and cannot be had")
        except ContentCorrupt as error:
            self._fail(link, f"is corrupt: {error.reason}")
        except ContentFailure as error:
            self._fail(link, f"cannot be read: {error}")
        else:
            return self._linked(link, block)
        self._damaged.add(link)
        return ()

    def _linked(self, link: Link, block: bytes) -> tuple[Link, ...]:
        try:
            return tuple(links_in(block, link.codec))
        except ContentCorrupt as error:
            # The bytes are those that the digest names, so nothing happened to them: an update that was
            # rejected for being no content is such a block, and only where content is due is it a fault.
            self._shapeless[link] = error.reason
            return ()

    def need(self, root: bytes, what: str) -> None:
        """The lineage needs this root and all beneath it; ``what`` it is, in words."""
        self._needed.setdefault(Link(root, Codec.DAG_CBOR), what)

    def need_root(self, root: bytes, what: str) -> None:
        """The lineage needs this root, and holds without what is beneath it."""
        self._alone.setdefault(Link(root, Codec.DAG_CBOR), what)

    def allow(self, root: bytes) -> None:
        """The lineage refers to this root, and holds without it."""
        self._allowed.add(Link(root, Codec.DAG_CBOR))

    def finish(self) -> None:
        """Name what is missing, and what nothing refers to."""
        reached: set[Link] = set()
        complete = True
        for link, what in self._walk(self._needed, reached):
            if not self._is_there(link):
                complete = False
                self._fail(link, f"is missing; {what} needs it")
            elif link in self._shapeless:
                complete = False
                self._fail(link, f"is no content: {self._shapeless[link]}; {what} needs it")
            complete = complete and link not in self._damaged
        for link, what in self._alone.items():
            if not self._is_there(link):
                complete = False
                self._fail(link, f"is missing; {what} needs it")
        if not self._listed:
            return  # what else the store holds is its owner's
        for link, _ in self._walk({**self._alone, **dict.fromkeys(self._allowed, "")}, reached):
            complete = complete and link not in self._damaged
        if not complete:
            return  # what a lost block referred to cannot be told from what nothing refers to
        for link in sorted(self._links.keys() - reached, key=cid_text):
            self._fail(link, "belongs to nothing in the lineage")

    def _walk(self, roots: dict[Link, str], reached: set[Link]) -> Iterator[tuple[Link, str]]:
        """Every link from the roots on, once, with the words for its root."""
        for root, what in roots.items():
            pending = [root]
            while pending:
                link = pending.pop()
                if link in reached:
                    continue
                reached.add(link)
                yield link, what
                pending.extend(self._links.get(link, ()))

    def _fail(self, link: Link, what: str) -> None:
        self.findings.fail("blocks", f"block {link.digest.hex()} ({cid_text(link)}) {what}", digest=link.digest)
