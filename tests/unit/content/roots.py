"""Roots as maps, and maps as roots, whatever a kind would say of them."""

from __future__ import annotations

from typing import Any

from anomalyhive.content import Codec, DirectoryStore
from anomalyhive.content.codec import Document, decode, encode


def root_of(store: DirectoryStore, digest: bytes) -> dict[str, Any]:
    document = decode(store.get(digest, Codec.DAG_CBOR))
    assert isinstance(document, dict)
    return document


def put(store: DirectoryStore, document: Document) -> bytes:
    return store.put_root(encode(document))
