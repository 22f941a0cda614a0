"""A signer whose transactions are in a file before they are sent, on a real chain."""

from __future__ import annotations

import itertools
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from web3 import Web3

from anomalyhive.chain.fees import GWEI, FeeLimits
from anomalyhive.chain.journaled import JournaledSigner, Pace
from anomalyhive.chain.localchain import choose_port, find_executable
from anomalyhive.chain.outbox import State
from anomalyhive.chain.rpc import request
from anomalyhive.chain.signer import Mined, Signer, new_key
from anomalyhive.chain.views import Role
from anomalyhive.errors import ChainFailure, Failure, FeeTooHigh, KeyInUse, NotMined, Reverted

from .conftest import TOKEN, Place
from .test_signer import STRANGER, waited

LIMITS = FeeLimits(500 * GWEI, 100 * GWEI)
BRISK = Pace(stuck=60, repeat=0.2, wait=20, doubts=1)


@dataclass
class Book:
    """A key with its journal, which may be opened again and again."""

    place: Place
    path: Path
    key: bytes = field(default_factory=new_key)
    told: list[tuple[Mined, str]] = field(default_factory=list)

    def signer(self, limits: FeeLimits = LIMITS, pace: Pace = BRISK, confirmations: int = 3) -> JournaledSigner:
        """A signer of a new process: nothing but the file is left of the one before."""
        return JournaledSigner(
            self.place.web3, self.key, self.path, limits, chain_id=self.place.web3.eth.chain_id,
            confirmations=confirmations, pace=pace, tell=lambda mined, purpose: self.told.append((mined, purpose)),
        )  # fmt: skip

    @property
    def nonce(self) -> int:
        return self.place.web3.eth.get_transaction_count(Web3.to_checksum_address(self.signer().address))


def book(place: Place, tmp_path: Path) -> Book:
    made = Book(place, tmp_path / "journal.sqlite")
    place.chain.fund(made.signer().address, 10**19)
    return made


@pytest.fixture
def kept(anvil: Place, tmp_path: Path) -> Book:
    """A funded key on Anvil."""
    return book(anvil, tmp_path)


@pytest.fixture
def unmined(anvil: Place) -> Iterator[None]:
    """Anvil makes no block by itself."""
    request(anvil.web3, "evm_setAutomine", [False])
    yield
    request(anvil.web3, "evm_setAutomine", [True])
    request(anvil.web3, "evm_mine", [])


def test_transact_is_in_the_journal_with_purpose_and_block(place: Place, tmp_path: Path) -> None:
    kept = book(place, tmp_path)
    mined = place.contracts.token.approve(kept.signer(), STRANGER, 5)
    (attempt,) = kept.signer().unsettled()
    assert (attempt.purpose, attempt.nonce, attempt.state, attempt.block) == ("approve", 0, State.MINED, mined.block)
    assert bytes(mined.receipt["transactionHash"]) == attempt.hash
    assert kept.told == [(mined, "approve")]


def test_transact_that_would_revert_is_not_in_the_journal(kept: Book) -> None:
    with pytest.raises(Reverted):
        kept.place.contracts.hive.open_round(kept.signer(), 10**6)
    assert kept.signer().unsettled() == []


def test_settle_confirms_after_so_many_blocks(kept: Book) -> None:
    signer = kept.signer(confirmations=3)
    kept.place.contracts.token.approve(signer, STRANGER, 5)
    for left in (1, 1, 0):
        signer.settle()
        assert len(signer.unsettled()) == left
        request(kept.place.web3, "evm_mine", [])


KILLED = """
import os, sys
from pathlib import Path
from anomalyhive.chain.fees import FeeLimits
from anomalyhive.chain.journaled import JournaledSigner
from anomalyhive.chain.registry import TokenClient
from anomalyhive.chain.rpc import connect
url, path, token, to, moment = sys.argv[1:]
class Doomed(JournaledSigner):
    def _broadcast(self, attempt):
        if moment == "before": os._exit(9)
        super()._broadcast(attempt)
        os._exit(9)
web3 = connect(url)
signer = Doomed(web3, bytes.fromhex(sys.stdin.read()), Path(path), FeeLimits(10**12, 10**11), chain_id=31337)
TokenClient(web3, token).send(signer, to, 7)
"""


@pytest.mark.parametrize("moment", ["before", "after"])
def test_transact_after_a_kill_around_the_broadcast_sends_the_same_bytes_once(kept: Book, moment: str) -> None:
    token, place = kept.place.contracts.token, kept.place
    token.send(place.sponsor, kept.signer().address, 100)
    before = token.balance(STRANGER)
    arguments = [place.chain.url, str(kept.path), token.address, STRANGER, moment]
    killed = subprocess.run([sys.executable, "-c", KILLED, *arguments], input=kept.key.hex(), text=True, check=False)
    assert killed.returncode == 9
    (written,) = kept.signer().unsettled()
    assert kept.nonce == (1 if moment == "after" else 0)
    mined = token.send(kept.signer(), STRANGER, 7)
    assert bytes(mined.receipt["transactionHash"]) == written.hash
    assert (kept.nonce, token.balance(STRANGER) - before) == (1, 7)


def test_transact_of_what_a_slot_does_once_is_never_sent_twice(kept: Book, anvil: Place) -> None:
    hive, registry, token = anvil.contracts.hive, anvil.contracts.registry, anvil.contracts.token
    signer = kept.signer()
    token.send(anvil.sponsor, signer.address, TOKEN)
    token.approve(signer, registry.address, TOKEN)
    registry.register(signer, signer.address, int(Role.TRAIN), TOKEN)
    task = anvil.task()
    hive.take_shard(signer, task, 0)
    hive.open_round(anvil.sponsor, task)
    first = hive.submit_update(signer, task, 1, 0, b"\x07" * 32, bytes(96))
    # Another content for the same place: what stands is what was submitted.
    again = hive.submit_update(kept.signer(), task, 1, 0, b"\x08" * 32, bytes(96))
    assert again.receipt["transactionHash"] == first.receipt["transactionHash"]
    assert hive.round(task, 1).submissions[0].digest == b"\x07" * 32


def test_transact_that_vanished_in_a_reorganisation_is_sent_again_with_the_same_bytes(kept: Book) -> None:
    token, web3 = kept.place.contracts.token, kept.place.web3
    signer = kept.signer(confirmations=10)
    token.approve(signer, STRANGER, 4)
    mined = token.approve(signer, STRANGER, 5)
    request(web3, "evm_mine", [])
    request(web3, "anvil_reorg", [3, []])
    assert kept.nonce == 0
    signer.settle()
    assert [one.state for one in signer.unsettled()] == [State.OPEN, State.OPEN]
    # The first one is not asked for again: the second takes its place.
    again = token.approve(signer, STRANGER, 5)
    assert kept.nonce == 1
    assert token.read("allowance", signer.address, STRANGER) == 5
    request(web3, "anvil_reorg", [1, []])
    third = token.approve(kept.signer(), STRANGER, 5)
    assert third.receipt["transactionHash"] == again.receipt["transactionHash"] != mined.receipt["transactionHash"]


def test_transact_that_is_stuck_is_replaced_for_more_and_either_counts(kept: Book, unmined: None) -> None:
    token, web3 = kept.place.contracts.token, kept.place.web3
    looks: list[float] = []

    def look(seconds: float) -> None:
        looks.append(seconds)
        if len(kept.signer().unsettled()) >= 3:
            request(web3, "evm_mine", [])

    signer = kept.signer(pace=Pace(stuck=0.0, repeat=60, wait=20, sleep=look))
    mined = token.approve(signer, STRANGER, 5)
    assert looks
    attempts = signer._outbox.at(0)
    offers = [one.offer for one in attempts]
    assert len(offers) >= 3
    for former, later in itertools.pairwise(offers):
        assert later.fee * 8 >= former.fee * 9
        assert later.fee <= LIMITS.max_fee
    states = [one.state for one in attempts]
    assert states.count(State.MINED) == 1
    assert set(states) == {State.MINED, State.REPLACED}
    assert {one.nonce for one in attempts} == {0}
    assert any(one.hash == bytes(mined.receipt["transactionHash"]) for one in attempts)


def test_transact_below_a_base_fee_beyond_the_ceiling_waits_and_sends_nothing(kept: Book) -> None:
    web3 = kept.place.web3
    base = int(web3.eth.get_block("latest")["baseFeePerGas"])
    with pytest.raises(FeeTooHigh, match=f"the ceiling is {base // 2}"):
        kept.place.contracts.token.approve(kept.signer(FeeLimits(base // 2, 0)), STRANGER, 5)
    assert kept.signer().unsettled() == []


def test_transact_not_mined_in_time_is_the_same_transaction_next_time(kept: Book, unmined: None) -> None:
    token, web3 = kept.place.contracts.token, kept.place.web3
    with pytest.raises(NotMined, match="stays in the journal"):
        token.approve(kept.signer(pace=Pace(stuck=60, repeat=60, wait=0.1)), STRANGER, 5)
    (written,) = kept.signer().unsettled()
    request(web3, "evm_mine", [])
    mined = token.approve(kept.signer(), STRANGER, 5)
    assert bytes(mined.receipt["transactionHash"]) == written.hash
    assert kept.nonce == 1


def test_settle_with_a_transaction_of_another_process_names_key_and_nonce(kept: Book) -> None:
    signer = kept.signer()
    kept.place.contracts.token.approve(signer, STRANGER, 5)
    Signer(kept.place.web3, kept.key).transfer(STRANGER, 1)
    with pytest.raises(KeyInUse, match=f"transaction 1 of {signer.address}.*another process") as refused:
        signer.settle()
    assert kept.key.hex() not in str(refused.value)
    with pytest.raises(KeyInUse):
        kept.place.contracts.token.approve(kept.signer(), STRANGER, 6)


def test_settle_of_a_new_journal_takes_what_the_key_did_before_as_it_is(kept: Book) -> None:
    Signer(kept.place.web3, kept.key).transfer(STRANGER, 1)
    signer = kept.signer()
    kept.place.contracts.token.approve(signer, STRANGER, 5)
    assert [one.nonce for one in signer.unsettled()] == [1]


def test_settle_after_a_reorganisation_of_what_is_older_than_the_journal_blames_nobody(kept: Book) -> None:
    former, web3 = Signer(kept.place.web3, kept.key), kept.place.web3
    former.transfer(STRANGER, 1)
    kept.signer().settle()
    request(web3, "anvil_reorg", [1, []])
    kept.signer().settle()
    Signer(web3, kept.key).transfer(STRANGER, 2)
    kept.signer().settle()
    Signer(web3, kept.key).transfer(STRANGER, 3)
    with pytest.raises(KeyInUse, match="transaction 1 of"):
        kept.signer().settle()


def test_signer_of_a_damaged_journal_is_refused(kept: Book, tmp_path: Path) -> None:
    kept.path = tmp_path / "damaged.sqlite"
    kept.path.write_bytes(b"this is no database" * 1000)
    with pytest.raises(Failure, match=r"damaged\.sqlite cannot be opened"):
        kept.signer()


def test_transact_without_coin_is_a_failure_that_leaves_the_same_bytes(anvil: Place, tmp_path: Path) -> None:
    poor = Book(anvil, tmp_path / "journal.sqlite")
    with pytest.raises(ChainFailure, match=r"(?i)insufficient|funds"):
        anvil.contracts.token.approve(poor.signer(), STRANGER, 1)
    assert anvil.web3.eth.get_transaction_count(poor.signer().address) == 0  # type: ignore[arg-type]  # a checksum address


def test_transact_that_reverts_in_its_block_names_the_error_and_may_be_sent_again(kept: Book, unmined: None) -> None:
    """A round that somebody else opens in the same block."""
    hive, web3, place = kept.place.contracts.hive, kept.place.web3, kept.place
    request(web3, "evm_setAutomine", [True])
    number, rival = place.task(), place.signer()
    request(web3, "evm_setAutomine", [False])

    def overtake(_: float) -> None:
        # For more than the node's own limits allow: this one comes first.
        sender = Web3.to_checksum_address(rival.address)
        more = {"maxFeePerGas": 2 * LIMITS.max_fee, "maxPriorityFeePerGas": 2 * LIMITS.max_tip}
        options: Any = {"from": sender, "gas": 300_000, "nonce": web3.eth.get_transaction_count(sender), **more}
        call = hive.call("openRound", number).build_transaction({**options, "chainId": 31337})
        web3.eth.send_raw_transaction(rival._account.sign_transaction(call).raw_transaction)
        request(web3, "evm_mine", [])

    with pytest.raises(Reverted, match="RoundOpen"):
        hive.open_round(kept.signer(pace=Pace(stuck=60, repeat=60, wait=20, sleep=overtake)), number)
    assert [one.state for one in kept.signer()._outbox.at(0)] == [State.FAILED]


def test_transact_on_a_chain_without_base_fee_pays_its_gas_price(tmp_path: Path) -> None:
    port = choose_port(None)
    command = [*find_executable("anvil"), "--port", str(port), "--hardfork", "berlin", "--silent"]
    with (tmp_path / "log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            web3 = waited(f"http://127.0.0.1:{port}")
            signer = JournaledSigner(web3, new_key(), tmp_path / "journal.sqlite", LIMITS, chain_id=31337)
            request(web3, "anvil_setBalance", [signer.address, hex(10**18)])
            mined = signer.transfer(STRANGER, 3)
            assert "maxFeePerGas" not in web3.eth.get_transaction(mined.receipt["transactionHash"])
        finally:
            process.kill()
