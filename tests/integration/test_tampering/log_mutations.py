"""What somebody may do to the log of an export."""

from __future__ import annotations

import random
from dataclasses import replace

from eth_utils.abi import function_abi_to_4byte_selector

from anomalyhive.audit.export.records import Bare, Placed, Record, Sealed, Told
from anomalyhive.chain.artifacts import artifact
from anomalyhive.ingestion.evm.rlp import Item
from anomalyhive.ingestion.evm.sealed import Header, Log, Receipt, Sent
from test_tampering.exports import Parts
from test_tampering.original import Original
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
