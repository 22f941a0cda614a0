"""Addresses in the page: the checksum of EIP-55 against Python's, and what is said of what is no address."""

from __future__ import annotations

import random

import pytest
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak
from playwright.sync_api import Page
from tests.outside import needs_browser

from test_dashboard.dashboards import Watched

from .stage import Stage

pytestmark = needs_browser

MIXED = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
"""The first example of EIP-55."""


@pytest.fixture
def page(stage: Stage, watched: Watched) -> Page:
    watched.page.goto(stage.at("alerts"))
    return watched.page


KECCAK = "async (all) => all.map((await import('/assets/js/keccak.js')).keccakHex)"
CHECKSUMMED = "async (all) => all.map((await import('/assets/js/address.js')).checksummed)"


def test_keccak_of_texts_of_every_length_equals_that_of_python(page: Page) -> None:
    texts = ["x" * length for length in (*range(0, 140, 9), 135, 136, 137, 271, 272, 273)]
    assert page.evaluate(KECCAK, texts) == [keccak(text=one).hex() for one in texts]


def test_checksum_of_any_address_is_that_of_eip_55(page: Page) -> None:
    chance = random.Random(55)
    small = [f"0x{chance.getrandbits(160):040x}" for _ in range(200)]
    assert page.evaluate(CHECKSUMMED, small) == [str(to_checksum_address(one)) for one in small]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "Type an address"),
        ("vitalik.eth", "Names are not looked up"),
        ("5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "did you mean 0x5aAeb"),
        ("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe", "these are 39"),
        ("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAedA", "these are 41"),
        ("0x" + "0" * 64, "hash of a transaction"),
        ("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeg", '"g" is no hexadecimal digit'),
        ("0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "EIP-55 does not hold"),  # one letter's case is wrong
        ("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAee", "EIP-55 does not hold"),  # one digit is wrong
    ],
)
def test_lookup_of_wrong_text_says_what_is_wrong_and_stays(page: Page, typed: str, words: str) -> None:
    box = page.get_by_label("Look up an address")
    box.last.fill(typed)
    page.get_by_role("button", name="Look up").click()
    assert words in page.locator("#lookup-note").inner_text()
    assert page.url.endswith("#/alerts")


@pytest.mark.parametrize("typed", [MIXED, MIXED.lower(), f"0x{MIXED[2:].upper()}", f"  {MIXED} "])
def test_lookup_of_an_address_in_any_letters_leads_to_its_page(page: Page, typed: str) -> None:
    page.locator("#lookup-address").fill(typed)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/#/address/{MIXED.lower()}")
    assert page.locator(".whole-address code").inner_text() == MIXED
