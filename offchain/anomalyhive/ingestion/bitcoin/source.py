"""Blocks of Bitcoin's family over JSON-RPC: whole, as bytes, from which everything else is recomputed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa

from anomalyhive.errors import BadInput, ChainFailure, Refused
from anomalyhive.ingestion.bitcoin.assemble import Assembled, assemble, disagreements
from anomalyhive.ingestion.bitcoin.decode import decode
from anomalyhive.ingestion.bitcoin.hashing import hash_of_text
from anomalyhive.ingestion.bitcoin.networks import Network, network_of
from anomalyhive.ingestion.bitcoin.schema import SCHEMAS
from anomalyhive.ingestion.block import Block, Unreadable
from anomalyhive.ingestion.transport import JsonRpc

MOST_GROUP = 32
"""Blocks that are asked for in one request at most."""

GROUP_BYTES = 4 << 20
"""Of blocks in one request, about: four full ones of today, in hex twice as many bytes."""

FORMS: tuple[Any, ...] = (0, False, 2)
"""The second parameter of `getblock`: bytes in hex, the same for nodes of before 2017, and parsed with `hex`."""


@dataclass(frozen=True)
class Family:
    """What differs between the chains whose nodes are asked in this way."""

    schemas: Mapping[str, pa.Schema]
    decode: Callable[[int, Assembled, Network], Block]
    assemble: Callable[[Any], Assembled]


def _decode(number: int, given: Assembled, network: Network) -> Block:
    return decode(number, given.raw, network)


BITCOIN_FAMILY = Family(SCHEMAS, _decode, assemble)


class NodeSource:
    """A `Source` over endpoints of bitcoind, btcd, zcashd, zebrad and their like.

    Raises BadSetting where the endpoints' first block is that of no network of the chain, ChainFailure.
    """

    def __init__(self, client: JsonRpc, chain: str, family: Family) -> None:
        self._client = client
        self._family = family
        self._form = 0
        self._group = 1
        self.network = network_of(chain, self.hash_of(0))
        self.chain_id: int | str | None = self.network.genesis

    @property
    def schemas(self) -> Mapping[str, pa.Schema]:
        """Those of the family."""
        return self._family.schemas

    def head(self) -> int:
        """The number of the last block."""
        height = self._client.call("getblockcount")
        if type(height) is not int or height < 0:
            raise ChainFailure(f"getblockcount is {str(height)[:80]!r}, no number: see what the endpoint is")
        return height

    def hash_of(self, number: int) -> bytes:
        """The hash of a block as the endpoints have it now."""
        try:
            return hash_of_text(self._client.call("getblockhash", [number]), f"getblockhash {number}")
        except BadInput as error:
            raise ChainFailure(f"{error}: see what the endpoint is") from error

    def blocks(self, numbers: range) -> Iterator[Block | Unreadable]:
        """The blocks with these numbers."""
        for some in self._client.ordered(self._fetch, self._groups(numbers)):
            yield from some

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _groups(self, numbers: range) -> Iterator[range]:
        at = 0
        while at < len(numbers):
            some = numbers[at : at + self._group]
            yield some
            at += len(some)

    def _fetch(self, numbers: range) -> list[Block | Unreadable]:
        """A few blocks, in two requests."""
        hashes = self._client.batch([("getblockhash", [number]) for number in numbers])
        answers = self._getblocks(hashes)
        blocks = [self._read(*one) for one in zip(numbers, hashes, answers, strict=True)]
        largest = max((len(block.raw) for block in blocks), default=0)
        self._group = max(1, min(MOST_GROUP, 2 * len(numbers), GROUP_BYTES // max(1, largest)))
        return blocks

    def _getblocks(self, hashes: list[Any]) -> list[Any]:
        """What the node has of blocks, in the first of the FORMS that it knows."""
        first: Refused | None = None
        for form in range(self._form, len(FORMS)):
            try:
                answers = self._client.batch([("getblock", [one, FORMS[form]]) for one in hashes])
            except Refused as error:
                first = first or error
            else:
                self._form = form
                return answers
        assert first is not None  # there is a form, and it was refused
        raise first

    def _read(self, number: int, digest: Any, answer: Any) -> Block | Unreadable:
        raw = b""
        try:
            asked = hash_of_text(digest, f"getblockhash {number}")
            given = Assembled(_unhex(answer)) if isinstance(answer, str) else self._family.assemble(answer)
            raw = given.raw
            block = self._family.decode(number, given, self.network)
        except BadInput as error:
            return Unreadable(number, f"value: {error}", raw or json.dumps(answer, default=str).encode())
        faults = list(block.faults)
        if block.hash != asked:
            faults.append(f"header hash: it is {block.hash.hex()}, {asked.hex()} was asked for")
        if isinstance(answer, dict):
            faults += disagreements(answer, block)
        return replace(block, faults=tuple(faults))


def _unhex(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError as error:
        raise BadInput(f"getblock is {text[:80]!r}, no hex") from error
