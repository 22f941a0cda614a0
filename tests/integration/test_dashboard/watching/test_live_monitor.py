"""The page beside a real watch: a run's model, a chain that people pay on, and `anomalyhive monitor` between them."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import federations
import pytest
from command.chains import anvil
from eth_account import Account
from playwright.sync_api import Locator, Page, expect
from rawruns import raw
from tests.outside import needs_browser
from web3 import Web3

from anomalyhive.chain.rpc import connect, request
from anomalyhive.errors import AnomalyHiveError
from anomalyhive.monitor.reading import WatchReader
from anomalyhive.monitor.schema import FILE
from test_dashboard.dashboards import Watched, served

pytestmark = needs_browser

PAYER, FIRST, SECOND = (Account.from_key("0x" + digit * 64) for digit in "478")


@dataclass(frozen=True)
class Paid:
    """A chain that calls itself Ethereum."""

    web3: Web3
    url: str

    def pay(self, to: str, wei: int) -> None:
        """A payment in a block of its own."""
        made = {"chainId": 1, "gas": 21_000, "gasPrice": 2 * 10**9, "to": to, "value": wei}
        nonce = self.web3.eth.get_transaction_count(PAYER.address)
        signed = PAYER.sign_transaction({**made, "nonce": nonce})
        sent = self.web3.eth.send_raw_transaction(signed.raw_transaction)
        self.web3.eth.wait_for_transaction_receipt(sent, poll_latency=0.05)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run on raw transactions."""
    return federations.run(raw(), tmp_path_factory.mktemp("raw") / "run").folder


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[Paid]:
    """The chain, with coin for who pays and one payment."""
    with anvil(tmp_path, "--chain-id", "1") as url:
        made = Paid(connect(url), url)
        request(made.web3, "anvil_setBalance", [PAYER.address, hex(10**21)])
        made.pay(FIRST.address, 10**15)
        yield made


def followed(folder: Path) -> bool:
    """Whether the watch has come as far as the first payment."""
    if not (folder / FILE).exists():
        return False
    try:
        with WatchReader(folder) as reader:
            head = reader.head()
    except AnomalyHiveError:  # the file is being made
        return False
    return head is not None and head.number >= 1


@contextmanager
def monitored(chain: Paid, run: Path, folder: Path) -> Iterator[None]:
    """`anomalyhive monitor` from the chain's first block on, which calls whomever it sees; it has seen one payment."""
    command = [
        sys.executable,
        "-c",
        "from anomalyhive.cli import main; main()",
        "monitor",
        "--source",
        chain.url,
        "--run",
        run,
    ]
    options = ["--watch", folder, "--from", 0, "--threshold", 1, "--poll", 0.2]
    log = folder.with_suffix(".log")
    with log.open("w") as out, subprocess.Popen([*map(str, command), *map(str, options)], stdout=out) as process:
        try:
            while not followed(folder):
                assert process.poll() is None, log.read_text()
                time.sleep(0.1)
            yield
        finally:
            process.terminate()
            process.wait(60)


def test_alert_of_a_real_monitor_arrives_and_is_withdrawn_when_its_block_is_given_up(
    run: Path, chain: Paid, tmp_path: Path, watched: Watched
) -> None:
    page, folder = watched.page, tmp_path / "watch"
    with monitored(chain, run, folder), served("--run", run, "--watch", folder) as dashboard:
        page.goto(f"{dashboard.origin}/#/alerts")
        card = card_of(page, FIRST.address)
        expect(card.locator(".tag")).to_have_text("live")
        expect(card.locator(".reasons li").first).to_contain_text("of accounts")
        before = request(chain.web3, "evm_snapshot", [])
        chain.pay(SECOND.address, 10**17)
        page.get_by_role("button", name="1 new alert: show it").click()
        expect(card_of(page, SECOND.address).locator(".tag")).to_have_text("live")
        assert request(chain.web3, "evm_revert", [before]) is True
        chain.pay(FIRST.address, 10**16)
        request(chain.web3, "evm_mine", [])
        expect(card_of(page, SECOND.address).locator(".tag")).to_have_text("withdrawn")
        expect(card_of(page, SECOND.address).locator(".ended")).to_have_text("the chain gave up its block")
        expect(card.locator(".tag")).to_have_text("live")
        assert watched.complaints == []


def card_of(page: Page, address: str) -> Locator:
    """The alert about an address."""
    return page.locator(f".alert-card:has(a[href='#/address/{address.lower()}'])")
