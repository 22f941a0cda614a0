"""How a result names things: digests with their CIDs, and large numbers as texts, so that any reader is exact."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from anomalyhive.chain.views import ZERO_DIGEST
from anomalyhive.content.cid import Codec, Link, cid_text

EXACT = (1 << 53) - 1
"""Largest integer that every reader of JSON knows exactly (RFC 8259, section 6)."""

QUALITY_DIGITS = 6
"""Decimals of a quality: a text, because two programs may write the same binary fraction differently."""


def root_name(digest: bytes) -> dict[str, str] | None:
    """Digest and CID of a root; None for the digest of nothing."""
    if digest == ZERO_DIGEST:
        return None
    return {"digest": digest.hex(), "cid": cid_text(Link(digest, Codec.DAG_CBOR))}


def quality_text(value: float | None) -> str | None:
    """A quality from 0 to 1 with six decimals; None where there is none."""
    return None if value is None else f"{value:.{QUALITY_DIGITS}f}"


def exact(value: Any) -> Any:
    """The same value as every reader of JSON reads it: a decimal text for an integer that some would round.

    Half of a character, which no encoding of text has and a file's name may, becomes its code.
    """
    if isinstance(value, Mapping):
        return {str(key): exact(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [exact(one) for one in value]
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    return str(value) if isinstance(value, int) and abs(value) > EXACT else value
