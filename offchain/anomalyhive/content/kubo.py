"""A store that is a Kubo daemon (the IPFS implementation in Go), reached over its RPC API.

Blocks are put as they are (``block/put``), so their CIDs are those of every other store. A root is pinned with all
that it links, which keeps the daemon's garbage collection away; a raw block is kept from then on. A block that
the daemon does not have is asked of its peers until the timeout.

ipfshttpclient 0.7 knows daemons up to 0.7 and refuses newer ones in ``connect``, although the calls used here
have not changed since; so the client is made without that check, and each CID that a daemon gives is checked instead.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Iterator

import ipfshttpclient
from ipfshttpclient import exceptions

from anomalyhive.content.cid import Codec, Link, check_digest, cid_text, digest_of, parse_cid
from anomalyhive.content.codec import links_in
from anomalyhive.content.store import check_size, verified
from anomalyhive.errors import BadInput, BadSetting, ContentFailure, ContentMissing, StoreUnusable

DEFAULT_ADDRESS = "/ip4/127.0.0.1/tcp/5001"
"""Where a daemon listens unless it is told otherwise (a multiaddr)."""

DEFAULT_TIMEOUT = 60.0
"""Seconds that a block may take to come from other peers."""

_CODEC_NAMES = {Codec.RAW: "raw", Codec.DAG_CBOR: "dag-cbor"}
_NOT_FOUND = ("not found", "could not find")


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
        try:
            # No session: its connection could not be shared between threads, and saves 0.3 ms a call.
            self._client = ipfshttpclient.Client(address, timeout=timeout)
        except exceptions.AddressError as error:
            raise BadSetting(f"{address!r} is no multiaddr of a daemon: write it as {DEFAULT_ADDRESS}") from error
        with self._answering("say its version"):
            self.version = str(self._client.version()["Version"])

    def put_raw(self, block: bytes) -> bytes:
        """Keep a raw block; see Store."""
        return self._put(block, Codec.RAW)

    def put_root(self, block: bytes) -> bytes:
        """Keep a dag-cbor block and pin all that it links; what it links must be there or with a peer."""
        digest = self._put(block, Codec.DAG_CBOR)
        name = cid_text(Link(digest, Codec.DAG_CBOR))
        with self._answering(f"pin {name} and what it links"):
            self._client.pin.add(name, recursive=True)
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
        """The block, from the daemon or its peers, hashed here once more."""
        name = cid_text(Link(check_digest(digest), codec))
        with self._answering(f"get {name}"):
            try:
                block = bytes(self._client.block.get(name))
            except exceptions.TimeoutError as error:
                where = f"Kubo at {self.address} nor with its peers within {self.timeout:g} s"
                raise ContentMissing(digest, where) from error
            except exceptions.ErrorResponse as error:
                if _is_absence(error):
                    raise ContentMissing(digest, f"Kubo at {self.address}") from error
                raise
        return verified(block, digest, codec)

    def digests(self) -> Iterator[Link]:
        """All blocks that pinned roots hold, by ascending CID; blocks that nothing pins may vanish any time."""
        with self._answering("list its pins"):
            pins = self._client.pin.ls(type="recursive")["Keys"]
        found: set[Link] = set()
        pending: list[Link] = []
        for name in pins:
            # A daemon may serve other programs, whose roots are of other codecs and kinds.
            with contextlib.suppress(BadInput):
                pending.append(parse_cid(name))
        while pending:
            link = pending.pop()
            if link in found:
                continue
            found.add(link)
            with contextlib.suppress(ContentFailure):
                block = b"" if link.codec is Codec.RAW else self.get(*link)
                pending.extend(links_in(block, link.codec))
        return iter(sorted(found, key=cid_text))

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

    @contextlib.contextmanager
    def _answering(self, action: str) -> Iterator[None]:
        """Turn errors of the client into StoreUnusable, which says what was asked of which daemon."""
        try:
            yield
        except exceptions.Error as error:
            raise StoreUnusable(
                f"Kubo at {self.address} did not {action}: {error}; is the daemon running (ipfs daemon)?"
            ) from error


def _is_absence(error: exceptions.ErrorResponse) -> bool:
    return any(phrase in str(error) for phrase in _NOT_FOUND)
