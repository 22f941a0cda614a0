"""Code on a chain against compiled code: immutables, metadata, and every other byte."""

from __future__ import annotations

import pytest

from anomalyhive.chain.artifacts import CONTRACTS
from anomalyhive.chain.bytecode import WORD, Compiled, compare, metadata_length, without_metadata, word
from anomalyhive.chain.create2 import addresses_of, immutables

METADATA = b"\xa2\x64ipfs\x58\x22\x12\x20" + bytes(range(32)) + b"\x64solc\x43\x00\x08\x1e\x00\x33"
RUNTIME = b"\x60\x80\x7f" + bytes(32) + b"\x5b\x7f" + bytes(32) + b"\x7f" + bytes(32) + METADATA
TOY = Compiled("Toy", b"\x5f\x5f\xfe" + RUNTIME, RUNTIME, {"a": [3, 69], "b": [37]}, [])
VALUES = {"a": b"\x11" * 32, "b": word("0x" + "22" * 20)}
CODE = TOY.filled(VALUES)

LARGEST_CODE, LARGEST_CREATION = 24_576, 49_152
"""Bytes, EIP-170 and EIP-3860."""


def test_compare_of_the_filled_code_holds_and_is_exact() -> None:
    assert compare(CODE, TOY, VALUES).faults == ()
    assert compare(CODE, TOY, VALUES).exact


def test_compare_with_any_other_byte_fails_unless_it_is_of_the_metadata() -> None:
    for at in range(len(CODE)):
        code = bytearray(CODE)
        code[at] ^= 1
        found = compare(bytes(code), TOY, VALUES)
        assert not found.exact
        assert bool(found.faults) is (at < len(CODE) - len(METADATA)), at


def test_compare_names_the_immutable_that_differs_in_all_or_in_one_of_its_places() -> None:
    assert compare(TOY.filled({**VALUES, "b": word(7)}), TOY, VALUES).faults == (
        f"immutable b is 7 instead of 0x{'22' * 20}",
    )
    code = CODE[:69] + b"\x12" * 32 + CODE[101:]
    assert compare(code, TOY, VALUES).faults == (f"immutable a is 0x{'12' * 32} instead of 0x{'11' * 32}",)


def test_compare_does_not_take_an_immutable_that_nobody_expects() -> None:
    assert compare(CODE, TOY, {"a": VALUES["a"]}).faults == ("immutable b: no value is expected",)


@pytest.mark.parametrize("code", [b"\x60", CODE[1:], b"\0" + CODE, CODE * 2])
def test_compare_with_code_of_another_length_fails(code: bytes) -> None:
    assert compare(code, TOY, VALUES).faults == (f"the code has {len(code)} bytes instead of {len(RUNTIME)}",)


def test_compare_without_code_says_so() -> None:
    assert compare(b"", TOY, VALUES).faults == ("there is no code",)


def test_metadata_are_left_out_of_creation_code_wherever_they_stand() -> None:
    other = METADATA.replace(bytes(range(32)), b"\x0a" * 32)
    assert without_metadata(b"\x01" + METADATA + b"\x02" + METADATA) == without_metadata(
        b"\x01" + METADATA + b"\x02" + other
    )
    assert without_metadata(b"\x01" + METADATA) != without_metadata(b"\x02" + METADATA)
    assert len(without_metadata(METADATA)) == len(METADATA)


@pytest.mark.parametrize("name", CONTRACTS)
def test_compiled_contract_has_its_runtime_in_its_creation_code_and_fits_a_chain(name: str) -> None:
    compiled = Compiled.of(name)
    assert compiled.creation.count(compiled.runtime) == 1
    assert 0 < len(compiled.runtime) <= LARGEST_CODE
    assert len(compiled.creation) <= LARGEST_CREATION
    assert metadata_length(compiled.runtime) == len(METADATA)


@pytest.mark.parametrize("name", CONTRACTS)
def test_immutables_of_a_compiled_contract_are_pushed_zeros_and_all_have_an_expected_value(name: str) -> None:
    compiled = Compiled.of(name)
    places = [place for all_places in compiled.immutables.values() for place in all_places]
    assert all(compiled.runtime[place - 1] == 0x7F for place in places)
    assert not any(any(compiled.runtime[place : place + WORD]) for place in places)
    addresses = addresses_of("0x" + "11" * 20, "0x" + "22" * 20)
    assert immutables(1, addresses, True)[name].keys() == compiled.immutables.keys()
