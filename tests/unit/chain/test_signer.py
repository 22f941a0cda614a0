"""Transactions of one key on a real chain."""

from __future__ import annotations

import re
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from web3 import Web3

from anomalyhive.chain.localchain import choose_port, find_executable
from anomalyhive.chain.rpc import connect, request
from anomalyhive.chain.signer import Mined, Signer, new_key
from anomalyhive.errors import BadSetting, ChainFailure, Reverted

from .conftest import TOKEN, Place

STRANGER = Web3.to_checksum_address("0x" + "5a" * 20)


def nonce(place: Place, signer: Signer, block: Any = "latest") -> int:
    return place.web3.eth.get_transaction_count(Web3.to_checksum_address(signer.address), block)


def test_transact_tells_function_gas_and_block(place: Place) -> None:
    heard: list[Mined] = []
    key = new_key()
    signer = Signer(place.web3, key, heard.append)
    place.chain.fund(signer.address, 10**18)
    mined = place.contracts.token.approve(signer, STRANGER, 5)
    receipt = place.web3.eth.get_transaction_receipt(mined.receipt["transactionHash"])
    assert (mined.function, mined.gas, mined.block) == ("approve", receipt["gasUsed"], receipt["blockNumber"])
    assert heard == [mined]


def test_transact_offers_polygons_least_tip_where_the_node_advises_less(anvil: Place) -> None:
    signer, web3 = anvil.signer(), anvil.web3
    advised = web3.eth.max_priority_fee
    web3.provider.make_request("anvil_setChainId", [137])
    try:
        mined = anvil.contracts.token.approve(signer, STRANGER, 5)
    finally:
        web3.provider.make_request("anvil_setChainId", [31337])
    sent = web3.eth.get_transaction(mined.receipt["transactionHash"])
    assert advised < sent["maxPriorityFeePerGas"] == 25 * 10**9


def test_transact_that_would_revert_costs_nothing(place: Place) -> None:
    signer = place.signer()
    with pytest.raises(Reverted):
        place.contracts.hive.open_round(signer, 10**6)
    assert nonce(place, signer) == 0
    assert place.contracts.token.approve(signer, STRANGER, 1).function == "approve"


def test_transact_that_reverts_in_its_block_names_the_error(anvil: Place) -> None:
    signer, hive = anvil.signer(), anvil.contracts.hive
    number = anvil.task(reward=200 * TOKEN)
    transact = hive.call("openRound", number).build_transaction
    # What estimates do not see: the round was opened by another transaction in between.
    transaction = dict(transact({"from": signer.address, "nonce": 0, "gas": 300_000, "chainId": 31337}))
    hive.open_round(anvil.sponsor, number)
    with pytest.raises(Reverted) as refused:
        signer._send("openRound", transaction)
    assert refused.value.error == "RoundOpen"
    assert nonce(anvil, signer) == 1
    assert anvil.contracts.token.approve(signer, STRANGER, 1).function == "approve"


def test_transact_without_coin_is_a_failure_that_says_so(place: Place) -> None:
    poor = place.signer(wei=1000)
    with pytest.raises(ChainFailure, match=re.compile("insufficient|funds", re.IGNORECASE)):
        place.contracts.token.approve(poor, STRANGER, 1)


def test_transfer_beyond_the_balance_names_amount_and_receiver(place: Place) -> None:
    poor = place.signer(wei=10**15)
    with pytest.raises(ChainFailure, match=f"{10**18} wei from {poor.address} to {STRANGER}"):
        poor.transfer(STRANGER, 10**18)


def test_transact_after_the_key_was_used_elsewhere_asks_for_the_nonce_again(place: Place) -> None:
    key = new_key()
    here, elsewhere = Signer(place.web3, key), Signer(place.web3, key)
    place.chain.fund(here.address, 10**18)
    here.transfer(STRANGER, 1)
    # Another amount: at the same fees it would be the very same transaction.
    elsewhere.transfer(STRANGER, 2)
    # This one signs with a nonce that is spent, and must not take the other's transaction for its own.
    with pytest.raises(ChainFailure):
        here.transfer(STRANGER, 1)
    here.transfer(STRANGER, 1)
    assert nonce(place, here) == 3


def test_settle_waits_for_what_a_killed_process_sent(anvil: Place) -> None:
    key = new_key()
    signer = Signer(anvil.web3, key)
    anvil.chain.fund(signer.address, 10**18)
    other = connect(anvil.chain.url, patient=False)
    request(other, "evm_setAutomine", [False])
    try:
        transaction = {"to": STRANGER, "value": 1, "gas": 21_000, "gasPrice": 10**11, "nonce": 0, "chainId": 31337}
        other.eth.send_raw_transaction(Account.from_key(key).sign_transaction(transaction).raw_transaction)
        timer = threading.Timer(0.3, request, (other, "evm_mine", []))
        timer.start()
        started = time.monotonic()
        signer.settle()
        assert time.monotonic() - started > 0.2
        assert nonce(anvil, signer) == 1
        timer.join()
    finally:
        request(other, "evm_setAutomine", [True])


def test_settle_with_nothing_on_its_way_waits_for_nothing(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    signer = place.signer()
    monkeypatch.setattr(time, "sleep", lambda _: pytest.fail("it waits"))
    signer.settle()


def test_transfer_on_a_chain_without_base_fee_pays_its_gas_price(tmp_path: Path) -> None:
    port = choose_port(None)
    command = [*find_executable("anvil"), "--port", str(port), "--hardfork", "berlin", "--silent"]
    with (tmp_path / "log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            web3 = waited(f"http://127.0.0.1:{port}")
            signer = Signer(web3, new_key())
            request(web3, "anvil_setBalance", [signer.address, hex(10**18)])
            mined = signer.transfer(STRANGER, 3)
            sent = web3.eth.get_transaction(mined.receipt["transactionHash"])
            assert "maxFeePerGas" not in sent
            assert web3.eth.get_balance(STRANGER) == 3
        finally:
            process.kill()


def waited(url: str) -> Web3:
    """The chain at a URL, once it answers."""
    for _ in range(200):
        try:
            return connect(url, patient=False)
        except ChainFailure:
            time.sleep(0.05)
    raise AssertionError(f"{url} never answered")


@pytest.mark.parametrize("key", [b"", b"\x01" * 31, b"\x01" * 33, bytes(32), b"\xff" * 32])
def test_signer_of_what_is_no_key_is_refused_without_showing_it(key: bytes) -> None:
    with pytest.raises(BadSetting, match="32 bytes") as refused:
        Signer(Web3(), key)
    assert not key or key.hex() not in str(refused.value)
