"""RLP read back: what is encoded comes out as it was, and everything else is refused."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anomalyhive.ingestion.evm.rlp import DEEPEST, Item, decode, decode_many, encode, items, number, octets
from anomalyhive.ingestion.evm.values import Malformed

ITEMS = st.recursive(st.binary(max_size=80), lambda inner: st.lists(inner, max_size=6), max_leaves=20)


@settings(deadline=None, derandomize=True, max_examples=300)
@given(ITEMS)
def test_decode_gives_back_what_was_encoded(item: Item) -> None:
    assert decode(encode(item)) == item


@settings(deadline=None, derandomize=True, max_examples=500)
@given(st.binary(max_size=70))
def test_decode_of_any_bytes_is_refused_or_the_one_encoding(data: bytes) -> None:
    try:
        item = decode(data)
    except Malformed:
        return
    assert encode(item) == data


def test_decode_of_what_is_nearly_right_is_refused_or_the_one_encoding() -> None:
    chance = random.Random(4)
    whole = encode([b"", b"\x01", b"\x80", bytes(60), [b"a", [bytes(300)]], [[]]])
    refused = 0
    for _ in range(5000):
        mutated = bytearray(whole)
        for _ in range(chance.randrange(1, 4)):
            mutated[chance.randrange(len(mutated))] = chance.randrange(256)
        try:
            assert encode(decode(bytes(mutated))) == mutated
        except Malformed:
            refused += 1
    assert refused > 300


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "should begin"),
        (b"\x81\x01", "needs none"),
        (b"\x82a", "longer than what holds it"),
        (b"\xb8\x01a", "shortest form"),
        (b"\xb9\x00\x40" + bytes(64), "shortest form"),
        (b"\xb8", "shortest form"),
        (b"ab", "follow the item"),
        (b"\xc1\x82", "longer than what holds it"),
        (b"\xbf" + b"\xff" * 8, "longer than what holds it"),
    ],
)
def test_decode_of_what_encode_never_writes_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(Malformed, match=words):
        decode(data)


def test_decode_nests_to_the_limit_and_no_further() -> None:
    item: Item = b"x"
    for _ in range(DEEPEST):
        item = [item]
    assert decode(encode(item)) == item
    with pytest.raises(Malformed, match="nests deeper"):
        decode(encode([item]))
    with pytest.raises(Malformed, match="nests deeper"):
        decode(encode([[[item]]]))


def test_decode_many_gives_items_with_their_lengths() -> None:
    listed: list[Item] = [b"", [b"a", b"b"], bytes(100)]
    encoded = [encode(one) for one in listed]
    assert list(decode_many(b"".join(encoded))) == [(one, len(data)) for one, data in zip(listed, encoded, strict=True)]
    assert list(decode_many(b"")) == []


def test_parts_of_another_shape_are_refused_by_name() -> None:
    assert (number(b"", "n"), number(b"\x01\x00", "n")) == (0, 256)
    for wrong in (b"\0", b"\x01" * 33, [b"\x01"]):
        with pytest.raises(Malformed, match="n is no number"):
            number(wrong, "n")
    with pytest.raises(Malformed, match="n is not 3 bytes"):
        octets(b"ab", "n", 3)
    with pytest.raises(Malformed, match="n is no list of 2 items"):
        items([b"a"], "n", 2)
