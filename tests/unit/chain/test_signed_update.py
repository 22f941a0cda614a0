"""Signed updates: the message is the one that `IHive.submitUpdates` describes, and the contract takes it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest
from eth_abi.abi import encode
from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak

from anomalyhive.chain.rpc import request
from anomalyhive.chain.signed_update import SignedUpdate, UpdateOrder
from anomalyhive.chain.signer import new_key
from anomalyhive.chain.views import Phase, Role
from anomalyhive.commitments import INFINITY
from anomalyhive.errors import Reverted
from anomalyhive.protocol import update_hash

from .conftest import TOKEN, Place

DIGEST = b"\x0d" * 32
FAR = 2**40 - 1
"""An expiry that never comes."""

ORDER_TYPE = "SubmitUpdate(uint64 task,uint32 round,uint16 shard,bytes32 digest,bytes commitment,uint40 expiry)"
DOMAIN_TYPE = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0


@dataclass
class Batch:
    """A task with an open round, whose two shards are held by keys that have no coin."""

    place: Place
    task: int
    operators: list[LocalAccount]
    nodes: list[int]

    def order(self, shard: int, expiry: int = FAR) -> UpdateOrder:
        return UpdateOrder(self.task, 1, shard, DIGEST, INFINITY, expiry)

    def signed(self, shard: int, expiry: int = FAR) -> SignedUpdate:
        return self.order(shard, expiry).signed(self.operators[shard], *self.where)

    @property
    def where(self) -> tuple[int, str]:
        """The chain and the hive that an order is for."""
        return self.place.web3.eth.chain_id, self.place.contracts.hive.address

    def submit(self, *signed: SignedUpdate) -> list[int]:
        """The shards whose updates counted."""
        hive = self.place.contracts.hive
        before = hive.round(self.task, 1).submissions.keys()
        hive.submit_updates(self.place.sponsor, self.task, 1, signed)
        return sorted(hive.round(self.task, 1).submissions.keys() - before)


@pytest.fixture
def batch(anvil: Place) -> Batch:
    hive, registry, token = anvil.contracts.hive, anvil.contracts.registry, anvil.contracts.token
    task = anvil.task()
    operators, nodes = [], []
    for shard in (0, 1):
        owner, key = anvil.signer(), new_key()
        operators.append(Account.from_key(key))
        token.send(anvil.sponsor, owner.address, TOKEN)
        token.approve(owner, registry.address, TOKEN)
        # Only the operator can take a slot: for that it needs coin, once, and has none when it signs.
        nodes.append(registry.register(owner, owner.address, int(Role.TRAIN), TOKEN))
        hive.take_shard(owner, task, shard)
        owner.transact(registry.call("rotateOperator", nodes[-1], operators[-1].address))
        owner.transact(hive.call("refreshShard", task, shard))
    hive.open_round(anvil.sponsor, task)
    return Batch(anvil, task, operators, nodes)


def described(order: UpdateOrder, chain_id: int, hive: str) -> bytes:
    """The digest that EIP-712 and the words of `IHive` give."""
    values = [keccak(text=ORDER_TYPE), order.task, order.round, order.shard, order.digest]
    kinds = ["bytes32", "uint64", "uint32", "uint16", "bytes32", "bytes32", "uint40"]
    struct = keccak(encode(kinds, [*values, keccak(order.commitment), order.expiry]))
    domain = [keccak(text=DOMAIN_TYPE), keccak(text="AnomalyHive"), keccak(text="1"), chain_id, hive]
    separator = keccak(encode(["bytes32", "bytes32", "bytes32", "uint256", "address"], domain))
    return keccak(b"\x19\x01" + separator + struct)


@pytest.mark.parametrize(("task", "round_", "shard", "expiry"), [(1, 1, 0, 0), (2**64 - 1, 2**32 - 1, 1023, FAR)])
def test_message_of_an_order_has_the_digest_that_the_interface_describes(
    task: int, round_: int, shard: int, expiry: int
) -> None:
    order = UpdateOrder(task, round_, shard, keccak(b"content"), keccak(b"a") + keccak(b"b") + keccak(b"c"), expiry)
    hive = "0x" + "Ab" * 20
    message = order.message(31337, hive)
    assert keccak(b"\x19" + message.version + message.header + message.body) == described(order, 31337, hive)


def test_signed_is_the_signature_of_the_described_digest_in_two_words() -> None:
    order = UpdateOrder(1, 2, 3, DIGEST, INFINITY, FAR)
    parities = set()
    for number in range(1, 17):
        account = Account.from_key(number.to_bytes(32, "big"))
        signed = order.signed(account, 31337, "0x" + "ab" * 20)
        s, parity = int.from_bytes(signed.vs, "big") & (2**255 - 1), signed.vs[0] >> 7
        assert 0 < s <= HALF_ORDER
        vrs = (27 + parity, int.from_bytes(signed.r, "big"), s)
        assert Account._recover_hash(described(order, 31337, "0x" + "ab" * 20), vrs=vrs) == account.address
        parities.add(parity)
    assert parities == {0, 1}


def test_submit_updates_counts_what_operators_without_coin_signed(batch: Batch) -> None:
    hive = batch.place.contracts.hive
    assert all(batch.place.web3.eth.get_balance(one.address) == 0 for one in batch.operators)
    assert batch.submit(batch.signed(0), batch.signed(1)) == [0, 1]
    view = hive.round(batch.task, 1)
    assert view.phase is Phase.JUDGE
    assert [one.node for _, one in sorted(view.submissions.items())] == batch.nodes
    for shard, node in enumerate(batch.nodes):
        stored = update_hash(1, shard, node, DIGEST, INFINITY)
        assert hive.read("updateHash", batch.task, 1, shard) == stored


@pytest.mark.parametrize(
    "changes",
    [
        {"task": 10**6},
        {"round": 2},
        {"shard": 1},
        {"digest": b"\x0e" * 32},
        {"commitment": b"\x01" * 96},
        {"expiry": 7},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_submit_updates_passes_over_what_was_signed_for_another_update_and_takes_the_rest(
    batch: Batch, changes: dict[str, Any]
) -> None:
    foreign = replace(batch.order(0), **changes).signed(batch.operators[0], *batch.where)
    # The signature is of another order than the one that comes with it.
    shown = replace(batch.signed(0), r=foreign.r, vs=foreign.vs)
    assert shown != batch.signed(0)
    assert batch.submit(shown, batch.signed(1)) == [1]


def test_submit_updates_passes_over_what_was_signed_for_another_chain_or_hive(batch: Batch) -> None:
    chain, hive = batch.where
    for place in ((chain + 1, hive), (chain, batch.place.contracts.registry.address)):
        with pytest.raises(Reverted, match="NothingSubmitted"):
            batch.submit(batch.order(0).signed(batch.operators[0], *place))


def test_submit_updates_takes_an_order_until_the_second_before_its_expiry(batch: Batch) -> None:
    expiry = batch.place.contracts.hive.round(batch.task, 1).now + 50
    signed = [batch.signed(shard, expiry=expiry) for shard in (0, 1)]
    hive, web3 = batch.place.contracts.hive, batch.place.web3
    request(web3, "evm_setNextBlockTimestamp", [expiry - 1])  # however long it takes until then
    assert batch.submit(signed[0]) == [0]
    assert web3.eth.get_block("latest")["timestamp"] == expiry - 1
    batch.place.chain.fast_forward(expiry)
    with pytest.raises(Reverted, match="NothingSubmitted"):
        hive.submit_updates(batch.place.sponsor, batch.task, 1, signed[1:])


def test_submit_updates_takes_an_order_once(batch: Batch) -> None:
    assert batch.submit(batch.signed(0)) == [0]
    with pytest.raises(Reverted, match="NothingSubmitted"):
        batch.submit(batch.signed(0))
    assert batch.submit(batch.signed(0), batch.signed(1)) == [1]
