"""A store that is a Kubo daemon (the IPFS implementation in Go), reached over its RPC API.

Blocks are put as they are (``block/put``), so their CIDs are those of every other store. A root is pinned together
with the raw blocks that it links, which keeps the daemon's garbage collection away; the roots that it links are pinned
by who puts or keeps those. So no pin reaches from a model through its parents to genesis, and what a later model made
obsolete can be let go of, root by root (retention.py). A block that the daemon does not have is asked of its peers
until the timeout.

ipfshttpclient 0.7 knows daemons up to 0.7 and refuses newer ones in ``connect``, although the calls used here
have not changed since; so the client is made without that check, and each CID that a daemon gives is checked instead.
"""

from __future__ import annotations

import contextlib
import copy
import io
import warnings
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import ipfshttpclient
from ipfshttpclient import exceptions

from anomalyhive.content.cid import Codec, Link, check_digest, cid_text, digest_of, parse_cid
from anomalyhive.content.codec import links_in
from anomalyhive.content.store import check_size, verified
from anomalyhive.errors import BadInput, BadSetting, ContentCorrupt, ContentFailure, ContentMissing, StoreUnusable

DEFAULT_ADDRESS = "/ip4/127.0.0.1/tcp/5001"
"""Where a daemon listens unless it is told otherwise (a multiaddr)."""

DEFAULT_TIMEOUT = 60.0
"""Seconds that a block may take to come from other peers."""

GRACE_SECONDS = 3.0
"""What a daemon may take to say that it found nothing in time, beyond that time; then it is the daemon that hangs."""

AT_ONCE = 100
"""Pins in one call: their names make a URL of 6 kB."""

READERS = 8
"""Blocks that are read at the same time where many are."""

_CODEC_NAMES = {Codec.RAW: "raw", Codec.DAG_CBOR: "dag-cbor"}
_NOT_FOUND = ("not found", "could not find", "deadline exceeded")
_PINNED_DEEPER = "pinned recursively"
_NOT_PINNED = "not pinned"


class KuboStore:
    """Blocks in a Kubo daemon. A daemon tells blocks by digest alone, so ``has`` does not see the codec."""

    def __init__(self, address: str = DEFAULT_ADDRESS, *, timeout: float = DEFAULT_TIMEOUT) -> None:
        """Reach the daemon at a multiaddr; StoreUnusable when nobody answers there."""
        # The client sets an option of urllib3 that has no effect any more, at each request.
        warnings.filterwarnings(
            "ignore", message="The 'strict' parameter is no longer needed", category=FutureWarning, module="urllib3"
        )
        self.address = address
        self.timeout = timeout
        self._raw_links: dict[bytes, tuple[Link, ...]] = {}
        try:
            # No session: its connection could not be shared between threads, and saves 0.3 ms a call.
            self._client = ipfshttpclient.Client(address, timeout=timeout + GRACE_SECONDS)
        except exceptions.AddressError as error:
            raise BadSetting(f"{address!r} is no multiaddr of a daemon: write it as {DEFAULT_ADDRESS}") from error
        with self._answering("say its version"):
            self.version = str(self._client.version()["Version"])

    def within(self, seconds: float) -> KuboStore:
        """The same daemon, asked to give up on a block after this time."""
        view = copy.copy(self)
        view.timeout = seconds
        return view

    def put_raw(self, block: bytes) -> bytes:
        """Keep a raw block; see Store."""
        return self._put(block, Codec.RAW)

    def put_root(self, block: bytes) -> bytes:
        """Keep a dag-cbor block and pin it with the raw blocks that it links, which must be there or with a peer.

        What is no dag-cbor at all can be put and given, as evidence, but a daemon does not pin it: keep a CAR file.
        """
        digest = self._put(block, Codec.DAG_CBOR)
        own = _raw_links(block)
        if own is None:
            return digest
        self._raw_links[digest] = own
        self._pin([Link(digest, Codec.DAG_CBOR), *own])
        return digest

    def has(self, digest: bytes, codec: Codec) -> bool:
        """Whether the daemon itself has the block; its peers are not asked."""
        name = cid_text(Link(check_digest(digest), codec))
        with self._answering(f"look for {name}"):
            try:
                self._client.block.stat(name, opts={"offline": "true"})
            except exceptions.ErrorResponse as error:
                if _is_absence(error):
                    return False
                raise
        return True

    def get(self, digest: bytes, codec: Codec) -> bytes:
        """The block, from the daemon or its peers, hashed here once more.

        ContentMissing when the daemon has not found it in time; StoreUnusable when it does not answer at all.
        """
        name = cid_text(Link(check_digest(digest), codec))
        with self._answering(f"get {name}"):
            try:
                block = bytes(self._client.block.get(name, **self._in_time()))
            except exceptions.ErrorResponse as error:
                if _is_absence(error):
                    where = f"Kubo at {self.address} nor with its peers within {self.timeout:g} s"
                    raise ContentMissing(digest, where) from error
                raise
        return verified(block, digest, codec)

    def digests(self) -> Iterator[Link]:
        """All blocks that are pinned, and all that pins reach, by ascending CID; others may vanish any time."""
        found = self._pins("direct")
        pending = list(self._pins("recursive"))
        reached: set[Link] = set()
        while pending:
            link = pending.pop()
            if link in reached:
                continue
            reached.add(link)
            with contextlib.suppress(ContentFailure):
                block = b"" if link.codec is Codec.RAW else self.get(*link)
                pending.extend(links_in(block, link.codec))
        return iter(sorted(found | reached, key=cid_text))

    def kept(self) -> set[bytes]:
        """Digests of the roots that are pinned, by us or by whoever else uses the daemon."""
        pins = self._pins("direct") | self._pins("recursive")
        return {link.digest for link in pins if link.codec is Codec.DAG_CBOR}

    def keep(self, roots: Iterable[bytes]) -> None:
        """Pin roots with the raw blocks that they link, all of which are fetched where they are not here."""
        for root in roots:
            self._pin([Link(root, Codec.DAG_CBOR), *self._links_of(root)])

    def release(self, roots: Collection[bytes]) -> int:
        """Unpin roots, and those of their raw blocks that no other pinned root links; return the number of roots.

        What is not pinned is passed over, and so is what somebody pinned with all that it reaches.
        """
        direct = self._pins("direct")
        gone = {root for root in roots if Link(root, Codec.DAG_CBOR) in direct}
        own = {link for links in self._links_of_all(gone) for link in links} & direct
        # A root goes after its raw blocks: a kill in between leaves it pinned, and so is noticed the next time.
        self._unpin(sorted(own - self._needed(direct, gone)))
        self._unpin([Link(root, Codec.DAG_CBOR) for root in sorted(gone)])
        # Another process may have put a root in the meantime that shares a raw block.
        again = self._pins("direct")
        if again - direct:
            self._pin(sorted((own & self._needed(again, set())) - again))
        return len(gone)

    def providers(self, link: Link) -> list[str]:
        """Identities of the peers that say they have a block, this daemon among them, in ascending order.

        None where nobody was found in time; that a peer is not named does not mean that it has not the block.
        """
        name = cid_text(link)
        with self._answering(f"find who provides {name}"):
            try:
                # ipfshttpclient knows the call under its old name dht/findprovs, which Kubo has given up.
                said = self._client._client.request("/routing/findprovs", (name,), decoder="json", **self._in_time())
            except exceptions.ErrorResponse as error:
                if _is_absence(error):
                    return []
                raise
        found = {str(one["ID"]) for event in said for one in event.get("Responses") or ()}
        return sorted(found)

    def identity(self) -> str:
        """The daemon's own identity as a peer."""
        with self._answering("say who it is"):
            return str(self._client.id()["ID"])

    def _needed(self, pins: Collection[Link], gone: Collection[bytes]) -> set[Link]:
        """The raw blocks that pinned roots link, but for those that go."""
        staying = [link.digest for link in pins if link.codec is Codec.DAG_CBOR and link.digest not in gone]
        return {link for links in self._links_of_all(staying) for link in links}

    def _links_of_all(self, roots: Collection[bytes]) -> list[tuple[Link, ...]]:
        with ThreadPoolExecutor(READERS) as pool:
            return list(pool.map(self._links_of, roots))

    def _links_of(self, root: bytes) -> tuple[Link, ...]:
        """The raw blocks that a root links; a root is read once, since it never changes."""
        if root not in self._raw_links:
            self._raw_links[root] = _raw_links(self.get(root, Codec.DAG_CBOR)) or ()
        return self._raw_links[root]

    def _pins(self, how: str) -> set[Link]:
        """What is pinned ``direct`` or ``recursive``; what is no block of ours is passed over."""
        with self._answering("list its pins"):
            # A daemon without any gives no list of them.
            names = self._client.pin.ls(type=how).as_json().get("Keys") or ()
        found: set[Link] = set()
        for name in names:
            # A daemon may serve other programs, whose roots are of other codecs and kinds.
            with contextlib.suppress(BadInput):
                found.add(parse_cid(name))
        return found

    def _pin(self, links: Sequence[Link]) -> None:
        for some in _slices(links):
            with self._answering(f"pin {some[0]} and what it links"):
                try:
                    self._client.pin.add(*some, recursive=False, **self._in_time())
                except exceptions.ErrorResponse as error:
                    if _PINNED_DEEPER not in str(error):
                        raise
                    self._one_by_one(self._client.pin.add, some, _PINNED_DEEPER)

    def _unpin(self, links: Sequence[Link]) -> None:
        for some in _slices(links):
            with self._answering(f"unpin {some[0]}"):
                try:
                    self._client.pin.rm(*some, recursive=False)
                except exceptions.ErrorResponse as error:
                    if _NOT_PINNED not in str(error) and _PINNED_DEEPER not in str(error):
                        raise
                    self._one_by_one(self._client.pin.rm, some, _NOT_PINNED, _PINNED_DEEPER)

    def _put(self, block: bytes, codec: Codec) -> bytes:
        check_size(block, codec)
        digest = digest_of(block)
        due = cid_text(Link(digest, codec))
        options = {"cid-codec": _CODEC_NAMES[codec], "mhtype": "sha2-256", "pin": "false"}
        with self._answering(f"keep a block of {len(block)} bytes"):
            given = str(self._client.block.put(io.BytesIO(block), opts=options)["Key"])
        if given != due:
            raise StoreUnusable(f"Kubo {self.version} at {self.address} named block {due} {given}: update the daemon")
        return digest

    @staticmethod
    def _one_by_one(call: Callable[..., object], names: Sequence[str], *harmless: str) -> None:
        """Pin or unpin each of some blocks, of which one stands as it should already."""
        for name in names:
            try:
                call(name, recursive=False)
            except exceptions.ErrorResponse as error:
                if not any(phrase in str(error) for phrase in harmless):
                    raise

    def _in_time(self) -> dict[str, Any]:
        """Arguments of a call that looks for blocks: the daemon gives up first, and says so."""
        return {"opts": {"timeout": f"{max(1, round(self.timeout * 1000))}ms"}, "timeout": self.timeout + GRACE_SECONDS}

    @contextlib.contextmanager
    def _answering(self, action: str) -> Iterator[None]:
        """Turn errors of the client into StoreUnusable, which says what was asked of which daemon."""
        try:
            yield
        except exceptions.TimeoutError as error:
            raise StoreUnusable(
                f"Kubo at {self.address} did not {action}: it timed out after {self.timeout:g} s; does the daemon hang?"
            ) from error
        except exceptions.ConnectionError as error:
            # The client's own words are several lines about its connection pool.
            raise StoreUnusable(
                f"Kubo at {self.address} did not {action}: nobody answers there; start the daemon (ipfs daemon)"
            ) from error
        except exceptions.Error as error:
            raise StoreUnusable(f"Kubo at {self.address} did not {action}: {error}") from error


def _is_absence(error: exceptions.ErrorResponse) -> bool:
    return any(phrase in str(error) for phrase in _NOT_FOUND)


def _raw_links(block: bytes) -> tuple[Link, ...] | None:
    """The raw blocks that a root links, each once; None where it is no dag-cbor of ours."""
    try:
        found = links_in(block, Codec.DAG_CBOR)
    except ContentCorrupt:
        return None
    return tuple(dict.fromkeys(link for link in found if link.codec is Codec.RAW))


def _slices(links: Sequence[Link]) -> Iterator[list[str]]:
    """The names of blocks, as many at a time as one call takes."""
    for start in range(0, len(links), AT_ONCE):
        yield [cid_text(link) for link in links[start : start + AT_ONCE]]
