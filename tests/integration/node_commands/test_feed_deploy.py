"""What a sponsor does to have a feed, through the command."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from anomalyhive.chain.create2 import PROXY
from anomalyhive.chain.feed import FeedClient
from anomalyhive.chain.feed_record import known_feeds, place_of

from .hives import TOKEN, Command, Made, make
from .watching import Watched, record_of

SHORT = ("--vote-seconds", 20_000, "--reveal-seconds", 30_000, "--bond", "9", "--vote-reward", "2")


def test_deploy_makes_a_feed_once_and_writes_it_down(command: Command, watched: Watched, sponsor: Made) -> None:
    hive = watched.play.hive
    shown = command("feed", "deploy", 1, *SHORT, "--home", sponsor.home).succeeded()
    (known,) = known_feeds(record_of(sponsor), sponsor.place.deployment)
    assert f"the feed of task 1 is at {known.address} now" in shown
    assert str(place_of(record_of(sponsor))) in shown
    feed = FeedClient(hive.web3, known.address)
    assert (feed.task(), feed.hive(), feed.rules()) == (1, hive.contracts.hive.address, known.rules)
    assert (known.rules.posts, known.rules.quorum, known.rules.bond) == (8, 3, 9 * TOKEN)
    assert feed.events(known.block, known.block)[0].name == "FeedCreated"
    height = hive.web3.eth.block_number
    again = command("feed", "deploy", 1, *SHORT, "--home", sponsor.home).succeeded()
    assert f"is at {known.address} already" in again
    assert hive.web3.eth.block_number == height
    assert len(known_feeds(record_of(sponsor), sponsor.place.deployment)) == 1
    command("feed", "status", "--home", sponsor.home).succeeded()
    command("feed", "deploy", 1, *SHORT, "--number", 1, "--home", sponsor.home).succeeded()
    _, second = known_feeds(record_of(sponsor), sponsor.place.deployment)
    assert second.rules == known.rules
    command("feed", "status", "--home", sponsor.home).refused(2, "which feed", known.address, second.address)


def test_deploy_by_a_wallet_elsewhere_prints_what_to_sign_and_finds_what_was_signed(
    command: Command, watched: Watched, tmp_path: Path
) -> None:
    hive = watched.play.hive
    paper = make(command, hive, tmp_path / "paper", "--owner", hive.deployer.address)
    shown = command("feed", "deploy", 1, *SHORT, "--home", paper.home).succeeded()
    data = re.search(r"data (0x[0-9a-f]+)", shown)
    assert data is not None
    assert f"to {PROXY}" in shown
    assert "call the same command again" in shown
    assert not place_of(record_of(paper)).exists()
    sent: Any = {"from": hive.web3.eth.accounts[0], "to": PROXY, "data": data[1]}
    hive.web3.eth.wait_for_transaction_receipt(hive.web3.eth.send_transaction(sent))
    assert "already" in command("feed", "deploy", 1, *SHORT, "--home", paper.home).succeeded()
    (known,) = known_feeds(record_of(paper), paper.place.deployment)
    assert known.block == hive.web3.eth.block_number


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--posts", 25), "--posts 25 is outside 1 to 24"),
        (("--quorum", 9), "--quorum 9 is outside 1 to 8"),
        (("--categories", 0), "--categories 0 is outside 1 to 255"),
        (("--longest-seconds", 0), "--longest-seconds 0 is outside"),
        (("--stand-seconds", 30 * 86_400 + 1), "--stand-seconds 2592001 is outside 0 to 2592000"),
        (("--vote-seconds", 31 * 86_400), "--vote-seconds 2678400 is outside"),
        (("--reveal-seconds", 0), "--reveal-seconds 0 is outside"),
        (("--vote-reward", "10"), "--vote-reward 10 tokens for each of 3 seats is more than --bond 25 tokens"),
        (("--min-stake", "1" + "0" * 12), "--min-stake 1,000,000,000,000 tokens is more than"),
        (("--reward", "1e3"), "--reward '1e3' is no amount"),
    ],
)
def test_deploy_under_a_rule_that_no_contract_takes_names_it(
    command: Command, watched: Watched, sponsor: Made, options: tuple[object, ...], words: str
) -> None:
    height = watched.play.hive.web3.eth.block_number
    command("feed", "deploy", 1, *options, "--home", sponsor.home).refused(2, words)
    assert watched.play.hive.web3.eth.block_number == height


def test_deploy_of_a_task_that_is_not_there_says_so(command: Command, sponsor: Made) -> None:
    command("feed", "deploy", 9, "--home", sponsor.home).refused(1, "UnknownTask")
