"""The frame of every root: a map with its kind, version 1, and exactly the keys of that kind."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping

from anomalyhive.content.cid import Codec, Link
from anomalyhive.content.codec import Document, decode, encode
from anomalyhive.content.store import Store
from anomalyhive.errors import BadInput, ContentCorrupt

VERSION = 1


def publish_root(store: Store, kind: str, fields: Mapping[str, Document]) -> bytes:
    """Put the root of a kind with these fields; return its digest."""
    return store.put_root(encode({"kind": kind, "version": VERSION, **fields}))


def kind_of(block: bytes) -> str:
    """The kind that a root says it is; ContentCorrupt when it is no root."""
    document = decode(block)
    kind = document.get("kind") if isinstance(document, dict) else None
    return kind if isinstance(kind, str) else "none"


def root_link(digest: bytes | None) -> Link | None:
    """A digest of a root as the link that stands for it; None stays None."""
    return None if digest is None else Link(digest, Codec.DAG_CBOR)


class Fields:
    """The fields of one root, taken out by type. Every method raises BadInput, which names the field."""

    def __init__(self, values: dict[str, Document]) -> None:
        self._values = values

    def __contains__(self, key: str) -> bool:
        """Whether an optional field is there."""
        return key in self._values

    def raw(self, key: str) -> Document:
        """A field as it is."""
        return self._values[key]

    def integer(self, key: str) -> int:
        """An integer."""
        value = self._values[key]
        if isinstance(value, bool) or not isinstance(value, int):
            raise BadInput(f"{key} is {str(value)[:80]}, not an integer")
        return value

    def text(self, key: str) -> str:
        """A text."""
        value = self._values[key]
        if not isinstance(value, str):
            raise BadInput(f"{key} is {str(value)[:80]}, not a text")
        return value

    def octets(self, key: str) -> bytes:
        """A byte string."""
        value = self._values[key]
        if not isinstance(value, bytes):
            raise BadInput(f"{key} is {str(value)[:80]}, not a byte string")
        return value

    def items(self, key: str) -> list[Document]:
        """A list."""
        value = self._values[key]
        if not isinstance(value, list):
            raise BadInput(f"{key} is {str(value)[:80]}, not a list")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts."""
        values = self.items(key)
        taken = tuple(value for value in values if isinstance(value, str))
        if len(taken) != len(values):
            raise BadInput(f"{key} holds something that is not a text")
        return taken

    def table(self, key: str) -> dict[str, Document]:
        """A map."""
        value = self._values[key]
        if not isinstance(value, dict):
            raise BadInput(f"{key} is {str(value)[:80]}, not a map")
        return value

    def optional_texts(self, key: str) -> tuple[str, ...]:
        """A list of texts, empty where there is no such field: an empty list would be a second way to say so."""
        if key not in self._values:
            return ()
        if not self.items(key):
            raise BadInput(f"{key} is an empty list, which is said by leaving it out")
        return self.texts(key)

    def integers(self, key: str) -> dict[str, int]:
        """A map from texts to integers."""
        table = Fields(self.table(key))
        return {name: table.integer(name) for name in self.table(key)}

    def root(self, key: str) -> bytes:
        """The digest of the root that is linked."""
        return root_digest(key, self._values[key])

    def root_or_none(self, key: str) -> bytes | None:
        """The digest of the root that is linked, or None for null."""
        return None if self._values[key] is None else self.root(key)


def root_digest(name: str, value: Document) -> bytes:
    """The digest behind a link; BadInput unless ``value`` is a link to a root."""
    if not isinstance(value, Link) or value.codec is not Codec.DAG_CBOR:
        raise BadInput(f"{name} is {str(value)[:80]}, not a link to a root")
    return value.digest


def exact_keys(
    name: str, value: Document, keys: frozenset[str], optional: frozenset[str] = frozenset()
) -> dict[str, Document]:
    """A map of exactly these keys, and maybe the optional ones; BadInput names what is missing or unknown."""
    if not isinstance(value, dict):
        raise BadInput(f"{name} is not a map")
    missing, unknown = sorted(keys - value.keys()), sorted(value.keys() - keys - optional)
    if missing or unknown:
        shown = [key[:40] for key in unknown[:5]]
        raise BadInput(f"{name} lacks the keys {missing} and has the unknown keys {shown}")
    return value


@contextlib.contextmanager
def opened_root(
    store: Store, digest: bytes, kind: str, keys: frozenset[str], optional: frozenset[str] = frozenset()
) -> Iterator[Fields]:
    """The fields of a root of that kind. What its reader refuses becomes ContentCorrupt of the root."""
    block = store.get(digest, Codec.DAG_CBOR)
    try:
        document = decode(block)
        if not isinstance(document, dict) or document.get("kind") != kind:
            raise BadInput(f"its root is not of kind {kind}")
        fields = Fields(exact_keys("its root", document, keys | {"kind", "version"}, optional))
        if (version := fields.integer("version")) != VERSION:
            raise BadInput(f"version {version} is not {VERSION}, the only one known here")
        yield fields
    except BadInput as error:
        raise ContentCorrupt(digest, f"{kind}: {error}") from error
