"""The bytes of a Zcash block from `getblock` with verbosity 2, of nodes that show `hex` and of those that do not."""

from __future__ import annotations

from typing import Any

from anomalyhive.errors import BadInput
from anomalyhive.ingestion.bitcoin.answers import amount, backwards, number, octets, part
from anomalyhive.ingestion.bitcoin.assemble import Assembled, header_start, parts_of
from anomalyhive.ingestion.bitcoin.cursor import compact_size
from anomalyhive.ingestion.zcash.transaction import JOINSPLIT_REST, KEY, PROOF, SIGNATURE


def assemble(answer: Any) -> Assembled:
    """The block of an answer. Raises BadInput naming the value.

    A transaction without `hex` is written from its fields. Of one with JoinSplits zcashd leaves out their key and
    signature; zeros stand for them, and its hash is the one that the node claims: the merkle root is over that hash,
    but that the amounts belong to it is not seen.
    """
    transactions = part(answer, "tx", list)
    commitments = "blockcommitments" if "blockcommitments" in answer else "finalsaplingroot"
    solution = octets(answer, "solution")
    pieces = [
        header_start(answer),
        backwards(answer, commitments),
        number(answer, "time"),
        octets(answer, "bits", 4)[::-1],
        backwards(answer, "nonce"),
        compact_size(len(solution)),
        solution,
        compact_size(len(transactions)),
    ]
    claimed = {}
    for place, one in enumerate(transactions):
        try:
            if isinstance(one, dict) and "hex" in one:
                pieces.append(octets(one, "hex"))
                continue
            pieces.append(_written(one))
            if one.get("vjoinsplit"):
                claimed[place] = octets(one, "txid", 32)
        except BadInput as error:
            raise BadInput(f"transaction {place}: {error}") from error
    return Assembled(b"".join(pieces), claimed)


def _written(one: Any) -> bytes:
    """A transaction of version 1 to 4 from its fields."""
    version = part(one, "version", int)
    overwintered = one.get("overwintered") is True
    if version not in ((3, 4) if overwintered else (1, 2)):
        raise BadInput(f"version {version} without 'hex' cannot be written: ask a node that serves blocks as bytes")
    pieces = [(version | overwintered << 31).to_bytes(4, "little")]
    if overwintered:
        pieces.append(octets(one, "versiongroupid", 4)[::-1])
    pieces += [parts_of(one), number(one, "locktime")]
    if overwintered:
        pieces.append(number(one, "expiryheight"))
    sapling = b""
    if version == 4:
        spends, outputs = part(one, "vShieldedSpend", list), part(one, "vShieldedOutput", list)
        pieces.append(amount(one, "valueBalance").to_bytes(8, "little", signed=True))
        pieces += [compact_size(len(spends)), *map(_spend, spends), compact_size(len(outputs)), *map(_output, outputs)]
        sapling = octets(one, "bindingSig", SIGNATURE) if spends or outputs else b""
    if version >= 2:
        joinsplits = part(one, "vjoinsplit", list)
        pieces += [compact_size(len(joinsplits)), *map(_joinsplit, joinsplits)]
        pieces.append(bytes(KEY + SIGNATURE) if joinsplits else b"")
    return b"".join([*pieces, sapling])


def _spend(one: Any) -> bytes:
    fields = b"".join(backwards(one, name) for name in ("cv", "anchor", "nullifier", "rk"))
    return fields + octets(one, "proof", 192) + octets(one, "spendAuthSig", 64)


def _output(one: Any) -> bytes:
    fields = b"".join(backwards(one, name) for name in ("cv", "cmu", "ephemeralKey"))
    return fields + octets(one, "encCiphertext", 580) + octets(one, "outCiphertext", 80) + octets(one, "proof", 192)


def _joinsplit(one: Any) -> bytes:
    """Its two amounts, then the rest in its length alone: the hash is claimed, so nothing is made of it."""
    amounts = (amount(one, name).to_bytes(8, "little", signed=True) for name in ("vpub_old", "vpub_new"))
    proof = octets(one, "proof")
    return b"".join(amounts) + bytes(JOINSPLIT_REST[True] - PROOF + len(proof))
