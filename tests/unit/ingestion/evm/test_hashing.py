"""Keccak, RLP and the trie in machine code against other implementations, and against what the main net says."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import rlp
from eth_utils.crypto import keccak

from anomalyhive.ingestion.evm.keccak import keccak as own_keccak
from anomalyhive.ingestion.evm.keccak import keccak_into
from anomalyhive.ingestion.evm.keccak_wide import WIDE, hash_items
from anomalyhive.ingestion.evm.rlp import encode
from anomalyhive.ingestion.evm.tokens import BARE, BYTES, LONG, QUANTITY, Tokens
from anomalyhive.ingestion.evm.trie import EMPTY_ROOT, ordered_root
from anomalyhive.ingestion.evm.values import Malformed

SEEDED = random.Random(5)


@pytest.mark.parametrize("length", [0, 1, 7, 8, 135, 136, 137, 271, 272, 273, 1000])
def test_keccak_into_agrees_with_another_implementation(length: int) -> None:
    data = bytearray(SEEDED.randbytes(length + 6))
    out = np.zeros(40, np.uint8)
    keccak_into(np.frombuffer(data, np.uint8), 3, 3 + length, out, 5)
    assert bytes(out[5:37]) == keccak(bytes(data[3 : 3 + length]))
    assert not out[:5].any()
    assert not out[37:].any()


@pytest.mark.parametrize("length", [0, 135, 136, 1000])
def test_keccak_of_bytes_agrees_with_another_implementation(length: int) -> None:
    data = SEEDED.randbytes(length)
    assert own_keccak(data) == keccak(data)


@pytest.mark.parametrize("count", [0, 1, 2, 3, WIDE - 1, WIDE, WIDE + 1, 60])
def test_hash_items_of_any_number_and_lengths_agrees_with_another_implementation(count: int) -> None:
    lengths = [SEEDED.choice([0, 1, 31, 135, 136, 137, 271, 272, 273, 700]) for _ in range(count)]
    items = [SEEDED.randbytes(length) for length in lengths]
    data = np.frombuffer(bytearray(b"before" + b"".join(items) + b"after"), np.uint8)
    places = 6 + np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    found = hash_items(data, places[:-1], places[1:])
    assert [bytes(one) for one in found] == [keccak(item) for item in items]


def test_hash_items_of_one_length_each_agrees_with_another_implementation() -> None:
    for length in range(0, 300, 17):
        items = [SEEDED.randbytes(length) for _ in range(WIDE)]
        places = np.arange(WIDE + 1) * length
        found = hash_items(np.frombuffer(bytearray(b"".join(items) + b"0"), np.uint8), places[:-1], places[1:])
        assert [bytes(one) for one in found] == [keccak(item) for item in items]


@pytest.mark.parametrize("size", [LONG // 2 - 2, LONG // 2 - 1, LONG // 2, 256, 1001])
def test_tokens_take_long_bytes_in_either_case(size: int) -> None:
    data = SEEDED.randbytes(size)
    tokens = Tokens()
    for text in (data.hex(), data.hex().upper()):
        tokens.put(BYTES, f"0x{text}")
        tokens.end()
    out, begins = tokens.encoded()
    assert [bytes(out[first:stop]) for first, stop in pairwise(begins)] == [encode(data)] * 2


@pytest.mark.parametrize("place", [0, 1, 63, 64, 300, 510, 511])
@pytest.mark.parametrize("character", ["g", "G", "/", ":", "@", "`", " ", "\x7f", "\x00"])
def test_tokens_name_long_bytes_with_one_character_beside_the_digits(place: int, character: str) -> None:
    text = "0x" + "a" * place + character + "0" * (511 - place)
    tokens = Tokens()
    tokens.put(BYTES, "0x" + "00" * 256)
    tokens.put(BYTES, text)
    tokens.end()
    with pytest.raises(Malformed, match="is not hexadecimal"):
        tokens.encoded()


@pytest.mark.parametrize("text", ["0x" + "0" * 511, "00" + "0" * 512, "0y" + "0" * 512])
def test_tokens_refuse_long_bytes_that_are_cut_or_have_no_prefix(text: str) -> None:
    tokens = Tokens()
    tokens.put(BYTES, text)
    tokens.end()
    with pytest.raises(Malformed):
        tokens.encoded()


@pytest.mark.parametrize("text", ["0x0g", "0xg0", "0x/0", "0x:0", "0x@0", "0x`0", "0x0G", "0x\x7f0", "0x 0", "0xg"])
@pytest.mark.parametrize("kind", [QUANTITY, BYTES])
def test_tokens_with_characters_beside_the_digits_raise_malformed(text: str, kind: int) -> None:
    tokens = Tokens()
    tokens.put(kind, text)
    tokens.end()
    with pytest.raises(Malformed):
        tokens.encoded()


ITEMS: list[Any] = [0, 1, 127, 128, 255, 256, 2**256 - 1, b"", b"\x00", b"\x7f", b"\x80", b"a" * 55, b"a" * 56]
ITEMS += [b"a" * 70_000, [], [[]], [1, [b"x", [2]], b""], [b"a" * 60, [b"b" * 60] * 9]]


@pytest.mark.parametrize("place", range(len(ITEMS)))
def test_encode_agrees_with_another_implementation(place: int) -> None:
    assert encode(ITEMS[place]) == rlp.encode(ITEMS[place])


def put(tokens: Tokens, item: Any) -> None:
    if isinstance(item, list):
        tokens.open()
        for one in item:
            put(tokens, one)
        tokens.close()
    elif isinstance(item, int):
        tokens.put(QUANTITY, hex(item))
    else:
        tokens.put(BYTES, f"0x{item.hex()}")


def test_tokens_agree_with_another_implementation_item_by_item() -> None:
    tokens = Tokens()
    for item in ITEMS:
        put(tokens, item)
        tokens.end()
    out, begins = tokens.encoded()
    encoded = [bytes(out[begins[n] : begins[n + 1]]) for n in range(len(ITEMS))]
    assert encoded == [rlp.encode(item) for item in ITEMS]


def test_tokens_take_padded_quantities_and_capital_digits_and_bare_bytes() -> None:
    tokens = Tokens()
    tokens.put(BARE, "0x02")
    tokens.put(QUANTITY, "0x000ABC")
    tokens.put(QUANTITY, "0x0")
    tokens.put(BYTES, "0xABCD")
    tokens.end()
    out, begins = tokens.encoded()
    assert bytes(out[begins[0] :]) == b"\x02\x82\x0a\xbc\x80\x82\xab\xcd"


@pytest.mark.parametrize("text", [None, 5, "", "0", "12", "0x0g", "0x_1", "0x１", "-0x1", " 0x1"])
@pytest.mark.parametrize("kind", [QUANTITY, BYTES])
def test_tokens_name_what_is_not_hexadecimal(kind: int, text: Any) -> None:
    tokens = Tokens()
    tokens.put(QUANTITY, "0x1")
    tokens.put(kind, text)
    tokens.end()
    with pytest.raises(Malformed, match="is not hexadecimal"):
        tokens.encoded()


def test_tokens_refuse_half_a_byte() -> None:
    tokens = Tokens()
    tokens.put(BYTES, "0x123")
    tokens.end()
    with pytest.raises(Malformed, match="'0x123' is not hexadecimal"):
        tokens.encoded()


def trie(items: Sequence[bytes]) -> bytes:
    """The root as appendix D of the Yellow Paper defines it, by recursion over dictionaries."""

    def compact(path: Sequence[int], leaf: bool) -> bytes:
        flag = 2 * leaf + len(path) % 2
        nibbles = [flag, *([] if len(path) % 2 else [0]), *path]
        return bytes(16 * nibbles[n] + nibbles[n + 1] for n in range(0, len(nibbles), 2))

    def node(held: dict[tuple[int, ...], bytes], depth: int) -> list[Any]:
        key = next(iter(held))
        if len(held) == 1:
            return [compact(key[depth:], True), held[key]]
        common = depth
        while len({one[common] for one in held}) == 1:
            common += 1
        below = [{k: v for k, v in held.items() if k[common] == nibble} for nibble in range(16)]
        branch = [*(reference(node(one, common + 1)) if one else b"" for one in below), b""]
        return branch if common == depth else [compact(key[depth:common], False), reference(branch)]

    def reference(made: list[Any]) -> Any:
        encoded = rlp.encode(made)
        return made if len(encoded) < 32 else keccak(encoded)

    held = {
        tuple(n for byte in rlp.encode(place) for n in (byte >> 4, byte & 15)): item for place, item in enumerate(items)
    }
    return keccak(rlp.encode(node(held, 0))) if held else EMPTY_ROOT


@pytest.mark.parametrize("longest", [1, 3, 40, 300])
@pytest.mark.parametrize("count", [0, 1, 2, 3, 15, 16, 17, 126, 127, 128, 129, 130, 255, 256, 257, 300, 1000])
def test_ordered_root_agrees_with_the_definition(count: int, longest: int) -> None:
    """Short items make nodes that are not hashed but stand in their parents."""
    items = [SEEDED.randbytes(SEEDED.randint(1, longest)) for _ in range(count)]
    assert ordered_root(items) == trie(items)


def test_ordered_root_of_too_many_items_is_refused() -> None:
    with pytest.raises(ValueError, match="65536"):
        ordered_root([b"x"] * 65_537)
