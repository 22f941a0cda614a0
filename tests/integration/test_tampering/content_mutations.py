"""What somebody may do to the content of an export, as a file and as roots and blocks."""

from __future__ import annotations

import random
from dataclasses import replace

from multiformats import varint

from anomalyhive.audit.export.records import Record, Sealed
from anomalyhive.content.cid import Codec, Link
from anomalyhive.content.codec import Document, encode
from anomalyhive.content.kinds import Update
from anomalyhive.content.walk import walk_among
from test_tampering.exports import Parts
from test_tampering.original import Original

# The file


def flip_a_byte(one: Original, chance: random.Random) -> bytes:
    at = chance.randrange(len(one.raw))
    return one.raw[:at] + bytes([one.raw[at] ^ chance.randrange(1, 256)]) + one.raw[at + 1 :]


def cut_off(one: Original, chance: random.Random) -> bytes:
    return one.raw[: chance.randrange(len(one.raw))]


def append_garbage(one: Original, chance: random.Random) -> bytes:
    return one.raw + chance.choice([b"\0", chance.randbytes(chance.randrange(1, 200)), one.raw])


def sections(raw: bytes) -> list[bytes]:
    """Header and blocks as they stand in the file, each with its length."""
    found, at = [], 0
    while at < len(raw):
        length, taken, _ = varint.decode_raw(raw[at : at + 8])
        found.append(raw[at : at + taken + length])
        at += taken + length
    return found


def exchange_blocks(one: Original, chance: random.Random) -> bytes:
    listed = sections(one.raw)
    first, second = chance.sample(range(1, len(listed)), 2)
    listed[first], listed[second] = listed[second], listed[first]
    return b"".join(listed)


def leave_out_a_block(one: Original, chance: random.Random) -> bytes:
    listed = sections(one.raw)
    del listed[chance.randrange(1, len(listed))]
    return b"".join(listed)


def repeat_a_block(one: Original, chance: random.Random) -> bytes:
    listed = sections(one.raw)
    listed.insert(chance.randrange(1, len(listed) + 1), chance.choice(listed[1:]))
    return b"".join(listed)


def add_a_stranger(one: Original, chance: random.Random) -> bytes:
    stranger = Parts(one.parts.root, {})
    stranger.put_raw(chance.randbytes(40))
    ((link, block),) = stranger.blocks.items()
    data = bytes((1, link.codec, 0x12, 32)) + link.digest + block
    listed = sections(one.raw)
    listed.insert(chance.randrange(1, len(listed) + 1), varint.encode(len(data)) + data)
    return b"".join(listed)


def change_the_roots(one: Original, chance: random.Random) -> bytes:
    others = sorted(link for link in one.parts.blocks if link.codec is Codec.DAG_CBOR and link != one.parts.root)
    roots = chance.choice([[], [chance.choice(others)], [one.parts.root, chance.choice(others)], [one.parts.root] * 2])
    header = encode({"roots": list[Document](roots), "version": chance.choice([1, 1, 1, 2])})
    return b"".join([varint.encode(len(header)) + header, *sections(one.raw)[1:]])


# Roots and raw blocks, encoded validly and linked anew


def change_a_field(one: Original, chance: random.Random) -> Parts:
    link = chance.choice(sorted(link for link in one.parts.blocks if link.codec is Codec.DAG_CBOR))
    return one.parts.replaced(link, encode(changed(one.parts.document(link), chance, one.parts)))


def change_a_field_of_the_root(one: Original, chance: random.Random) -> Parts:
    return one.parts.replaced(one.parts.root, encode(changed(one.parts.document(one.parts.root), chance, one.parts)))


def changed(value: Document, chance: random.Random, parts: Parts) -> Document:
    """A value of the same type, in one place another."""
    if isinstance(value, dict) and value:
        key = chance.choice(sorted(value))
        return {**value, key: changed(value[key], chance, parts)}
    if isinstance(value, list) and value and chance.random() < 0.7:
        at = chance.randrange(len(value))
        return [*value[:at], changed(value[at], chance, parts), *value[at + 1 :]]
    if isinstance(value, list):
        at = chance.randrange(len(value) + 1)
        return chance.choice(
            [value[:at] + value[at + 1 :], [*value[:at], *value[at : at + 1], *value[at:]], value[::-1]]
        )
    if isinstance(value, Link):
        return chance.choice(sorted(link for link in parts.blocks if link.codec is value.codec))
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + chance.choice([-1, 1, 7])
    if isinstance(value, str):
        return chance.choice([value + "x", value[1:], value.upper()])
    if isinstance(value, bytes):
        if not value:
            return b"\1"
        at = chance.randrange(len(value))
        return value[:at] + bytes([value[at] ^ 1 << chance.randrange(8)]) + value[at + 1 :]
    return chance.choice([None, 0, "x"])


def change_a_raw_block(one: Original, chance: random.Random) -> Parts:
    link = chance.choice(sorted(link for link in one.parts.blocks if link.codec is Codec.RAW))
    block = changed(one.parts.blocks[link], chance, one.parts)
    assert isinstance(block, bytes)
    return one.parts.replaced(link, block)


def change_the_code(one: Original, chance: random.Random) -> Parts:
    """Anywhere, also where nothing is executed."""
    code = one.parts.document(one.parts.root)["code"]
    assert isinstance(code, dict)
    entry = code[chance.choice(sorted(code))]
    assert isinstance(entry, dict)
    link = entry["code"]
    assert isinstance(link, Link)
    block = one.parts.blocks[link]
    at = chance.choice([chance.randrange(len(block)), len(block) - chance.randrange(1, 50)])
    return one.parts.replaced(link, block[:at] + bytes([block[at] ^ 1]) + block[at + 1 :])


def exchange_an_update(one: Original, chance: random.Random) -> Parts:
    """Another vector, well-formed and within its bounds, with nothing else changed."""
    link = chance.choice(one.parts.of_kind("update"))
    new = one.parts.copy()
    update = Update.fetch(new, link.digest)
    vector = update.vector.copy()
    vector[chance.randrange(len(vector))] += chance.choice([-1, 1])
    digest = replace(update, vector=vector).publish(new)
    return new.replaced(link, new.blocks[Link(digest, Codec.DAG_CBOR)])


def exchange_an_update_and_its_event(one: Original, chance: random.Random) -> Parts:
    """The same, and the log names the new digest."""
    new = exchange_an_update(one, chance)
    gone = [old for old in one.parts.of_kind("update") if old not in reached(new)]
    come = [made for made in new.of_kind("update") if made not in one.parts.blocks]
    records = [named_anew(record, gone[0].digest, come[0].digest) for record in new.records()]
    return new.with_records(records)


def reached(parts: Parts) -> set[Link]:
    return {link for link, _ in walk_among(parts, [parts.root.digest], parts.blocks)}


def named_anew(record: Record, old: bytes, new: bytes) -> Record:
    if not isinstance(record, Sealed):
        return record
    swapped = tuple(receipt.replace(old, new) for receipt in record.receipts)
    sent = tuple(transaction.replace(old, new) for transaction in record.transactions)
    return replace(record, receipts=swapped, transactions=sent)
