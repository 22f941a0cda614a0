"""What is read in machine code is what the ordinary decoder makes of the same answers, or nothing."""

from __future__ import annotations

import json
import random
from typing import Any

import numpy as np
import pytest

from anomalyhive.ingestion.block import Block
from anomalyhive.ingestion.evm.decode import decode
from anomalyhive.ingestion.evm.plain import plain_blocks
from anomalyhive.ingestion.evm.scan import LIST, MAP, NULL, Nodes, scan

from ..recordings import Recording
from .conftest import LENGTH

Forks = tuple[Recording, Recording]


def body_of(answers: list[Any]) -> bytes:
    given = [{"jsonrpc": "2.0", "id": place, "result": one} for place, one in enumerate(answers)]
    return json.dumps(given, separators=(",", ":")).encode()


def answers_of(recording: Recording, numbers: range) -> list[Any]:
    asked = [
        [recording("eth_getBlockByNumber", [hex(n)]), recording("eth_getBlockReceipts", [hex(n)])] for n in numbers
    ]
    return [one for pair in asked for one in pair]


def read(body: bytes, count: int) -> list[Block] | None:
    return plain_blocks(body, range(count))


def ordinary(answers: list[Any]) -> list[Any]:
    pairs = zip(answers[::2], answers[1::2], strict=True)
    return [decode(n, block, receipts) for n, (block, receipts) in enumerate(pairs)]


def assert_same(found: list[Block], expected: list[Any]) -> None:
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        assert isinstance(other, Block)
        assert not other.faults
        assert (one.number, one.hash, one.parent_hash) == (other.number, other.hash, other.parent_hash)
        assert one.rows.keys() == other.rows.keys()
        for name, rows in other.rows.items():
            assert one.rows[name].equals(rows), name  # type: ignore[union-attr]  # batches
            assert one.rows[name].schema == rows.schema  # type: ignore[union-attr]


def test_plain_answers_of_a_live_chain_give_the_rows_of_the_ordinary_decoder(forks: Forks) -> None:
    answers = answers_of(forks[0], range(LENGTH))
    found = read(body_of(answers), len(answers))
    assert found is not None
    assert sum(len(one.rows["token_transfers"]) for one in found) == 2
    assert_same(found, ordinary(answers))


def test_order_of_answers_and_blanks_make_no_difference(forks: Forks) -> None:
    answers = answers_of(forks[0], range(6))
    given = [{"id": place, "result": one} for place, one in enumerate(answers)]
    random.Random(0).shuffle(given)
    found = read(json.dumps(given).encode() + b"\n", len(answers))
    assert found is not None
    assert_same(found, ordinary(answers))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b"null",
        b'[{"id":0,"result":null},{"id":1,"result":[]}]',
        b'[{"id":0,"result":{}},{"id":1,"result":[]}]',
        b'[{"id":0,"error":{"code":1}},{"id":1,"result":[]}]',
        b'[{"id":0,"result":{"transactions":[]}},{"id":1,"result":[]}]',
        b'[{"id":0,"result":{"transactions":[1]}},{"id":1,"result":[{}]}]',
        b"[" * 100_000 + b"]" * 100_000,
    ],
)
def test_answers_that_are_no_blocks_are_not_read(body: bytes) -> None:
    assert read(body, 2) is None


VALUES = (None, "", "0x", "0x0", "0x1", "1", 1, True, [], {}, ["0x"], "0x" + "f" * 64, "0xA" * 22, "0x" + "g" * 40)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in an answer that holds a value of its own."""
    if isinstance(value, dict):
        return [path, *(found for name, one in value.items() for found in places(one, (*path, name)))]
    if isinstance(value, list):
        return [path, *(found for at, one in enumerate(value) for found in places(one, (*path, at)))]
    return [path]


def changed(answers: list[Any], path: tuple[Any, ...], value: Any) -> list[Any]:
    made = json.loads(json.dumps(answers))
    held = made
    for step in path[:-1]:
        held = held[step]
    held[path[-1]] = value
    return made


def test_answers_with_one_value_changed_are_not_read_or_read_as_the_ordinary_decoder_reads_them(forks: Forks) -> None:
    answers = answers_of(forks[0], range(1, 6))
    draws, not_read = random.Random(7), 0
    paths = [path for path in places(answers) if path]
    for path in paths:
        given = changed(answers, path, draws.choice(VALUES))
        found = read(body_of(given), len(answers))
        not_read += found is None
        if found is not None:
            assert_same(found, ordinary(given))
    assert 0 < not_read < len(paths)


def test_bytes_flipped_are_not_read_or_read_as_the_ordinary_decoder_reads_them(forks: Forks) -> None:
    answers = answers_of(forks[0], range(1, 4))
    body, draws = body_of(answers), random.Random(11)
    for _ in range(1500):
        given = bytearray(body)
        given[draws.randrange(len(given))] = draws.choice(b'0123456789abcdefABCDEFgxX{}[]",: \\\x00\xff')
        found = read(bytes(given), len(answers))
        if found is not None:
            parsed = {one["id"]: one["result"] for one in json.loads(given)}
            assert_same(found, ordinary([parsed[place] for place in range(len(answers))]))


def test_cut_answers_are_not_read(forks: Forks) -> None:
    body = body_of(answers_of(forks[0], range(1, 3)))
    assert all(read(body[:stop], 4) is None for stop in range(0, len(body), 97))


def nodes_of(text: bytes) -> Nodes | None:
    return scan(np.frombuffer(bytearray(text + bytes(-len(text) % 8)), np.uint8), len(text))


def inside(nodes: Nodes, node: int) -> list[int]:
    """The nodes right inside of a list or map."""
    found, at = [], node + 1
    while at < nodes.nexts[node]:
        found.append(at)
        at = int(nodes.nexts[at])
    return found


def value_of(nodes: Nodes, node: int) -> Any:
    if nodes.kinds[node] == MAP:
        held = inside(nodes, node)
        return {nodes.text(name): value_of(nodes, one) for name, one in zip(held[::2], held[1::2], strict=True)}
    if nodes.kinds[node] == LIST:
        return [value_of(nodes, one) for one in inside(nodes, node)]
    return None if nodes.kinds[node] == NULL else nodes.text(node)


def drawn(draws: random.Random, depth: int = 4) -> Any:
    kind = draws.randrange(5 if depth else 3)
    if kind == 0:
        return None
    if kind < 3:
        return "".join(draws.choice("0x a{}[],:") for _ in range(draws.randrange(30)))
    if kind == 3:
        return [drawn(draws, depth - 1) for _ in range(draws.randrange(5))]
    return {f"n{at}": drawn(draws, depth - 1) for at in range(draws.randrange(5))}


def test_scan_of_json_holds_what_pythons_parser_finds() -> None:
    draws = random.Random(3)
    for _ in range(500):
        value = drawn(draws)
        nodes = nodes_of(json.dumps(value, separators=((",", ":") if draws.randrange(2) else (", ", ": "))).encode())
        assert nodes is not None
        assert value_of(nodes, 0) == value


@pytest.mark.parametrize(
    "text",
    [
        *(b"[1,]", b"[,1]", b"{,}", b'{"a"}', b'{"a":}', b'{"a":1,}', b'{"a" 1}', b"[1 2]", b"[}", b"{]", b"]", b'"a'),
        *(b"nul", b"nulll", b"tru", b"True", b"NaN", b"1.5", b"-1", b"1e3", b"01", b"1 1", b'"\\u0041"', b'"\xc3\xa9"'),
        *(b"{1:2}", b'{"a":1}}', b"[[]", b"[] []", b'["a""b"]', b'"\t"', b"[1\x00]", b"1" * 19),
    ],
)
def test_scan_of_what_is_no_plain_json_gives_none(text: bytes) -> None:
    assert nodes_of(text) is None


@pytest.mark.parametrize(
    "text", [b"0", b"12", b"true", b"false", b"null", b"[]", b"{}", b'""', b' [ 1 , {"a" : [ ] } ] ']
)
def test_scan_of_plain_json_gives_nodes(text: bytes) -> None:
    assert nodes_of(text) is not None


@pytest.mark.parametrize(("item", "read"), [(b'"abcdefghijklmno"', True), (b'"a"', True), (b"1", False)])
def test_scan_of_many_short_values_is_read_up_to_a_node_for_four_bytes(item: bytes, read: bool) -> None:
    nodes = nodes_of(b"[" + b",".join([item] * 1000) + b"]")
    assert (nodes is not None) == read
    assert nodes is None or len(inside(nodes, 0)) == 1000
