"""Roots: one encoding for one document, and no bytes that harm the reader."""

from __future__ import annotations

import random
import tracemalloc

import dag_cbor
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from multiformats import CID

from anomalyhive.content.cid import Codec, Link, cid_text, digest_of
from anomalyhive.content.codec import ROOT_LIMIT, Document, decode, encode, links_in
from anomalyhive.content.scan import MOST_DEPTH, MOST_ITEMS
from anomalyhive.errors import BadInput, ContentCorrupt

LINKS = st.builds(Link, st.binary(min_size=32, max_size=32), st.sampled_from(list(Codec)))
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(1 << 63), (1 << 63) - 1),
    st.text(max_size=30),
    st.binary(max_size=300),
    LINKS,
)
DOCUMENTS = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=8), inner, max_size=5)
)

BOMBS = {
    "lists in lists, closed": b"\x81" * 5000 + b"\x00",
    "lists in lists, open": b"\x81" * 100_000,
    "maps in maps": b"\xa1\x61a" * 50_000 + b"\x00",
    "a list of 2^63 items": b"\x9b\x80" + bytes(7),
    "a map of 2^63 entries": b"\xbb\x80" + bytes(7),
    "bytes of 2^62": b"\x5b\x40" + bytes(7),
    "text of 2^32 - 1": b"\x7a\xff\xff\xff\xff",
    "many lists of declared length": b"\x9a\x00\x0f\xff\xff" * 1000,
    "a million zeros": b"\x9a\x00\x0f\x42\x40" + bytes(1_000_000),
    "a million empty maps": b"\x9a\x00\x0f\x00\x00" + b"\xa0" * 0xF0000,
    "links in a tag in a tag": b"\xd8\x2a" * 1000 + b"\x00",
    "over a MiB": b"\x5a\x00\x20\x00\x00" + bytes(1 << 21),
    "open length list": b"\x9f\x00\xff",
    "open length text": b"\x7f\x61a\xff",
}

FOREIGN = {
    "nothing": b"",
    "two values": b"\x00\x00",
    "float": b"\xfb\x3f\xf0\x00\x00\x00\x00\x00\x00",
    "float nan": b"\xfb\x7f\xf8\x00\x00\x00\x00\x00\x00",
    "half float": b"\xf9\x3c\x00",
    "undefined": b"\xf7",
    "simple value": b"\xe0",
    "number in a longer form": b"\x18\x17",
    "number in a longer form, 2 bytes": b"\x19\x00\xff",
    "number in a longer form, 4 bytes": b"\x1a\x00\x00\xff\xff",
    "number in a longer form, 8 bytes": b"\x1b\x00\x00\x00\x00\xff\xff\xff\xff",
    "length in a longer form": b"\x58\x01a",
    "2^63": b"\x1b\x80" + bytes(7),
    "-2^63 - 1": b"\x3b\x80" + bytes(7),
    "key that is a number": b"\xa1\x00\x00",
    "key that is bytes": b"\xa1\x41a\x00",
    "keys in another order": b"\xa2\x61b\x00\x61a\x00",
    "longer key first": b"\xa2\x62aa\x00\x61b\x00",
    "key twice": b"\xa2\x61a\x00\x61a\x00",
    "text that is not UTF-8": b"\x61\xff",
    "text that is half a surrogate": b"\x63\xed\xa0\x80",
    "key that is not UTF-8": b"\xa1\x61\xff\x00",
    "tag 1": b"\xc1\x00",
    "tag 42 on text": b"\xd8\x2a\x61a",
    "tag 42 on no bytes": b"\xd8\x2a\x40",
    "tag 42 in a longer form": b"\xd9\x00\x2a\x58\x25\x00\x01\x55\x12\x20" + bytes(32),
    "link without the zero byte": b"\xd8\x2a\x58\x24\x01\x55\x12\x20" + bytes(32),
    "link to dag-pb": b"\xd8\x2a\x58\x25\x00\x01\x70\x12\x20" + bytes(32),
    "link under sha2-512": b"\xd8\x2a\x58\x25\x00\x01\x55\x13\x20" + bytes(32),
    "link cut": b"\xd8\x2a\x58\x25\x00\x01\x55\x12\x20" + bytes(31),
    "CIDv0": b"\xd8\x2a\x58\x23\x00\x12\x20" + bytes(32),
    "head cut": b"\x19\x01",
    "list cut": b"\x82\x00",
    "text cut": b"\x62a",
}


@settings(deadline=None, derandomize=True, max_examples=300)
@given(DOCUMENTS)
def test_decode_gives_back_what_was_encoded(document: Document) -> None:
    assert decode(encode(document)) == document


@settings(deadline=None, derandomize=True, max_examples=300)
@given(DOCUMENTS)
def test_encode_is_what_dag_cbor_writes(document: Document) -> None:
    def as_cid(value: Document) -> object:
        if isinstance(value, Link):
            return CID.decode(cid_text(value))
        if isinstance(value, dict):
            return {key: as_cid(item) for key, item in value.items()}
        return [as_cid(item) for item in value] if isinstance(value, list) else value

    assert encode(document) == dag_cbor.encode(as_cid(document))  # type: ignore[arg-type] # built of IPLD kinds


def test_encode_does_not_depend_on_the_order_of_keys() -> None:
    assert encode({"b": 1, "aa": 2, "a": 3}) == encode({"a": 3, "aa": 2, "b": 1}) == b"\xa3aa\x03ab\x01baa\x02"


@settings(deadline=None, derandomize=True, max_examples=500)
@given(st.binary(max_size=60))
def test_decode_of_any_bytes_is_refused_or_canonical(block: bytes) -> None:
    try:
        document = decode(block)
    except ContentCorrupt:
        return
    assert encode(document) == block


def test_decode_of_mutated_roots_is_refused_or_canonical() -> None:
    """Bytes that are nearly right reach deeper than random ones."""
    draw = random.Random(5)
    link = Link(digest_of(b""), Codec.RAW)
    block = encode({"kind": "x", "list": [1, -70000, link, {"a": b"bytes", "b": None}], "text": "größe", "t": True})
    refused = 0
    for _ in range(20_000):
        mutated = bytearray(block)
        for _ in range(draw.randrange(1, 4)):
            place = draw.randrange(len(mutated))
            if draw.random() < 0.7:
                mutated[place] = draw.randrange(256)
            elif draw.random() < 0.5:
                del mutated[place]
            else:
                mutated.insert(place, draw.randrange(256))
        try:
            assert encode(decode(bytes(mutated))) == mutated
        except ContentCorrupt:
            refused += 1
    assert refused > 5000


@pytest.mark.parametrize("name", FOREIGN)
def test_decode_of_what_encode_never_writes_is_refused(name: str) -> None:
    for block in (FOREIGN[name], b"\x81" + FOREIGN[name], b"\xa1\x61k" + FOREIGN[name]):
        with pytest.raises(ContentCorrupt, match="not canonical dag-cbor"):
            decode(block)


def test_decode_names_the_digest_of_what_it_refuses() -> None:
    with pytest.raises(ContentCorrupt) as caught:
        decode(b"\xff")
    assert caught.value.digest == digest_of(b"\xff")


@pytest.mark.parametrize("name", BOMBS)
def test_decode_of_a_bomb_is_refused_in_little_memory(name: str) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(ContentCorrupt):
            decode(BOMBS[name])
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 4 << 20


def nested(levels: int) -> Document:
    document: Document = 0
    for _ in range(levels):
        document = [document]
    return document


def test_depth_is_allowed_to_the_limit_and_no_further() -> None:
    assert decode(encode(nested(MOST_DEPTH))) == nested(MOST_DEPTH)
    with pytest.raises(BadInput, match=f"{MOST_DEPTH} levels"):
        encode(nested(MOST_DEPTH + 1))
    with pytest.raises(ContentCorrupt, match=f"{MOST_DEPTH} levels"):
        decode(b"\x81" * (MOST_DEPTH + 1) + b"\x00")


def test_encode_of_endless_nesting_is_refused() -> None:
    loop: list[Document] = []
    loop.append(loop)
    with pytest.raises(BadInput, match="levels"):
        encode(loop)


def test_items_are_allowed_to_the_limit_and_no_further() -> None:
    document: Document = [0] * (MOST_ITEMS - 1)
    assert decode(encode(document)) == document
    with pytest.raises(BadInput, match=f"more than {MOST_ITEMS} values"):
        encode([0] * MOST_ITEMS)


def test_size_is_allowed_to_the_limit_and_no_further() -> None:
    assert len(encode(bytes(ROOT_LIMIT - 5))) == ROOT_LIMIT
    assert decode(encode(bytes(ROOT_LIMIT - 5))) == bytes(ROOT_LIMIT - 5)
    with pytest.raises(BadInput, match=str(ROOT_LIMIT)):
        encode(bytes(ROOT_LIMIT - 4))


@pytest.mark.parametrize(
    "value", [1.5, float("nan"), {1: 2}, {b"a": 1}, (1, 2), {1, 2}, bytearray(b"a"), 1 << 63, -(1 << 63) - 1, "\ud800"]
)
def test_encode_of_what_no_document_holds_is_refused(value: object) -> None:
    with pytest.raises(BadInput):
        encode({"field": value})  # type: ignore[dict-item] # what the test is about


def test_links_in_finds_all_in_order_of_the_bytes() -> None:
    links = [Link(digest_of(bytes([index])), list(Codec)[index % 2]) for index in range(4)]
    block = encode({"bb": links[2], "a": [1, {"x": links[0]}, links[1]], "ccc": links[3]})
    assert links_in(block, Codec.DAG_CBOR) == links
    assert links_in(block, Codec.RAW) == []
