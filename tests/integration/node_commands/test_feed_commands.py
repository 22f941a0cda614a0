"""What sponsors, appellants, validators and owners of monitors do with a feed through the command."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from anomalyhive.chain.create2 import PROXY
from anomalyhive.chain.feed import FeedClient
from anomalyhive.chain.feed_record import known_feeds, place_of
from anomalyhive.chain.feed_views import Outcome
from anomalyhive.chain.rpc import request

from .hives import TOKEN, Command, Made, make
from .playing import Play
from .watching import FUNDS, RULES, Watched, sponsor_of, subject, undone, watch

SHORT = ("--vote-seconds", 20_000, "--reveal-seconds", 30_000, "--bond", "9", "--vote-reward", "2")


@pytest.fixture(scope="module")
def staffed(played: Play, tmp_path_factory: pytest.TempPathFactory) -> Watched:
    """A feed with two monitors at their posts."""
    return watch(played, tmp_path_factory.mktemp("monitors"))


@pytest.fixture
def watched(staffed: Watched) -> Iterator[Watched]:
    """The same; what happens meanwhile is taken back."""
    with undone(staffed):
        yield staffed


@pytest.fixture
def sponsor(command: Command, watched: Watched, tmp_path: Path) -> Made:
    """The home of the task's sponsor."""
    return sponsor_of(command, watched.play, tmp_path)


def on(watched: Watched, made: Made) -> tuple[object, ...]:
    """Options that name a home and the feed."""
    return "--home", made.home, "--feed", watched.feed.address


def record_of(made: Made) -> Path:
    """The deployment record of a home."""
    return made.place.config.deployment


# Sponsors


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


def test_fund_and_withdraw_move_what_they_say(command: Command, watched: Watched, sponsor: Made) -> None:
    shown = command("feed", "fund", "12.5", *on(watched, sponsor)).succeeded()
    assert "the feed has 62.5 tokens in escrow" in shown
    command("feed", "fund", "0", *on(watched, sponsor)).refused(2, "AMOUNT 0 tokens")
    command("feed", "withdraw", "63", *on(watched, sponsor)).refused(1, "62.5 tokens in escrow", "63 tokens")
    command("feed", "withdraw", "1", *on(watched, watched.monitors[0])).refused(1, "is sponsored by")
    command("feed", "withdraw", "2.5", *on(watched, sponsor)).succeeded()
    assert watched.feed.escrow() == 60 * TOKEN
    command("feed", "withdraw", *on(watched, sponsor)).succeeded()
    assert watched.feed.escrow() == 0
    command("feed", "fund", "1", *on(watched, watched.monitors[0])).refused(1, "has 0 tokens and is to give 1 tokens")


def test_status_shows_rules_money_posts_and_appeals(command: Command, watched: Watched, sponsor: Made) -> None:
    watched.say(1, 2)
    shown = command("feed", "status", *on(watched, sponsor)).succeeded()
    assert "2 monitors flag an address, of at most 3; stake: 1,000 tokens" in shown
    assert "escrow: 22 tokens; locked for alerts and votes: 28 tokens" in shown
    assert "2 of 3 posts are held" in shown
    first, second = (one.number for one in watched.monitors)
    assert re.search(rf"0 0x[0-9a-fA-F]{{40}} {first} 2 0 0 0 0 1 0x[0-9a-fA-F]{{40}} {second} 2 0 0 0 0", shown)
    read = json.loads(command("feed", "status", "--json", *on(watched, sponsor)).succeeded())
    assert (read["escrow"], read["locked"], read["task"]) == (str(22 * TOKEN), str(28 * TOKEN), 1)
    assert read["rules"]["reward"] == str(7 * TOKEN)
    assert [(one["node"], one["posted"], one["unclaimed"]) for one in read["posts"]] == [
        (first, 2, "0"), (second, 2, "0"),
    ]  # fmt: skip
    assert read["appeals"] == []


# Asking


def test_risk_and_alerts_say_what_the_monitors_say(command: Command, watched: Watched, sponsor: Made) -> None:
    watched.say(1)
    watched.say(2, posts=(0,))
    shown = command("feed", "risk", subject(1), *on(watched, sponsor)).succeeded()
    assert f"{subject(1)} is flagged" in shown
    assert "probability 80.00 %, category 2, model" in shown
    assert "live alerts: 2; 2 flag an address" in shown
    assert "is not flagged" in command("feed", "risk", subject(3).lower(), *on(watched, sponsor)).succeeded()
    read = json.loads(command("feed", "risk", subject(2), "--json", *on(watched, sponsor)).succeeded())
    assert (read["flagged"], read["probability"], read["monitors"]) == (False, 9_000, 1)
    assert [(one["post"], one["node"]) for one in read["alerts"]] == [(0, watched.monitors[0].number)]
    listed = command("feed", "alerts", *on(watched, sponsor)).succeeded()
    assert "addresses with live alerts: 2" in listed
    assert listed.index(subject(2)) < listed.index(subject(1))
    flagged = json.loads(command("feed", "alerts", "--flagged", "--json", *on(watched, sponsor)).succeeded())
    assert [(one["address"], one["monitors"]) for one in flagged] == [(subject(1), 2)]
    watched.pass_time(RULES.longest_seconds)
    assert "addresses with live alerts: 0" in command("feed", "alerts", *on(watched, sponsor)).succeeded()


@pytest.mark.parametrize(
    "address", ["0x12", "vitalik.eth", subject(1)[:-1] + "g", "0x" + subject(1)[2:].swapcase()], ids=len
)
def test_risk_of_what_is_no_address_names_it(command: Command, watched: Watched, sponsor: Made, address: str) -> None:
    command("feed", "risk", address, *on(watched, sponsor)).refused(2, "ADDRESS has", "no address")


def test_feed_that_is_none_or_is_not_known_is_refused(command: Command, watched: Watched, sponsor: Made) -> None:
    hive = watched.play.hive.contracts.hive.address
    command("feed", "status", "--home", sponsor.home, "--feed", hive).refused(1, "no AlertFeed of this version", hive)
    command("feed", "status", "--home", sponsor.home).refused(2, "which feed", "has none", "--feed")
    command("feed", "status", "--home", sponsor.home, "--feed", "0x1").refused(2, "--feed has '0x1'")
    place_of(record_of(sponsor)).write_text("{}")
    command("feed", "status", "--home", sponsor.home).refused(1, str(place_of(record_of(sponsor))))


def test_feed_whose_code_is_another_is_refused(command: Command, watched: Watched, sponsor: Made) -> None:
    web3 = watched.play.hive.web3
    code = bytearray(web3.eth.get_code(watched.feed.address))  # type: ignore[arg-type]
    code[4000] ^= 1
    request(web3, "anvil_setCode", [subject(9), "0x" + code.hex()])
    command("feed", "risk", subject(1), "--home", sponsor.home, "--feed", subject(9)).refused(
        1, f"{subject(9)} is no AlertFeed", "bytes of the code differ"
    )


# Monitors


def test_post_is_taken_refreshed_and_given_up(command: Command, watched: Watched) -> None:
    feed, (first, second) = watched.feed, watched.monitors
    assert f"node {first.number} is at post 0 already" in command("feed", "take-post", *on(watched, first)).succeeded()
    assert "give up post 0" in command("feed", "release-post", *on(watched, first)).succeeded()
    assert feed.post_of(first.number) is None
    command("feed", "release-post", *on(watched, first)).refused(1, "holds no post", "take-post")
    command("feed", "take-post", 1, *on(watched, first)).refused(1, "PostHeld")
    command("feed", "take-post", 2, *on(watched, first)).succeeded()
    assert feed.post_of(first.number) == 2
    command("feed", "release-post", *on(watched, first)).succeeded()
    assert "take post 0" in command("feed", "take-post", *on(watched, first)).succeeded()
    assert "tell post 0 of the operator" in command("feed", "refresh-post", *on(watched, first)).succeeded()
    command("feed", "free-post", 1, *on(watched, first)).refused(1, "NotFreeable")
    registry = watched.play.hive.contracts.registry
    second.owner.transact(registry.call("requestExit", second.number))
    assert "free post 1" in command("feed", "free-post", 1, *on(watched, first)).succeeded()
    assert feed.post(1).node == 0


def test_take_post_by_a_node_that_does_not_monitor_is_refused(command: Command, watched: Watched) -> None:
    command("feed", "take-post", *on(watched, watched.play.trainers[0])).refused(1, "takePost", "NotEligible")


def test_alerts_that_stood_are_settled_and_claimed_to_the_owner(command: Command, watched: Watched) -> None:
    feed, first, token = watched.feed, watched.monitors[0], watched.play.hive.contracts.token
    watched.say(1, 2)
    watched.say(3, posts=(0,))
    assert "that stood: 0, that did not: 0" in command("feed", "settle", *on(watched, first)).succeeded()
    assert "nothing to claim" in command("feed", "claim", *on(watched, first)).succeeded()
    watched.pass_time(RULES.stand_seconds + 1)
    shown = command("feed", "settle", *on(watched, first)).succeeded()
    assert f"settle alerts of node {first.number}: 3" in shown
    assert "alerts that stood: 2, that did not: 1 · to be claimed: 14 tokens" in shown
    before = token.balance(first.folder.owner_address())
    assert "14 tokens to 0x" in command("feed", "claim", *on(watched, first)).succeeded()
    assert token.balance(first.folder.owner_address()) - before == 14 * TOKEN
    assert feed.owed(watched.monitors[1].number) == 0


def test_retract_takes_the_nodes_alerts_back(command: Command, watched: Watched) -> None:
    first = watched.monitors[0]
    watched.say(1, 2)
    command("feed", "retract", subject(1), subject(3), *on(watched, first)).refused(1, f"no alert about {subject(3)}")
    assert (
        f"take back what post 0 said of {subject(1)}, {subject(2)}"
        in command("feed", "retract", subject(1), subject(2), *on(watched, first)).succeeded()
    )
    assert watched.feed.standing_of(first.number).retracted == 2
    assert not watched.feed.risk_of(subject(1)).flagged


# Appeals


def appealed(command: Command, watched: Watched, who: Made) -> None:
    """The sponsor appeals for subject 1, which two monitors have flagged."""
    watched.say(1)
    evidence = who.home / "evidence.txt"
    evidence.write_text("this address is an exchange's")
    shown = command("feed", "appeal", subject(1), "--evidence", evidence, *on(watched, who)).succeeded()
    assert "this is appeal 1: votes until" in shown


def test_appeal_is_voted_about_shown_and_decided_by_the_same_commands_again(
    command: Command, watched: Watched, sponsor: Made
) -> None:
    feed, validators = watched.feed, watched.play.validators
    appealed(command, watched, sponsor)
    command("feed", "vote", 2, "uphold", *on(watched, validators[0])).refused(1, "has no appeal 2", "feed status")
    command("feed", "decide", 2, *on(watched, sponsor)).refused(1, "has no appeal 2", "feed status")
    command("feed", "vote", 1, *on(watched, validators[0])).refused(2, "which side")
    command("feed", "vote", 1, "yes", *on(watched, validators[0])).refused(2, "'yes' is neither uphold")
    for made in validators[:2]:
        shown = command("feed", "vote", 1, "overturn", *on(watched, made)).succeeded()
        assert "unseen" in shown
        assert "call this again from" in shown
    # Too early to show; and it is not voted twice, nor changed.
    height = watched.play.hive.web3.eth.block_number
    assert "call this again from" in command("feed", "vote", 1, *on(watched, validators[0])).succeeded()
    command("feed", "vote", 1, "uphold", *on(watched, validators[0])).refused(2, "has committed to overturn")
    assert watched.play.hive.web3.eth.block_number == height
    command("feed", "decide", 1, *on(watched, sponsor)).refused(1, "can be decided from")
    status = command("feed", "status", *on(watched, sponsor)).succeeded()
    assert re.search(rf"1 {subject(1)} votes until [0-9 :-]+ UTC 2 0 0", status)
    watched.pass_time(RULES.vote_seconds)
    command("feed", "vote", 1, "uphold", *on(watched, validators[2])).refused(1, "were to be committed until")
    for made in validators[:2]:
        shown = command("feed", "vote", 1, *on(watched, made)).succeeded()
        assert "show the vote of seat" in shown
    assert "has shown its vote" in command("feed", "vote", 1, *on(watched, validators[0])).succeeded()
    watched.pass_time(RULES.reveal_seconds)
    assert "appeal 1 is overturned" in command("feed", "decide", 1, *on(watched, sponsor)).succeeded()
    assert "appeal 1 is overturned" in command("feed", "decide", 1, *on(watched, sponsor)).succeeded()
    assert "is decided: overturned" in command("feed", "vote", 1, *on(watched, validators[0])).succeeded()
    assert not feed.risk_of(subject(1)).flagged
    assert "9 tokens to" in command("feed", "bonds", *on(watched, sponsor)).succeeded()
    assert "no bond" in command("feed", "bonds", *on(watched, sponsor)).succeeded()
    assert "2 tokens to" in command("feed", "claim", *on(watched, validators[0])).succeeded()


def test_vote_that_was_committed_is_shown_though_the_journal_is_lost(
    command: Command, watched: Watched, sponsor: Made
) -> None:
    feed, made = watched.feed, watched.play.validators[0]
    appealed(command, watched, sponsor)
    command("feed", "vote", 1, "uphold", *on(watched, made)).succeeded()
    for file in made.home.glob("journal.sqlite*"):
        file.unlink()
    watched.pass_time(RULES.vote_seconds)
    assert "show the vote of seat 0: uphold" in command("feed", "vote", 1, *on(watched, made)).succeeded()
    assert feed.appeal_state(1).upholding == 1
    watched.pass_time(RULES.reveal_seconds)
    command("feed", "decide", 1, *on(watched, made)).succeeded()
    assert feed.appeal_state(1).outcome is Outcome.UNDECIDED


def test_vote_of_another_homes_salt_is_not_shown(command: Command, watched: Watched, sponsor: Made) -> None:
    feed, made, other = watched.feed, *watched.play.validators[:2]
    appealed(command, watched, sponsor)
    hidden = feed.vote_hash(1, 0, made.number, True, b"\x01" * 32)
    feed.commit_vote(made.operator, 1, 0, hidden)
    watched.pass_time(RULES.vote_seconds)
    command("feed", "vote", 1, *on(watched, made)).refused(1, "not made with the salt of this home")
    command("feed", "vote", 1, "uphold", *on(watched, other)).refused(1, "were to be committed until")


def test_vote_without_a_seat_is_refused(command: Command, watched: Watched, sponsor: Made) -> None:
    appealed(command, watched, sponsor)
    command("feed", "vote", 1, "uphold", *on(watched, watched.monitors[0])).refused(1, "holds no seat in task 1")
    command("feed", "vote", 7, "uphold", *on(watched, watched.play.validators[0])).refused(
        1, "has no appeal 7", "feed status"
    )


def test_appeal_that_cannot_be_is_refused_before_anything_is_approved(
    command: Command, watched: Watched, sponsor: Made
) -> None:
    height = watched.play.hive.web3.eth.block_number
    refused = command("feed", "appeal", subject(1), "--evidence", "0x" + "11" * 32, *on(watched, sponsor))
    refused.refused(1, f"{subject(1)} is not flagged")
    for evidence, words in (("00" * 32, "zeros"), ("nothing.txt", "neither a file nor a digest")):
        command("feed", "appeal", subject(1), "--evidence", evidence, *on(watched, sponsor)).refused(2, words)
    assert watched.play.hive.web3.eth.block_number == height
    appealed(command, watched, sponsor)
    again = command("feed", "appeal", subject(1), "--evidence", "11" * 32, *on(watched, sponsor))
    again.refused(1, f"appeal 1 about {subject(1)} is open")
    poor = watched.monitors[0]
    watched.say(2)
    short = command("feed", "appeal", subject(2), "--evidence", "11" * 32, *on(watched, poor))
    short.refused(1, "has 0 tokens and is to give 9 tokens")
    assert watched.feed.escrow() == FUNDS - 4 * RULES.reward - 3 * RULES.vote_reward
