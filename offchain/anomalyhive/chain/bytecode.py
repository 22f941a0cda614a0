"""Code on a chain held against what the compiler made of the sources.

The compiler leaves zeros wherever the constructor fills in an immutable, and says where. It ends the code with
metadata, which nothing executes and which names the sources' hashes (Solidity documentation, "Contract metadata"):
where all else is equal, the code does the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from eth_abi.abi import encode

from anomalyhive.chain.artifacts import abi_type, artifact

WORD = 32
"""Bytes of an immutable in the code, whatever its type."""

METADATA_HASH = re.compile(rb"(?<=\xa2\x64ipfs\x58\x22)\x12\x20.{32}(?=\x64solc\x43)", re.DOTALL)
"""The hash in the metadata, as CBOR and multihash frame it; creation code has it once for each contract within."""


@dataclass(frozen=True)
class Compiled:
    """What the compiler made of a contract; ``immutables`` is name -> where its words begin in ``runtime``."""

    name: str
    creation: bytes
    runtime: bytes
    immutables: Mapping[str, Sequence[int]]
    constructor: Sequence[str]

    @classmethod
    @cache
    def of(cls, name: str) -> Compiled:
        """A contract of the package."""
        made = artifact(name)
        return cls(
            name=name,
            creation=_bytes(made["bytecode"]),
            runtime=_bytes(made["deployedBytecode"]),
            immutables=made["immutables"],
            constructor=[
                abi_type(one) for entry in made["abi"] if entry["type"] == "constructor" for one in entry["inputs"]
            ],
        )

    def called_with(self, *arguments: Any) -> bytes:
        """The creation code with the constructor's arguments after it, as a transaction has it."""
        return self.creation + encode(self.constructor, arguments)

    def filled(self, values: Mapping[str, bytes]) -> bytes:
        """The runtime code with these immutables in their places."""
        code = bytearray(self.runtime)
        for name, places in self.immutables.items():
            for place in places:
                code[place : place + WORD] = values[name]
        return bytes(code)

    def immutable(self, code: bytes, name: str) -> bytes:
        """The word of an immutable in code of this length; any of its places says the same, or `compare` complains."""
        place = self.immutables[name][0]
        return code[place : place + WORD]


@dataclass(frozen=True)
class Comparison:
    """How code on a chain differs from the compiled one: ``faults`` in words, none if it does the same.

    ``exact`` is whether the metadata are the same too.
    """

    faults: tuple[str, ...]
    exact: bool = False


def compare(code: bytes, compiled: Compiled, values: Mapping[str, bytes]) -> Comparison:
    """Hold code on a chain against compiled code with these values of its immutables."""
    if not code:
        return Comparison(("there is no code",))
    if len(code) != len(compiled.runtime):
        return Comparison((f"the code has {len(code)} bytes instead of {len(compiled.runtime)}",))
    faults = [f"immutable {name}: no value is expected" for name in sorted(compiled.immutables.keys() - values.keys())]
    known = {name: values.get(name, compiled.immutable(code, name)) for name in compiled.immutables}
    expected = compiled.filled(known)
    rest = bytearray(code)
    for name, places in sorted(compiled.immutables.items()):
        wrong = [place for place in places if code[place : place + WORD] != known[name]]
        if wrong:
            found = code[wrong[0] : wrong[0] + WORD]
            faults.append(f"immutable {name} is {_number(found)} instead of {_number(known[name])}")
        for place in places:
            rest[place : place + WORD] = known[name]
    end = len(code) - metadata_length(compiled.runtime)
    differing = [at for at in range(end) if rest[at] != expected[at]]
    if differing:
        at = differing[0]
        faults.append(
            f"{len(differing)} bytes of the code differ, "
            f"the first at {at}: 0x{rest[at]:02x} instead of 0x{expected[at]:02x}"
        )
    return Comparison(tuple(faults), not faults and code == expected)


def metadata_length(code: bytes) -> int:
    """Bytes of the metadata at the end of code, with the two that tell their length."""
    return min(int.from_bytes(code[-2:], "big") + 2, len(code))


def without_metadata(code: bytes) -> bytes:
    """Creation code with zeros for the metadata hashes of all contracts within."""
    return METADATA_HASH.sub(bytes(34), code)


def word(value: str | int | bool) -> bytes:
    """A value as an immutable has it: an address or a number, in 32 bytes."""
    number = int(value, 16) if isinstance(value, str) else int(value)
    return number.to_bytes(WORD, "big")


def _number(value: bytes) -> str:
    """A word for a person: addresses and small numbers without their leading zeros."""
    if not any(value[:12]):
        number = int.from_bytes(value, "big")
        return str(number) if number < 1 << 32 else "0x" + value[12:].hex()
    return "0x" + value.hex()


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))
