"""Rewards claimed with a wallet in the browser: of the owner, of a stranger, one that refuses, a server that cheats."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from node_commands.hives import COIN, Made
from playwright.sync_api import Page, Route, expect
from tests.outside import needs_browser

from anomalyhive.chain.dues import dues_of
from anomalyhive.chain.signer import new_key
from anomalyhive.node.slots import events_of_terms
from test_dashboard.dashboards import HOSTILE, Dashboard, Watched

from .browser_wallet import PENDING, REJECTED, BrowserWallet
from .stage import Stage

pytestmark = needs_browser

HERE, ELSEWHERE = 31337, 1
"""Chain ids: that of Anvil, and another."""


def wallet_of(stage: Stage, key: bytes, chain_id: int = HERE, knows: int = HERE) -> BrowserWallet:
    """A wallet with this key and with coin for gas."""
    wallet = BrowserWallet(stage.play.hive.web3, key, chain_id, frozenset({knows}))
    stage.play.hive.chain.fund(wallet.address, COIN)
    return wallet


def owed(stage: Stage, made: Made) -> int:
    """What task 1 owes a node, in 1e-18 tokens, as the chain says."""
    contracts = stage.play.hive.contracts
    return dues_of(contracts, events_of_terms(contracts, 1), 1, made.number).unclaimed


def shown(page: Page, dashboard: Dashboard, wallet: BrowserWallet, name: str | None = None) -> None:
    """The node's page with a wallet in it."""
    wallet.inject(page, name)
    page.goto(f"{dashboard.origin}/#/node")
    expect(page.get_by_role("button", name="Connect")).to_be_visible()


def connected(page: Page, dashboard: Dashboard, wallet: BrowserWallet) -> None:
    """The same, with the wallet's account."""
    shown(page, dashboard, wallet)
    page.get_by_role("button", name="Connect").click()
    expect(claim_button(page)).to_be_enabled()


def written(amount: int) -> str:
    """1e-18 tokens as the page writes them, cut to six digits."""
    whole, rest = divmod(amount, 10**18)
    return f"{whole:,}.{rest // 10**12:06d} HIVE"


def claim_button(page: Page) -> Any:
    return page.get_by_role("button", name="Claim")


def test_reward_claimed_by_the_owners_wallet_is_the_owners_on_chain(stage: Stage, watched: Watched) -> None:
    made, page = stage.play.trainers[1], watched.page
    owner = made.owner.address
    wallet = wallet_of(stage, stage.owner_key(made))
    due, before = owed(stage, made), stage.tokens(owner)
    assert due > 0
    with stage.looking_at(made) as dashboard:
        connected(page, dashboard, wallet)
        expect(page.get_by_text("the owner", exact=True)).to_be_visible()
        claim_button(page).click()
        done = page.locator(".progress .done")
        expect(done).to_contain_text("Claimed.")
        assert stage.tokens(owner) == before + due
        assert owed(stage, made) == 0
        expect(done.locator(".before")).to_have_text(written(before))
        expect(done.locator(".after")).to_have_text(written(before + due))
        expect(page.locator(".due")).to_contain_text("Nothing to be claimed")
        assert [one["to"] for one in wallet.signed] == [stage.play.hive.contracts.hive.address]
        assert watched.complaints == []
        assert all(one.startswith(dashboard.origin) for one in watched.asked)


def test_claim_of_a_stranger_is_warned_of_and_pays_the_owner(stage: Stage, watched: Watched) -> None:
    made, page = stage.play.validators[0], watched.page
    wallet = wallet_of(stage, new_key())
    due, before = owed(stage, made), stage.tokens(made.owner.address)
    with stage.looking_at(made) as dashboard:
        connected(page, dashboard, wallet)
        expect(page.get_by_role("note")).to_contain_text("This account is not the node’s owner.")
        claim_button(page).click()
        expect(page.locator(".progress .done")).to_contain_text("Claimed.")
    assert stage.tokens(made.owner.address) == before + due > before
    assert stage.tokens(wallet.address) == 0


def test_claim_that_somebody_else_was_quicker_with_is_told_as_refused(stage: Stage, watched: Watched) -> None:
    made, page, contracts = stage.play.validators[1], watched.page, stage.play.hive.contracts
    wallet = wallet_of(stage, stage.owner_key(made))
    items = dues_of(contracts, events_of_terms(contracts, 1), 1, made.number).claims[0]
    wallet.before_sending = lambda: contracts.hive.claim(stage.play.hive.deployer, made.number, items) and None
    with stage.looking_at(made) as dashboard:
        connected(page, dashboard, wallet)
        claim_button(page).click()
        expect(page.get_by_role("alert").filter(has_text="The chain refused the claim")).to_be_visible()


def test_wallet_that_refuses_or_has_a_request_open_is_told_in_words(stage: Stage, watched: Watched) -> None:
    page, wallet = watched.page, wallet_of(stage, stage.owner_key(stage.mine))
    due = owed(stage, stage.mine)
    shown(page, stage.dashboard, wallet)
    told = page.get_by_role("alert")
    wallet.refusals["eth_requestAccounts"] = (PENDING, "Request of type 'wallet_requestPermissions' already pending")
    page.get_by_role("button", name="Connect").click()
    expect(told.filter(has_text="has a request open already")).to_be_visible()
    wallet.refusals["eth_requestAccounts"] = (REJECTED, "User rejected the request.")
    page.get_by_role("button", name="Connect").click()
    expect(told.filter(has_text="You refused it in the wallet. Nothing was sent.")).to_be_visible()
    page.get_by_role("button", name="Connect").click()
    wallet.refusals["eth_sendTransaction"] = (REJECTED, "User rejected the request.")
    claim_button(page).click()
    expect(told.filter(has_text="You refused it in the wallet. Nothing was sent.")).to_be_visible()
    wallet.refusals["eth_sendTransaction"] = (-32603, HOSTILE)
    claim_button(page).click()
    expect(told.filter(has_text="The wallet says: <img src=x")).to_be_visible()
    expect(claim_button(page)).to_be_enabled()
    expect(page.locator(".progress li")).to_have_count(0)
    assert wallet.signed == []
    assert owed(stage, stage.mine) == due
    assert "obeyed" not in page.title()


def test_wallet_on_another_chain_is_asked_to_switch(stage: Stage, watched: Watched) -> None:
    page, wallet = watched.page, wallet_of(stage, stage.owner_key(stage.mine), ELSEWHERE)
    connected(page, stage.dashboard, wallet)
    expect(page.get_by_text("The wallet is on chain 1.")).to_be_visible()
    wallet.refusals["eth_sendTransaction"] = (REJECTED, "no")
    claim_button(page).click()
    expect(page.get_by_role("alert").filter(has_text="You refused it")).to_be_visible()
    assert wallet.chain_id == HERE
    assert "wallet_switchEthereumChain" in wallet.asked


def test_wallet_that_does_not_know_the_chain_signs_nothing(stage: Stage, watched: Watched) -> None:
    page, wallet = watched.page, wallet_of(stage, stage.owner_key(stage.mine), ELSEWHERE, knows=5)
    connected(page, stage.dashboard, wallet)
    claim_button(page).click()
    expect(page.get_by_role("alert").filter(has_text="does not know this chain")).to_be_visible()
    assert "eth_sendTransaction" not in wallet.asked


def test_account_and_chain_that_change_in_the_wallet_change_on_the_page(stage: Stage, watched: Watched) -> None:
    page, wallet = watched.page, wallet_of(stage, stage.owner_key(stage.mine))
    connected(page, stage.dashboard, wallet)
    expect(page.get_by_role("note")).to_have_count(0)
    wallet.becomes(new_key())
    expect(page.get_by_role("note")).to_contain_text("This account is not the node’s owner.")
    wallet.moves(ELSEWHERE)
    expect(page.get_by_text("The wallet is on chain 1.")).to_be_visible()
    page.evaluate("walletSays('accountsChanged', [])")
    expect(page.get_by_role("button", name="Connect")).to_be_visible()


def test_wallet_that_announces_itself_is_offered_by_its_name_and_obeyed_by_nobody(
    stage: Stage, watched: Watched
) -> None:
    page, wallet = watched.page, wallet_of(stage, stage.owner_key(stage.mine))
    shown(page, stage.dashboard, wallet, f"\u202e{HOSTILE[:40]}")
    expect(page.get_by_role("button", name="Connect")).to_have_text(f"Connect \\u{{202e}}{HOSTILE[:40]}")
    page.get_by_role("button", name="Connect").click()
    expect(claim_button(page)).to_be_enabled()
    assert "obeyed" not in page.title()


def elsewhere(claim: dict[str, Any]) -> None:
    claim["to"] = "0x" + "66" * 20


def with_coin(claim: dict[str, Any]) -> None:
    claim["value"] = "1"


def of_another_chain(claim: dict[str, Any]) -> None:
    claim["chain_id"] = ELSEWHERE


def of_another_function(claim: dict[str, Any]) -> None:
    claim["data"] = "0xa9059cbb" + claim["data"][10:]  # transfer of a token


def of_another_node(claim: dict[str, Any]) -> None:
    claim["data"] = claim["data"][:73] + "f" + claim["data"][74:]


@pytest.mark.parametrize("flip", [elsewhere, with_coin, of_another_chain, of_another_function, of_another_node])
def test_proposal_that_is_no_claim_of_the_node_never_reaches_the_wallet(
    stage: Stage, watched: Watched, flip: Callable[[dict[str, Any]], None]
) -> None:
    page, wallet = watched.page, wallet_of(stage, stage.owner_key(stage.mine))

    def cheat(route: Route) -> None:
        answer = route.fetch()
        claims = answer.json()
        flip(claims["transactions"][0])
        route.fulfill(response=answer, body=json.dumps(claims))

    page.route("**/v1/me/claim", cheat)
    connected(page, stage.dashboard, wallet)
    claim_button(page).click()
    expect(page.get_by_role("alert").filter(has_text="does not hand to a wallet")).to_be_visible()
    assert "eth_sendTransaction" not in wallet.asked
    assert "wallet_switchEthereumChain" not in wallet.asked
