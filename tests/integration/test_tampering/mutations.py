"""What somebody may do to an export: each takes it and a source of chance, and gives another file or other parts."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from eth_utils.abi import function_abi_to_4byte_selector
from multiformats import varint

from anomalyhive.audit.export.records import Bare, Placed, Record, Sealed, Told
from anomalyhive.chain.artifacts import artifact
from anomalyhive.content.cid import Codec, Link
from anomalyhive.content.codec import Document, encode
from anomalyhive.content.kinds import Update
from anomalyhive.content.walk import walk_among
from anomalyhive.ingestion.evm.rlp import Item
from anomalyhive.ingestion.evm.sealed import Header, Log, Receipt, Sent
from test_tampering.exports import Parts
from test_tampering.sealing import (
    chained_anew,
    closed,
    field_of,
    logs_of,
    opened,
    sealed_anew,
    with_field,
    with_header,
    with_logs,
)


@dataclass(frozen=True)
class Original:
    """An export as bytes, and taken apart."""

    raw: bytes
    parts: Parts


Mutation: TypeAlias = Callable[[Original, random.Random], "bytes | Parts"]


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


# The log


def with_events(records: list[Record]) -> list[int]:
    return [
        at for at, record in enumerate(records) if isinstance(record, Sealed) and any(map(logs_of, record.receipts))
    ]


def change_logs(record: Sealed, chance: random.Random) -> Sealed:
    """Two logs exchanged, one left out, one twice, or one with other words, in a receipt of the block."""
    receipts = list(record.receipts)
    at = chance.choice([place for place, receipt in enumerate(receipts) if logs_of(receipt)])
    logs = logs_of(receipts[at])
    first, second = chance.randrange(len(logs)), chance.randrange(len(logs))
    match chance.choice(["exchange", "drop", "repeat", "words"]):
        case "exchange":
            logs[first], logs[second] = logs[second], logs[first]
        case "drop":
            del logs[first]
        case "repeat":
            logs.insert(second, logs[first])
        case _:
            logs[first] = other_words(logs[first], chance)
    receipts[at] = with_logs(receipts[at], logs)
    return replace(record, receipts=tuple(receipts))


def other_words(log: Item, chance: random.Random) -> Item:
    """A log with a bit changed in its topics or its data."""
    assert isinstance(log, list)
    address, topics, data = log
    assert isinstance(topics, list)
    assert isinstance(data, bytes)
    at = chance.randrange(len(data) + len(topics) - 1) if data or len(topics) > 1 else -1
    if at < 0:
        return [address, topics, data]
    if at < len(data):
        return [address, topics, data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]]
    topic = topics[1 + at - len(data)]
    assert isinstance(topic, bytes)
    place = 1 + at - len(data)
    return [address, [*topics[:place], topic[:-1] + bytes([topic[-1] ^ 1]), *topics[place + 1 :]], data]


def change_events(one: Original, chance: random.Random) -> Parts:
    """Events of a block changed; its header stays."""
    records = one.parts.records()
    at = chance.choice(with_events(records))
    record = records[at]
    assert isinstance(record, Sealed)
    records[at] = change_logs(record, chance)
    return one.parts.with_records(records)


def change_events_and_seal(one: Original, chance: random.Random) -> Parts:
    """Events of a block changed, and its header and hash with them; its child does not follow."""
    records = one.parts.records()
    at = chance.choice([at for at in with_events(records) if at < len(records) - 1])
    record = records[at]
    assert isinstance(record, Sealed)
    made = change_logs(record, chance)
    if made == record:
        return one.parts
    records[at] = sealed_anew(made)
    return one.parts.with_records(records)


def exchange_transactions(one: Original, chance: random.Random) -> Parts:
    """The receipts, the transactions or both of two blocks exchanged."""
    records = one.parts.records()
    first, second = chance.sample(with_events(records), 2)
    a, b = records[first], records[second]
    assert isinstance(a, Sealed)
    assert isinstance(b, Sealed)
    names = chance.choice([("receipts",), ("transactions",), ("receipts", "transactions")])
    records[first] = replace(a, **{name: getattr(b, name) for name in names})
    records[second] = replace(b, **{name: getattr(a, name) for name in names})
    return one.parts.with_records(records)


def move_blocks(one: Original, chance: random.Random) -> Parts:
    """A block of the log left out, twice, at another place, or without what it holds."""
    records = one.parts.records()
    at, other = chance.sample(range(len(records) - 1), 2)
    match chance.choice(["drop", "repeat", "exchange", "empty", "drop events"]):
        case "drop":
            del records[max(at, 1)]
        case "repeat":
            records.insert(other, records[at])
        case "exchange":
            records[at], records[other] = records[other], records[at]
        case "empty":
            place = chance.choice(with_events(records))
            full = records[place]
            assert isinstance(full, Sealed)
            records[place] = Bare(full.hash, full.header)
        case _:
            del records[chance.choice(with_events(records)[1:-1])]
    return one.parts.with_records(records)


def change_a_header(one: Original, chance: random.Random) -> Parts:
    """A bit of a header; its hash with it, where a child holds the hash."""
    records = one.parts.records()
    at = chance.randrange(len(records))
    record = records[at]
    assert isinstance(record, (Bare, Sealed))
    names = (
        "parentHash",
        "stateRoot",
        "receiptsRoot",
        "transactionsRoot",
        "timestamp",
        "number",
        "logsBloom",
        "gasUsed",
    )
    name = chance.choice(names)
    value = field_of(record.header, name)
    made = value[:-1] + bytes([value[-1] ^ 1]) if value else b"\1"
    header = with_field(record.header, name, made)
    if at < len(records) - 1 and chance.random() < 0.5:
        records[at] = with_header(record, header)
    else:
        records[at] = replace(record, header=header)
    return one.parts.with_records(records)


def change_a_hash(one: Original, chance: random.Random) -> Parts:
    """The name of a block that its header does not have."""
    records = one.parts.records()
    at = chance.randrange(len(records))
    records[at] = replace(records[at], hash=chance.randbytes(32))
    return one.parts.with_records(records)


REVEAL = next(
    one for one in artifact("Hive")["abi"] if one.get("name") == "revealVerdict" and one["type"] == "function"
)
SELECTOR = bytes(function_abi_to_4byte_selector(REVEAL))


def change_a_salt(one: Original, chance: random.Random) -> Parts:
    """The salt in the call that revealed a verdict; with or without a root that says so."""
    records = one.parts.records()
    revealing = [
        at
        for at, record in enumerate(records[:-1])
        if isinstance(record, Sealed) and any(Sent.read(sent).input[:4] == SELECTOR for sent in record.transactions)
    ]
    at = chance.choice(revealing)
    record = records[at]
    assert isinstance(record, Sealed)
    place = next(i for i, sent in enumerate(record.transactions) if Sent.read(sent).input[:4] == SELECTOR)
    kind, fields = opened(record.transactions[place])
    data = Sent.read(record.transactions[place]).input
    salt = 4 + 5 * 32  # of six arguments the last
    made = data[:salt] + chance.randbytes(32) + data[salt + 32 :]
    sent = closed(kind, [made if field == data else field for field in fields])
    transactions = (*record.transactions[:place], sent, *record.transactions[place + 1 :])
    forged = replace(record, transactions=transactions)
    records[at] = sealed_anew(forged) if chance.random() < 0.5 else forged
    return one.parts.with_records(records)


def tell_instead_of_sealing(one: Original, chance: random.Random) -> Parts:
    """A block with events that stands as a node told it, with its own events or others."""
    records = one.parts.records()
    at = chance.choice(with_events(records))
    record = records[at]
    assert isinstance(record, Sealed)
    if chance.random() < 0.5:
        record = change_logs(record, chance)
    header = Header.read(record.header)
    index, placed = 0, []
    for receipt, transaction in zip(record.receipts, record.transactions, strict=True):
        for log in Receipt.read(receipt).logs:
            placed.append(Placed(index, Sent.read(transaction).hash, Log(log.address, log.topics, log.data)))
            index += 1
    records[at] = Told(
        header.hash, header.number, header.time, header.parent, "it has fields of its own", tuple(placed)
    )
    return one.parts.with_records(records)


def add_a_field_to_a_receipt(one: Original, chance: random.Random) -> Parts:
    """A receipt of another form, under a root that fits it."""
    records = one.parts.records()
    at = chance.choice([at for at in with_events(records) if at < len(records) - 1])
    record = records[at]
    assert isinstance(record, Sealed)
    kind, fields = opened(record.receipts[0])
    receipt = closed(kind, [*fields, b"\1"])
    records[at] = sealed_anew(replace(record, receipts=(receipt, *record.receipts[1:])))
    return one.parts.with_records(records)


def fork(one: Original, chance: random.Random) -> Parts:
    """Events of a block changed, and the whole chain after it made anew, but for the block that comes last."""
    records = one.parts.records()
    at = chance.choice([at for at in with_events(records) if at < len(records) - 2])
    record = records[at]
    assert isinstance(record, Sealed)
    made = change_logs(record, chance)
    if made == record:
        return one.parts
    anew = chained_anew([sealed_anew(made), *records[at + 1 : -1]])
    return one.parts.with_records([*records[:at], *anew, records[-1]])


MUTATIONS: Mapping[str, tuple[Mutation, int]] = {
    one.__name__: (one, times)
    for one, times in (
        (flip_a_byte, 60),
        (cut_off, 25),
        (append_garbage, 6),
        (exchange_blocks, 20),
        (leave_out_a_block, 20),
        (repeat_a_block, 10),
        (add_a_stranger, 6),
        (change_the_roots, 10),
        (change_a_field, 70),
        (change_a_field_of_the_root, 25),
        (change_a_raw_block, 20),
        (change_the_code, 10),
        (exchange_an_update, 8),
        (exchange_an_update_and_its_event, 8),
        (change_events, 40),
        (change_events_and_seal, 40),
        (exchange_transactions, 12),
        (move_blocks, 30),
        (change_a_header, 30),
        (change_a_hash, 6),
        (change_a_salt, 8),
        (tell_instead_of_sealing, 10),
        (add_a_field_to_a_receipt, 4),
        (fork, 15),
    )
}
"""Name -> what is done, and how often."""
