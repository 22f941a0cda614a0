"""A contract's refusals in words, as two EVMs send them."""

from __future__ import annotations

import pytest
from web3.exceptions import Web3Exception, Web3RPCError

from anomalyhive.chain.reverts import MAX_REVERT_BYTES, decode_revert, known_errors
from anomalyhive.chain.views import Role
from anomalyhive.errors import ChainFailure, Reverted

from .conftest import TOKEN, Place


def test_decode_revert_of_a_refused_transaction_has_the_error_and_its_values(place: Place) -> None:
    with pytest.raises(Reverted) as refused:
        place.contracts.hive.open_round(place.sponsor, 999)
    assert (refused.value.call, refused.value.error, refused.value.values) == (
        "openRound",
        "UnknownTask",
        {"task": 999},
    )
    assert "UnknownTask(task=999)" in str(refused.value)


def test_decode_revert_of_a_refused_read_has_the_error(place: Place) -> None:
    with pytest.raises(Reverted) as refused:
        place.contracts.hive.task(999)
    assert refused.value.error == "UnknownTask"


def test_decode_revert_with_two_values_names_each(place: Place) -> None:
    number = place.task()
    place.contracts.hive.withdraw_escrow(place.sponsor, number, 150 * TOKEN)
    with pytest.raises(Reverted) as refused:
        place.contracts.hive.open_round(place.sponsor, number)
    assert refused.value.error == "EscrowTooSmall"
    assert refused.value.values == {"escrow": 50 * TOKEN, "needed": 100 * TOKEN}


def test_decode_revert_of_openzeppelins_token_is_known_too(place: Place) -> None:
    poor = place.signer()
    with pytest.raises(Reverted) as refused:
        place.contracts.token.send(poor, place.sponsor.address, 7)
    assert refused.value.error == "ERC20InsufficientBalance"
    assert refused.value.values == {"sender": poor.address.lower(), "balance": 0, "needed": 7}


def test_decode_revert_in_the_registry_names_its_error(place: Place) -> None:
    operator = place.node(Role.TRAIN)
    place.contracts.token.send(place.sponsor, operator.address, TOKEN)
    place.contracts.token.approve(operator, place.contracts.registry.address, TOKEN)
    with pytest.raises(Reverted) as refused:
        place.contracts.registry.register(operator, operator.address, int(Role.TRAIN), TOKEN)
    assert refused.value.error in {name for name, _ in known_errors().values()}
    assert refused.value.values


def rpc_error(data: object) -> Web3RPCError:
    return Web3RPCError("no", rpc_response={"jsonrpc": "2.0", "error": {"code": 3, "message": "no", "data": data}})


def word(number: int) -> str:
    return number.to_bytes(32, "big").hex()


@pytest.mark.parametrize("wrap", [lambda d: d, lambda d: {"result": d}, lambda d: {"originalError": {"data": d}}])
def test_decode_revert_finds_the_data_where_any_client_puts_it(wrap: object) -> None:
    error = decode_revert("f", rpc_error(wrap("0x4e487b71" + word(0x11))))  # type: ignore[operator]  # a lambda
    assert isinstance(error, Reverted)
    assert (error.error, error.values) == ("Panic", {"code": 0x11})


@pytest.mark.parametrize(
    "data",
    [
        None,
        "",
        "0x",
        "0x1234",
        7,
        ["0x4e487b71" + word(1)],
        "0x4e487b71" + "zz" * 32,
        "0x4e487b71" + word(0) * (MAX_REVERT_BYTES // 32 + 1),
        {"result": None},
    ],
)
def test_decode_revert_without_revert_data_is_the_chains_own_word(data: object) -> None:
    error = decode_revert("f", rpc_error(data))
    assert not isinstance(error, Reverted)
    assert isinstance(error, ChainFailure)
    assert str(error) == "the chain refused f: no"


def test_decode_revert_of_an_unknown_error_shows_its_selector() -> None:
    error = decode_revert("f", rpc_error("0xdeadbeef" + word(1)))
    assert isinstance(error, Reverted)
    assert error.error == "0xdeadbeef"


def test_decode_revert_of_a_truncated_known_error_shows_what_there_is() -> None:
    # Error(string) whose offset points nowhere: a hostile endpoint may send anything.
    error = decode_revert("f", rpc_error("0x08c379a0" + word(2**255)))
    assert isinstance(error, Reverted)
    assert (error.error, list(error.values)) == ("Error", ["data"])


def test_decode_revert_of_an_error_without_a_response_says_what_web3_says() -> None:
    assert str(decode_revert("f", Web3Exception("odd"))) == "the chain refused f: Web3Exception: odd"
