"""HiveToken: a fixed supply that moves, burns, and takes permits, and nothing else."""

from __future__ import annotations

from typing import Any

import brownie
import pytest
from clock import Clock
from eth_account import Account
from eth_account.messages import encode_typed_data
from logs import logged
from refusals import refused

from rehearsal import SUPPLY, TOKEN

ZERO_ADDRESS = "0x" + "0" * 40
NO_LIMIT = 2**256 - 1

HOLDER = Account.from_key("0x" + "a1" * 32)
FORGER = Account.from_key("0x" + "b2" * 32)

CHANGING_FUNCTIONS = {"approve", "burn", "burnFrom", "permit", "transfer", "transferFrom"}

PERMIT = {
    "EIP712Domain": [
        {"name": "name", "type": "string"},
        {"name": "version", "type": "string"},
        {"name": "chainId", "type": "uint256"},
        {"name": "verifyingContract", "type": "address"},
    ],
    "Permit": [
        {"name": "owner", "type": "address"},
        {"name": "spender", "type": "address"},
        {"name": "value", "type": "uint256"},
        {"name": "nonce", "type": "uint256"},
        {"name": "deadline", "type": "uint256"},
    ],
}


@pytest.fixture
def permit(token: Any, chain: Any, stranger: Any, clock: Clock) -> dict[str, Any]:
    """What HOLDER signs: ten tokens for the stranger, for an hour."""
    return {
        "domain": {
            "name": "AnomalyHive",
            "version": "1",
            "chainId": chain.id,
            "verifyingContract": token.address,
        },
        "message": {
            "owner": HOLDER.address,
            "spender": stranger.address,
            "value": 10 * TOKEN,
            "nonce": 0,
            "deadline": clock.now + 3600,
        },
    }


def signed(permit: dict[str, Any], key: bytes = HOLDER.key) -> tuple[int, bytes, bytes]:
    """The signature (v, r, s) of a permit."""
    typed = {**permit, "types": PERMIT, "primaryType": "Permit"}
    made = Account.sign_message(encode_typed_data(full_message=typed), key)
    return made.v, made.r.to_bytes(32, "big"), made.s.to_bytes(32, "big")


def submit(token: Any, permit: dict[str, Any], signature: tuple[int, bytes, bytes], sender: Any) -> Any:
    """Bring a permit to the token."""
    message = permit["message"]
    wanted = (message[name] for name in ("owner", "spender", "value", "deadline"))
    return token.permit(*wanted, *signature, {"from": sender})


# Supply


def test_constructor_holder_receives_the_whole_supply(HiveToken: Any, sponsor: Any, stranger: Any) -> None:
    token = HiveToken.deploy(stranger, 12345, {"from": sponsor})
    assert (token.name(), token.symbol(), token.decimals()) == ("AnomalyHive", "HIVE", 18)
    assert token.totalSupply() == token.balanceOf(stranger) == 12345
    assert logged(token.tx, "Transfer") == [{"from": ZERO_ADDRESS, "to": stranger.address, "value": 12345}]


def test_constructor_zero_holder_reverts(HiveToken: Any, sponsor: Any) -> None:
    with refused("ERC20InvalidReceiver", ZERO_ADDRESS):
        HiveToken.deploy(ZERO_ADDRESS, 1, {"from": sponsor})


def test_interface_nothing_mints_or_administers(token: Any) -> None:
    functions = [one for one in token.abi if one["type"] == "function"]
    changing = {one["name"] for one in functions if one["stateMutability"] not in ("view", "pure")}
    assert changing == CHANGING_FUNCTIONS


# Moving


def test_transfer_moves_and_logs(token: Any, sponsor: Any, stranger: Any) -> None:
    transaction = token.transfer(stranger, 5, {"from": sponsor})
    assert token.balanceOf(stranger) == 5
    assert token.balanceOf(sponsor) == SUPPLY - 5
    assert logged(transaction, "Transfer") == [{"from": sponsor.address, "to": stranger.address, "value": 5}]


def test_transfer_all_of_the_balance_but_not_more(token: Any, sponsor: Any, stranger: Any) -> None:
    token.transfer(stranger, 5, {"from": sponsor})
    with refused("ERC20InsufficientBalance", stranger, 5, 6):
        token.transfer(sponsor, 6, {"from": stranger})
    token.transfer(sponsor, 5, {"from": stranger})
    assert token.balanceOf(stranger) == 0


def test_transfer_to_zero_reverts(token: Any, sponsor: Any) -> None:
    with refused("ERC20InvalidReceiver", ZERO_ADDRESS):
        token.transfer(ZERO_ADDRESS, 5, {"from": sponsor})


def test_transfer_from_uses_the_allowance_up(token: Any, sponsor: Any, stranger: Any) -> None:
    transaction = token.approve(stranger, 5, {"from": sponsor})
    assert logged(transaction, "Approval") == [{"owner": sponsor.address, "spender": stranger.address, "value": 5}]
    token.transferFrom(sponsor, stranger, 3, {"from": stranger})
    assert token.allowance(sponsor, stranger) == 2
    with refused("ERC20InsufficientAllowance", stranger, 2, 3):
        token.transferFrom(sponsor, stranger, 3, {"from": stranger})
    assert token.balanceOf(stranger) == 3


def test_transfer_from_unlimited_allowance_stays(token: Any, sponsor: Any, stranger: Any) -> None:
    token.approve(stranger, NO_LIMIT, {"from": sponsor})
    token.transferFrom(sponsor, stranger, 3, {"from": stranger})
    assert token.allowance(sponsor, stranger) == NO_LIMIT


def test_approve_zero_spender_reverts(token: Any, sponsor: Any) -> None:
    with refused("ERC20InvalidSpender", ZERO_ADDRESS):
        token.approve(ZERO_ADDRESS, 5, {"from": sponsor})


# Burning


def test_burn_reduces_balance_and_supply(token: Any, sponsor: Any) -> None:
    transaction = token.burn(7, {"from": sponsor})
    assert token.totalSupply() == token.balanceOf(sponsor) == SUPPLY - 7
    assert logged(transaction, "Transfer") == [{"from": sponsor.address, "to": ZERO_ADDRESS, "value": 7}]


def test_burn_more_than_the_balance_reverts(token: Any, stranger: Any) -> None:
    with refused("ERC20InsufficientBalance", stranger, 0, 1):
        token.burn(1, {"from": stranger})


def test_burn_from_needs_and_uses_an_allowance(token: Any, sponsor: Any, stranger: Any) -> None:
    token.approve(stranger, 7, {"from": sponsor})
    with refused("ERC20InsufficientAllowance", stranger, 7, 8):
        token.burnFrom(sponsor, 8, {"from": stranger})
    token.burnFrom(sponsor, 7, {"from": stranger})
    assert token.allowance(sponsor, stranger) == 0
    assert token.totalSupply() == token.balanceOf(sponsor) == SUPPLY - 7


# Permits


def test_permit_sets_the_allowance_whoever_brings_it(
    token: Any, sponsor: Any, stranger: Any, permit: dict[str, Any]
) -> None:
    token.transfer(HOLDER.address, 10 * TOKEN, {"from": sponsor})
    transaction = submit(token, permit, signed(permit), sponsor)
    assert token.allowance(HOLDER.address, stranger) == 10 * TOKEN
    assert token.nonces(HOLDER.address) == 1
    assert logged(transaction, "Approval") == [
        {"owner": HOLDER.address, "spender": stranger.address, "value": 10 * TOKEN}
    ]
    token.transferFrom(HOLDER.address, stranger, 10 * TOKEN, {"from": stranger})
    assert token.balanceOf(stranger) == 10 * TOKEN


def test_permit_of_another_signer_reverts(token: Any, stranger: Any, permit: dict[str, Any]) -> None:
    with refused("ERC2612InvalidSigner", FORGER.address, HOLDER.address):
        submit(token, permit, signed(permit, FORGER.key), stranger)


def test_permit_serves_once(token: Any, stranger: Any, permit: dict[str, Any]) -> None:
    signature = signed(permit)
    submit(token, permit, signature, stranger)
    # With the next nonce the same signature is that of some other address.
    with brownie.reverts(revert_pattern=f"ERC2612InvalidSigner: 0x[0-9a-f]{{40}}, {HOLDER.address.lower()}"):
        submit(token, permit, signature, stranger)


@pytest.mark.parametrize("field", ["spender", "value", "deadline"])
def test_permit_with_a_field_that_was_not_signed_reverts(
    token: Any, sponsor: Any, stranger: Any, permit: dict[str, Any], field: str
) -> None:
    signature = signed(permit)
    permit["message"][field] = sponsor.address if field == "spender" else permit["message"][field] + 1
    with brownie.reverts(revert_pattern=f"ERC2612InvalidSigner: 0x[0-9a-f]{{40}}, {HOLDER.address.lower()}"):
        submit(token, permit, signature, stranger)


@pytest.mark.parametrize("field", ["name", "version", "chainId", "verifyingContract"])
def test_permit_for_another_domain_reverts(
    token: Any, sponsor: Any, stranger: Any, permit: dict[str, Any], field: str
) -> None:
    elsewhere = {"name": "AnomalyHive2", "version": "2", "chainId": 1, "verifyingContract": sponsor.address}
    signature = signed({**permit, "domain": {**permit["domain"], field: elsewhere[field]}})
    with brownie.reverts(revert_pattern=f"ERC2612InvalidSigner: 0x[0-9a-f]{{40}}, {HOLDER.address.lower()}"):
        submit(token, permit, signature, stranger)


def test_permit_at_its_deadline_holds(token: Any, stranger: Any, permit: dict[str, Any], clock: Clock) -> None:
    clock.next(permit["message"]["deadline"])
    submit(token, permit, signed(permit), stranger)
    assert token.allowance(HOLDER.address, stranger) == 10 * TOKEN


def test_permit_one_second_after_its_deadline_reverts(
    token: Any, stranger: Any, permit: dict[str, Any], clock: Clock
) -> None:
    deadline = permit["message"]["deadline"]
    clock.next(deadline + 1)
    with refused("ERC2612ExpiredSignature", deadline):
        submit(token, permit, signed(permit), stranger)


def test_domain_is_what_wallets_sign(token: Any, permit: dict[str, Any]) -> None:
    _, name, version, chain_id, contract, _, extensions = token.eip712Domain()
    assert {"name": name, "version": version, "chainId": chain_id, "verifyingContract": contract} == permit["domain"]
    assert list(extensions) == []
    typed = encode_typed_data(full_message={**permit, "types": PERMIT, "primaryType": "Permit"})
    assert bytes(token.DOMAIN_SEPARATOR()) == typed.header
