"""submitUpdates: a signature is two numbers in their ranges, and counts for nothing but what was signed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from typing import Any

import brownie
import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_keys.constants import SECPK1_N as ORDER
from refusals import refused
from signing import FIELDS, NEVER, TYPE, Desk, assert_void, domain_of, message_of, of_message, shards_of, signed

from rehearsal import Node, Rehearsal, Round


@pytest.fixture(scope="module")
def opened(deployed: Rehearsal, task: int) -> Round:
    """A round in TRAIN without updates."""
    return deployed.open(task)


@pytest.fixture
def round_(opened: Round) -> Round:
    """The test's own copy of the record."""
    return deepcopy(opened)


# Its form


def test_signature_of_the_package_is_that_of_the_interface(desk: Desk) -> None:
    message = message_of(desk.round.key, desk.update(0))
    assert desk.sign(0) == signed(domain_of(desk.hive), message, desk.trainers[0].operator)


def test_signature_with_one_bit_changed_is_void(desk: Desk) -> None:
    good = desk.sign(0)
    bits = [1 << place for place in (0, 1, 7, 128, 254, 255)]
    assert_void(desk, *(good.but(r=good.r ^ bit) for bit in bits), *(good.but(vs=good.vs ^ bit) for bit in bits))


def test_signature_with_r_or_s_out_of_range_is_void(desk: Desk) -> None:
    good = desk.sign(0)
    parity = good.vs >> 255 << 255
    pairs = [
        (0, good.vs),
        (good.r, parity),
        (0, parity),
        (ORDER, good.vs),
        (ORDER + 1, good.vs),
        (2**256 - 1, good.vs),
        (good.r, parity | 2**255 - 1),
    ]
    assert_void(desk, *(good.but(r=r, vs=vs) for r, vs in pairs))


def test_signature_with_the_other_s_of_the_same_key_is_void(
    hive: Any, registry: Any, round_: Round, desk: Desk, trainers: Sequence[Node]
) -> None:
    # A signature (r, s) has a twin (r, order - s) of the other parity. In 255 bits hardly any s fits that is high; here
    # the key is made for one that does: key = (s * k - z) / r.
    message = message_of(round_.key, desk.update(0))
    r, parity, nonce = nonce_point(2**200 + 7)
    high = (ORDER + 1) // 2 + 5
    z = int.from_bytes(digest_of(desk.hive, message), "big")
    key = (high * nonce - z) * pow(r, -1, ORDER) % ORDER
    signer = Account.from_key(key.to_bytes(32, "big")).address
    assert ORDER // 2 < high < 2**255
    registry.rotateOperator(trainers[0].number, signer, {"from": trainers[0].owner})
    hive.refreshShard(round_.task, 0, {"from": desk.sender})
    for s, odd in ((high, parity), (ORDER - high, 1 - parity)):
        assert recovered(digest_of(desk.hive, message), r, s, odd) == signer
    with refused("NothingSubmitted", 1):
        desk.submit([of_message(message, r, high, parity)])
    assert shards_of(desk.submit([of_message(message, r, ORDER - high, 1 - parity)])) == [0]


def nonce_point(nonce: int) -> tuple[int, int, int]:
    """r, the parity of the point's y, and the nonce: a public key is the generator times a number, and so is that."""
    public = Account.from_key(nonce.to_bytes(32, "big"))._key_obj.public_key.to_bytes()
    return int.from_bytes(public[:32], "big"), public[63] & 1, nonce


def digest_of(hive: Any, message: Mapping[str, Any]) -> bytes:
    """What is signed in the end: 32 bytes."""
    types = {TYPE: [{"name": name, "type": kind} for name, kind in FIELDS.items()]}
    signable = encode_typed_data(dict(domain_of(hive)), types, dict(message))
    return bytes(brownie.web3.keccak(b"\x19" + signable.version + signable.header + signable.body))


def recovered(digest: bytes, r: int, s: int, parity: int) -> str:
    """By the precompile ecrecover, which takes a high s."""
    data = digest + b"".join(number.to_bytes(32, "big") for number in (27 + parity, r, s))
    answer = brownie.web3.eth.call({"to": "0x" + "0" * 39 + "1", "data": data})
    return brownie.web3.to_checksum_address(answer[12:])


# What


SIGNED_INSTEAD: Mapping[str, Callable[[Any], Any]] = {
    "task": lambda value: value + 1,
    "round": lambda value: value + 1,
    "shard": lambda value: value + 1,
    "digest": lambda value: value[:-1] + bytes([value[-1] ^ 1]),
    "commitment": lambda value: value[:-1] + bytes([value[-1] ^ 1]),
    "expiry": lambda value: value - 1,
}


@pytest.mark.parametrize("field", SIGNED_INSTEAD)
def test_signature_with_one_field_signed_otherwise_is_void(desk: Desk, field: str) -> None:
    good = desk.sign(0)
    message = dict(message_of(desk.round.key, desk.update(0)))
    message[field] = SIGNED_INSTEAD[field](message[field])
    other = signed(domain_of(desk.hive), message, desk.trainers[0].operator)
    assert_void(desk, good.but(r=other.r, vs=other.vs))


def test_signature_of_one_shard_is_void_for_another_of_the_same_operator(
    hive: Any, round_: Round, desk: Desk, trainers: Sequence[Node]
) -> None:
    hive.releaseShard(round_.task, 1, {"from": trainers[1].operator})
    hive.takeShard(round_.task, 1, {"from": trainers[0].operator})
    with refused("NothingSubmitted", 1):
        desk.submit([desk.sign(0).but(shard=1)])


@pytest.mark.parametrize("late", [-1, 1])
def test_signature_with_another_expiry_than_was_signed_is_void(desk: Desk, late: int) -> None:
    assert_void(desk, desk.sign(0, expiry=NEVER - 5).but(expiry=NEVER - 5 + late))


def test_signature_with_any_byte_of_digest_or_commitment_changed_is_void(desk: Desk) -> None:
    good = desk.sign(0)
    items = [good.but(commitment=with_byte_changed(good.commitment, place)) for place in range(96)]
    items += [good.but(digest=with_byte_changed(good.digest, place)) for place in range(32)]
    assert_void(desk, *items)


def with_byte_changed(data: bytes, place: int) -> bytes:
    """The same with a bit of one byte flipped, another bit in each."""
    return data[:place] + bytes([data[place] ^ 1 << place % 8]) + data[place + 1 :]


@pytest.mark.parametrize("name", FIELDS)
def test_signature_under_another_type_of_one_field_is_void(desk: Desk, name: str) -> None:
    kinds = {"bytes32": "bytes", "bytes": "string"}
    message = dict(message_of(desk.round.key, desk.update(0)))
    if name == "commitment":
        message[name] = message[name].hex()
    fields = {**FIELDS, name: kinds.get(FIELDS[name], "uint256")}
    other = signed(domain_of(desk.hive), message, desk.trainers[0].operator, fields)
    assert_void(desk, desk.sign(0).but(r=other.r, vs=other.vs))


def test_signature_under_another_name_of_the_type_is_void(desk: Desk) -> None:
    message = message_of(desk.round.key, desk.update(0))
    other = signed(domain_of(desk.hive), message, desk.trainers[0].operator, type_="SubmitUpdates")
    assert_void(desk, other)
