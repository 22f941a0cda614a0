"""Coin for gas on a chain of somebody else's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from chain.conftest import Place, settle_in
from web3 import Web3

from anomalyhive.chain.localchain import LocalChain
from anomalyhive.chain.rpc import connect
from anomalyhive.chain.signer import Signer, new_key
from anomalyhive.errors import BadSetting, ChainFailure
from anomalyhive.federation.coin import (
    FOUNDING_GAS,
    FUNDER_VARIABLE,
    HEADROOM,
    JOINING_GAS,
    OWNING_GAS,
    ROUND_GAS,
    funder,
    provide,
    required,
)
from anomalyhive.federation.crew import muster
from anomalyhive.federation.folder import RunFolder

GAS = 1_000_000


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with LocalChain("anvil", tmp_path_factory.mktemp("anvil")) as chain:
        yield settle_in(chain)


def balance(place: Place, address: str) -> int:
    return place.web3.eth.get_balance(Web3.to_checksum_address(address))


@pytest.mark.parametrize("prefix", ["", "0x", " 0x"])
def test_funder_with_a_key_pays_what_is_lacking_and_no_more(
    place: Place, monkeypatch: pytest.MonkeyPatch, prefix: str
) -> None:
    key = new_key()
    place.chain.fund(Signer(place.web3, key).address, 10**18)
    monkeypatch.setenv(FUNDER_VARIABLE, prefix + key.hex())
    pay, poor, rich = required(funder(place.web3)), new_address(), new_address()
    place.chain.fund(rich, 10**17)
    pay(poor, GAS)
    pay(rich, GAS)
    price = place.web3.eth.gas_price
    assert GAS * price <= balance(place, poor) <= 2 * HEADROOM * GAS * price
    assert balance(place, rich) == 10**17
    before = balance(place, poor)
    pay(poor, GAS)
    assert balance(place, poor) == before


def new_address() -> str:
    return Signer(Web3(), new_key()).address


def test_funder_without_a_key_pays_from_an_unlocked_account(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(FUNDER_VARIABLE, raising=False)
    unlocked, poor = place.web3.eth.accounts[0], new_address()
    before = place.web3.eth.get_balance(unlocked)
    required(funder(place.web3))(poor, GAS)
    assert balance(place, poor) > 0
    assert place.web3.eth.get_balance(unlocked) <= before - balance(place, poor)


@pytest.mark.parametrize("written", ["zz", "0x12", "11" * 33, "00" * 32])
def test_funder_with_what_is_no_key_is_refused_without_showing_it(
    place: Place, monkeypatch: pytest.MonkeyPatch, written: str
) -> None:
    monkeypatch.setenv(FUNDER_VARIABLE, written)
    with pytest.raises(BadSetting, match=FUNDER_VARIABLE) as refused:
        funder(place.web3)
    assert written not in str(refused.value)


def test_required_without_anybody_says_what_to_do() -> None:
    with pytest.raises(BadSetting, match=f"put a funded private key into {FUNDER_VARIABLE}"):
        required(None)


def test_funder_that_is_poor_fails_naming_amount_and_receiver(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FUNDER_VARIABLE, new_key().hex())
    with pytest.raises(ChainFailure, match="a transfer of"):
        required(funder(place.web3))(new_address(), GAS)


def test_funder_on_a_chain_that_is_away_fails_in_words(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(FUNDER_VARIABLE, raising=False)
    with LocalChain("anvil", place.chain.folder / "other") as other:
        web3 = connect(other.url, patient=False)
        pay = required(funder(web3))
    with pytest.raises(ChainFailure, match="stopped answering"):
        pay(new_address(), GAS)
    with pytest.raises(ChainFailure, match="stopped answering"):
        funder(web3)


def test_provide_asks_for_more_the_more_rounds_there_are(place: Place, tmp_path: Path) -> None:
    sponsor, asked = Signer(place.web3, new_key()), {}
    with muster(RunFolder(tmp_path), place.web3, trainers=2, validators=1) as members:
        provide(asked.__setitem__, sponsor, members, rounds=10)
    assert asked[sponsor.address] > FOUNDING_GAS
    for member in members:
        assert asked[member.owner.address] == OWNING_GAS
        assert asked[member.operator.address] == JOINING_GAS + 10 * ROUND_GAS[member.role]
    assert len(asked) == 1 + 2 * len(members)
